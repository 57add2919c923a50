"""What cites the texts that are written: grounding, told once, with the last piece.

Texts in a row are one part to clients of this wire, as the pieces of a stream are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from proxy.canonical.citing import spanned
from proxy.canonical.parts import Citation
from proxy.canonical.request import Loss
from proxy.wires.gemini.spoken import SpokenPart
from proxy.wires.gemini.utf8 import Utf8


class SourceOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A page or a document; `text` is what is quoted of it."""

    uri: str | None = None
    title: str | None = None
    text: str | None = None


class ChunkOut(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One source, of one kind."""

    web: SourceOut | None = None
    retrieved_context: SourceOut | None = None


class SegmentOut(msgspec.Struct, rename="camel", omit_defaults=True):
    """Which bytes of which part."""

    end_index: int
    start_index: int = 0
    part_index: int = 0
    text: str | None = None


class SupportOut(msgspec.Struct, rename="camel"):
    """What has which sources."""

    segment: SegmentOut
    grounding_chunk_indices: list[int]


class GroundingOut(msgspec.Struct, rename="camel"):
    """All sources."""

    grounding_chunks: list[ChunkOut]
    grounding_supports: list[SupportOut]


@dataclass(slots=True)
class _Run:
    """Texts in a row, which are the part `place`."""

    place: int
    texts: list[str] = field(default_factory=list)
    chars: int = 0


@dataclass(slots=True)
class _Written:
    """One text, and where in its run it begins."""

    run: _Run
    begin: int
    chars: int = 0


class Sources:
    """Notes what is written, and what cites it."""

    def __init__(self) -> None:
        self._places = 0
        self._open: str | None = None  # what goes on, if the next piece is of the same kind
        self._run = _Run(0)
        self._texts: dict[int, _Written] = {}
        self._citations: dict[int, list[Citation]] = {}

    def said(self, index: int, spoken: SpokenPart) -> None:
        """Note that `spoken` was written of part `index`, or all of it."""
        kind = None if spoken.text is None else "thought" if spoken.thought else "text"
        alone = kind == "text" and not spoken.text
        if kind is None or kind != self._open or alone:
            self._run = _Run(self._places)
            self._places += 1
        self._open = None if spoken.thought_signature else kind
        if kind != "text" or spoken.text is None:
            return
        written = self._texts.get(index)
        if written is None:
            written = self._texts[index] = _Written(self._run, self._run.chars)
        chars = len(spoken.text)
        self._run.texts.append(spoken.text)
        self._run.chars += chars
        written.chars += chars

    def cite(self, index: int, *citations: Citation) -> None:
        """Note what cites text `index`."""
        if citations:
            self._citations.setdefault(index, []).extend(citations)

    def grounding(self, losses: list[Loss]) -> GroundingOut | None:
        """Return all that cites the texts; `None` if nothing does."""
        written = _Grounding()
        for index, citations in sorted(self._citations.items()):
            text = self._texts.get(index)
            losses += _lost_of(citations, f"parts[{index}].citations", said=text is not None)
            for citation in citations:
                if text is not None:
                    written.add(citation, text)
        return written.whole()


class _Grounding:
    """Grounding as it is put together: a source is told once, however much it grounds."""

    def __init__(self) -> None:
        self._numbers: dict[ChunkOut, int] = {}
        self._supports: list[SupportOut] = []
        self._runs: dict[int, tuple[str, Utf8]] = {}

    def add(self, citation: Citation, written: _Written) -> None:
        run = written.run
        if run.place not in self._runs:
            joined = "".join(run.texts)
            self._runs[run.place] = (joined, Utf8(joined))
        text, places = self._runs[run.place]
        start, end = (written.begin + place for place in spanned(citation, written.chars))
        segment = SegmentOut(
            start_index=places.bytes(start),
            end_index=places.bytes(end),
            part_index=run.place,
            text=text[start:end],
        )
        number = self._numbers.setdefault(_chunk(citation), len(self._numbers))
        if self._supports and self._supports[-1].segment == segment:
            self._supports[-1].grounding_chunk_indices.append(number)
        else:
            self._supports.append(SupportOut(segment, [number]))

    def whole(self) -> GroundingOut | None:
        return GroundingOut([*self._numbers], self._supports) if self._supports else None


def _chunk(citation: Citation) -> ChunkOut:
    if citation.url is not None:
        return ChunkOut(web=SourceOut(uri=citation.url, title=citation.title))
    return ChunkOut(retrieved_context=SourceOut(title=citation.title, text=citation.quote))


def _lost_of(citations: Sequence[Citation], path: str, *, said: bool) -> list[Loss]:
    if not said:
        return [Loss(path, "citations", "their text is empty")]
    if any(one.url is not None and one.quote is not None for one in citations):
        return [Loss(path, "quote", "pages are not quoted here")]
    return []
