"""Citations of a text block: the whole block has the source, and none says where in the block."""

import msgspec

from proxy.canonical.citing import is_whole, source
from proxy.canonical.envelope import MARK
from proxy.canonical.parts import Citation
from proxy.canonical.request import Loss
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.wire import EMPTY, decoded

_WEB = "web_search_result_location"
_KEPT_BACK = ("encrypted_index", "file_id")
_NOTHING = EMPTY | {f'"{MARK}"'.encode()}  # ours holds nothing


class _Location(msgspec.Struct):
    """A citation of any kind; the last ones mean something to this vendor alone."""

    type: str = ""
    cited_text: str | None = None
    url: str | None = None
    source: str | None = None
    title: str | None = None
    document_title: str | None = None
    encrypted_index: msgspec.Raw = msgspec.Raw()
    file_id: msgspec.Raw = msgspec.Raw()


class WebOut(msgspec.Struct, tag_field="type", tag=_WEB, kw_only=True):
    """A page; clients want an index, which only the vendor could make."""

    cited_text: str
    url: str
    title: str | None
    encrypted_index: str = MARK  # so that it is known as ours when it comes back


class DocumentOut(msgspec.Struct, tag_field="type", tag="char_location", kw_only=True):
    """A document; clients want numbers, and here the unknown is 0."""

    cited_text: str
    document_index: int = 0
    document_title: str | None
    start_char_index: int = 0
    end_char_index: int = 0


CitationOut = WebOut | DocumentOut

_location = msgspec.json.Decoder(_Location)
_locations = msgspec.json.Decoder(list[msgspec.Raw])


def read_citations(raw: msgspec.Raw, path: str, skipped: Skipped) -> tuple[Citation, ...]:
    """Return the citations in the list `raw`; what of them cannot be carried is noted."""
    if bytes(raw) in EMPTY:
        return ()
    found = decoded(_locations, raw)
    if found is None:
        skipped.note(path, "citations", UNKNOWN_SHAPE)
        return ()
    read = (read_citation(one, path, skipped) for one in found)
    return tuple(one for one in read if one is not None)


def read_citation(raw: msgspec.Raw, path: str, skipped: Skipped) -> Citation | None:
    """Return one citation; `None`, and a note, if it names no source that can be known."""
    location = decoded(_location, raw)
    if location is None:
        skipped.note(path, "citation", UNKNOWN_SHAPE)
        return None
    named = location.source or ""
    is_url = "://" in named
    title = location.title or location.document_title or (None if is_url else named)
    url = location.url or (named if is_url else None)
    found = source(url, title, location.cited_text)
    if found is None:
        skipped.note(path, location.type or "citation", "it names no source")
        return None
    if location.type != _WEB:
        skipped.note(path, location.type, "its place in the source is not carried")
    for key in _KEPT_BACK:
        if bytes(getattr(location, key)) not in _NOTHING:
            skipped.note(path, key, "only this vendor can read it")
    return found


def write_citation(citation: Citation) -> CitationOut:
    """Return `citation` as clients know it."""
    quote = citation.quote or ""
    if citation.url is not None:
        return WebOut(cited_text=quote, url=citation.url, title=citation.title)
    return DocumentOut(cited_text=quote, document_title=citation.title)


def lost_places(citations: tuple[Citation, ...], chars: int, path: str) -> list[Loss]:
    """Return what blocks cannot say of the citations of a text of so many `chars`."""
    if is_whole(citations, chars):
        return []
    return [Loss(f"{path}.citations", "place", "a block is cited as a whole")]


def lost_citations(path: str, why: str) -> Loss:
    """Return the loss of all citations of a text."""
    return Loss(f"{path}.citations", "citations", why)
