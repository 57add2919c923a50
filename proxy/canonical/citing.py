"""Where in an answer a citation stands: here in one text, on some wires in all of them in a row."""

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from proxy.canonical.answer import Cited
from proxy.canonical.parts import Citation


class Row:
    """The texts of an answer, one behind the other, as a wire counts that knows one text only."""

    def __init__(self) -> None:
        self._indexes: list[int] = []
        self._places: dict[int, int] = {}
        self._begins: list[int] = []
        self._chars = 0

    def began(self, index: int) -> None:
        """Note that text `index` begins, behind all that was said."""
        self._places[index] = len(self._indexes)
        self._indexes.append(index)
        self._begins.append(self._chars)

    def said(self, text: str) -> None:
        """Note that the last one goes on."""
        self._chars += len(text)

    def span(self, index: int) -> tuple[int, int]:
        """Return where text `index` begins and ends in the row."""
        place = self._places[index]
        return self._begins[place], self._end(place)

    def placed(self, citation: Citation) -> Cited | None:
        """Return `citation`, which counts in the row, in its text; `None` if there is no text."""
        if not self._indexes:
            return None
        start, end = citation.start, citation.end
        place = len(self._begins) - 1
        if start is not None:
            place = max(bisect_right(self._begins, start) - 1, 0)
            begin = self._begins[place]
            if end is not None:
                is_last = place + 1 == len(self._begins)
                end = (end if is_last else min(end, self._end(place))) - begin
            start -= begin
        own = msgspec.structs.replace(citation, start=start, end=end)
        return Cited(index=self._indexes[place], citation=own)

    def _end(self, place: int) -> int:
        """Return where the text at `place` ends: where the next one begins, if there is one."""
        behind = place + 1
        return self._begins[behind] if behind < len(self._begins) else self._chars


def source(
    url: str | None,
    title: str | None,
    quote: str | None = None,
    span: tuple[float | None, float | None] = (None, None),
) -> Citation | None:
    """Return the citation, `None` if it names no source; a span that is none is left out."""
    if not (url or title or quote):
        return None
    start, end = span
    if start is None or end is None or not 0 <= start <= end < 2**53:
        return Citation(url=url or None, title=title or None, quote=quote or None)
    return Citation(
        url=url or None, title=title or None, quote=quote or None, start=int(start), end=int(end)
    )


def spanned(citation: Citation, chars: int) -> tuple[int, int]:
    """Return which part of a text of so many `chars` is meant."""
    if citation.start is None or citation.end is None:
        return 0, chars
    return citation.start, citation.end


def is_whole(citations: Sequence[Citation], chars: int) -> bool:
    """Say whether all of them are of the whole text."""
    return all(spanned(one, chars)[0] == 0 and spanned(one, chars)[1] >= chars for one in citations)
