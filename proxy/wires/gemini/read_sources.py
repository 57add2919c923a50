"""What cites the texts of an answer: grounding, and the older citation metadata.

A segment counts bytes from the beginning of a part, which most answers do not name: then it is
that of all texts in a row.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import msgspec

from proxy.canonical.answer import Cited
from proxy.canonical.citing import source
from proxy.canonical.skipped import NO_TEXT, UNKNOWN_SHAPE, Skipped
from proxy.wire import decoded, note_others
from proxy.wires.gemini.utf8 import Utf8

GROUNDING, CITATIONS = "candidates[0].groundingMetadata", "candidates[0].citationMetadata"


class _Place(msgspec.Struct, rename="camel"):
    """A source of any kind: `source_uri` is an image's."""

    uri: str | None = None
    source_uri: str | None = None
    title: str | None = None
    text: str | None = None


class _Chunk(msgspec.Struct, rename="camel"):
    """One source; which key it has is its kind."""

    web: msgspec.Raw = msgspec.Raw()
    maps: msgspec.Raw = msgspec.Raw()
    retrieved_context: msgspec.Raw = msgspec.Raw()
    image: msgspec.Raw = msgspec.Raw()


class _Segment(msgspec.Struct, rename="camel"):
    start_index: int = 0
    end_index: int | None = None
    part_index: int = 0


class _Support(msgspec.Struct, rename="camel"):
    segment: _Segment | None = None
    grounding_chunk_indices: list[int] | None = None


class _Grounding(msgspec.Struct, rename="camel"):
    grounding_chunks: list[msgspec.Raw] | None = None
    grounding_supports: list[msgspec.Raw] | None = None


class _Citation(msgspec.Struct, rename="camel"):
    uri: str | None = None
    title: str | None = None
    start_index: int = 0
    end_index: int | None = None


class _Citations(msgspec.Struct, rename="camel"):
    """Citations; the second key is that of the older API."""

    citations: list[msgspec.Raw] | None = None
    citation_sources: list[msgspec.Raw] | None = None


_grounding = msgspec.json.Decoder(_Grounding)
_chunk = msgspec.json.Decoder(_Chunk)
_place = msgspec.json.Decoder(_Place)
_support = msgspec.json.Decoder(_Support)
_citations = msgspec.json.Decoder(_Citations)
_citation = msgspec.json.Decoder(_Citation)

_KNOWN = {"groundingChunks", "groundingSupports"}
_KNOWN_OF_SUPPORT = {"segment", "groundingChunkIndices"}
_KNOWN_OF_PLACE = {"uri", "sourceUri", "title", "text"}
_KNOWN_OF_CITATION = {"uri", "title", "startIndex", "endIndex"}


class Texts:
    """The texts of an answer by their parts' indexes, in which bytes are looked up."""

    def __init__(self, texts: Sequence[tuple[int, str]]) -> None:
        self._indexes = [index for index, _ in texts]
        self._places = {index: place for place, index in enumerate(self._indexes)}
        self._texts = [Utf8(text) for _, text in texts]
        self._begins = [*accumulate((text.length for text in self._texts), initial=0)]

    def __bool__(self) -> bool:
        return bool(self._texts)

    def whole(self) -> tuple[int, None, None]:
        """Return the last text, without a place in it."""
        return self._indexes[-1], None, None

    def placed(self, segment: _Segment) -> tuple[int, int | None, int | None]:
        """Return the text that is meant, and which of its characters."""
        start, end = segment.start_index, segment.end_index
        if end is None or not 0 <= start <= end:
            return self.whole()
        place = self._places.get(segment.part_index, -1)
        if place < 0 or end > self._texts[place].length:
            last = len(self._texts) - 1
            place = min(bisect_right(self._begins, start, hi=last + 1) - 1, last)
            start, end = start - self._begins[place], end - self._begins[place]
        text = self._texts[place]
        return self._indexes[place], text.chars(start), text.chars(end)


def read_grounding(raw: msgspec.Raw, texts: Texts, skipped: Skipped) -> Iterator[Cited]:
    """Yield what grounds the `texts`; what of it cannot be carried is noted."""
    note_others(raw, _KNOWN, GROUNDING, skipped)
    grounding = decoded(_grounding, raw)
    if grounding is None:
        skipped.note(GROUNDING, "groundingMetadata", UNKNOWN_SHAPE)
        return
    chunks = [_read_chunk(one, skipped) for one in grounding.grounding_chunks or ()]
    if chunks and not texts:
        skipped.note(GROUNDING, "groundingChunks", NO_TEXT)
        return
    used: set[int] = set()
    for one in grounding.grounding_supports or ():
        support = _read_support(one, skipped)
        place = texts.placed(support.segment or _Segment()) if texts else None
        for number in support.grounding_chunk_indices or ():
            if place is not None and 0 <= number < len(chunks):
                used.add(number)
                yield from _cited(chunks[number], place, GROUNDING, skipped)
    for number, chunk in enumerate(chunks):
        if number not in used:
            yield from _cited(chunk, texts.whole(), GROUNDING, skipped)


def read_citations(raw: msgspec.Raw, texts: Texts, skipped: Skipped) -> Iterator[Cited]:
    """Yield what the `texts` quote; what of it cannot be carried is noted."""
    found = decoded(_citations, raw) or _Citations()
    for one in found.citations or found.citation_sources or ():
        note_others(one, _KNOWN_OF_CITATION, f"{CITATIONS}.citations", skipped)
        citation = decoded(_citation, one) or _Citation()
        if not texts:
            skipped.note(CITATIONS, "citations", NO_TEXT)
            continue
        segment = _Segment(start_index=citation.start_index, end_index=citation.end_index)
        place = _Place(uri=citation.uri, title=citation.title)
        yield from _cited(place, texts.placed(segment), CITATIONS, skipped)


def _read_chunk(raw: msgspec.Raw, skipped: Skipped) -> _Place:
    chunk = decoded(_chunk, raw) or _Chunk()
    held = chunk.web or chunk.retrieved_context or chunk.maps or chunk.image
    note_others(held, _KNOWN_OF_PLACE, f"{GROUNDING}.groundingChunks", skipped)
    return decoded(_place, held) or _Place()


def _read_support(raw: msgspec.Raw, skipped: Skipped) -> _Support:
    note_others(raw, _KNOWN_OF_SUPPORT, f"{GROUNDING}.groundingSupports", skipped)
    support = decoded(_support, raw)
    if support is None:
        skipped.note(GROUNDING, "groundingSupports", UNKNOWN_SHAPE)
    return support or _Support()


def _cited(
    place: _Place,
    where: tuple[int, int | None, int | None],
    path: str,
    skipped: Skipped,
) -> Iterator[Cited]:
    index, start, end = where
    citation = source(place.uri or place.source_uri, place.title, place.text, (start, end))
    if citation is None:
        skipped.note(path, "citation", "it names no source")
    else:
        yield Cited(index=index, citation=citation)
