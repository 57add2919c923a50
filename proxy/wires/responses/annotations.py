"""Annotations of an output text, which count in that text."""

from collections.abc import Sequence

import msgspec

from proxy.canonical.citing import source, spanned
from proxy.canonical.parts import Citation
from proxy.canonical.request import Loss
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.wire import EMPTY, decoded
from proxy.wires.responses.outgoing import Annotation, FileCitation, UrlCitation

_IDS = ("file_id", "container_id")


class _Annotation(msgspec.Struct):
    """An annotation of any kind; the ids are of files that the vendor stores."""

    type: str | None = None
    url: str | None = None
    title: str | None = None
    filename: str | None = None
    start_index: float | None = None
    end_index: float | None = None
    index: float | None = None
    file_id: msgspec.Raw = msgspec.Raw()
    container_id: msgspec.Raw = msgspec.Raw()


_annotation = msgspec.json.Decoder(_Annotation)


def read_annotations(
    raws: Sequence[msgspec.Raw], path: str, skipped: Skipped
) -> tuple[Citation, ...]:
    """Return what cites a text; what of it cannot be carried is noted."""
    found = (read_annotation(raw, path, skipped) for raw in raws)
    return tuple(citation for citation in found if citation is not None)


def read_annotation(raw: msgspec.Raw, path: str, skipped: Skipped) -> Citation | None:
    """Return one citation; `None`, and a note, if it names no source that can be known."""
    said = decoded(_annotation, raw)
    if said is None:
        skipped.note(path, "annotation", UNKNOWN_SHAPE)
        return None
    # A file's `index` is where its mark belongs; of a `file_path` it is a place among the files.
    place = (said.index, said.index) if said.type == "file_citation" else (None, None)
    span = place if said.start_index is None else (said.start_index, said.end_index)
    found = source(said.url, said.title or said.filename, span=span)
    if found is None:
        skipped.note(path, said.type or "annotation", "it names no source")
        return None
    for key in _IDS:
        if bytes(getattr(said, key)) not in EMPTY:
            skipped.note(path, key, "the file is known to its own provider alone")
    return found


def write_annotations(citations: Sequence[Citation], chars: int) -> list[Annotation]:
    """Return what cites a text of so many `chars`."""
    written: list[Annotation] = []
    for citation in citations:
        start, end = spanned(citation, chars)
        if citation.url is not None:
            title = citation.title or ""
            cited = UrlCitation(url=citation.url, title=title, start_index=start, end_index=end)
            written.append(cited)
        elif citation.title is not None:
            written.append(FileCitation(filename=citation.title, index=end))
    return written


def lost_of(citations: Sequence[Citation], index: int) -> list[Loss]:
    """Return what annotations cannot say of the citations of text `index`."""
    path = f"parts[{index}].citations"
    losses = []
    if any(one.url is None and one.title is None for one in citations):
        losses.append(Loss(path, "citation", "this wire cites nothing without a name"))
    if any(one.quote is not None and (one.url or one.title) for one in citations):
        losses.append(Loss(path, "quote", "this wire does not quote its sources"))
    return losses
