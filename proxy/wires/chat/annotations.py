"""Annotations of a message: its content is one text, and they count in it."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Raw

from proxy.canonical.citing import source, spanned
from proxy.canonical.parts import Citation
from proxy.canonical.request import Loss
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.wire import decoded

PATH = "choices[0].message.annotations"


class _UrlCitation(msgspec.Struct):
    """A page; `content` is what OpenRouter quotes of it."""

    url: str | None = None
    title: str | None = None
    content: str | None = None
    start_index: float | None = None
    end_index: float | None = None


class _Annotation(msgspec.Struct):
    """An annotation of any kind."""

    type: str | None = None
    url_citation: _UrlCitation | None = None


class UrlCitationOut(msgspec.Struct):
    """A page, and which part of the content has it."""

    start_index: int
    end_index: int
    title: str
    url: str


class AnnotationOut(msgspec.Struct, tag_field="type", tag="url_citation"):
    """The one kind there is."""

    url_citation: UrlCitationOut


_list = msgspec.json.Decoder(list[Raw])
_annotation = msgspec.json.Decoder(_Annotation)


def read_annotations(raw: Raw, skipped: Skipped) -> list[Citation]:
    """Return the citations of a message or a delta, counted in its whole content."""
    found = decoded(_list, raw)
    if found is None:
        skipped.note(PATH, "annotations", UNKNOWN_SHAPE)
    read = (_read(one, skipped) for one in found or ())
    return [citation for citation in read if citation is not None]


def _read(raw: Raw, skipped: Skipped) -> Citation | None:
    annotation = decoded(_annotation, raw)
    if annotation is None or annotation.url_citation is None:
        kind = annotation.type if annotation is not None else None
        skipped.note(PATH, kind or "annotation", UNKNOWN_SHAPE)
        return None
    said = annotation.url_citation
    found = source(said.url, said.title, said.content, (said.start_index, said.end_index))
    if found is None:
        skipped.note(PATH, "url_citation", "it names no source")
    return found


def write_annotations(
    citations: Mapping[int, Sequence[Citation]], spans: Mapping[int, tuple[int, int]]
) -> list[AnnotationOut]:
    """Return what cites each text; `spans` says where in the content they begin and end."""
    return [
        _written(citation, spans[index])
        for index, cited in sorted(citations.items())
        for citation in cited
        if citation.url is not None
    ]


def _written(citation: Citation, span: tuple[int, int]) -> AnnotationOut:
    begin, end = span
    start, stop = spanned(citation, end - begin)
    said = UrlCitationOut(begin + start, begin + stop, citation.title or "", citation.url or "")
    return AnnotationOut(said)


def lost_of(citations: Sequence[Citation], index: int) -> list[Loss]:
    """Return what annotations cannot say of the citations of text `index`."""
    path = f"parts[{index}].citations"
    losses = []
    if any(one.url is None for one in citations):
        losses.append(Loss(path, "citation", "this wire cites nothing without a URL"))
    if any(one.quote is not None and one.url is not None for one in citations):
        losses.append(Loss(path, "quote", "this wire does not quote its sources"))
    return losses
