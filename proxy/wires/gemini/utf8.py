"""Places in a text: this wire counts bytes of UTF-8, the middle counts characters."""

from bisect import bisect_right
from itertools import accumulate


class Utf8:
    """One text, in both counts; what is beyond its end is its end."""

    def __init__(self, text: str) -> None:
        self._chars = len(text)
        # Where each character begins, and the end; a text that is all ASCII needs no such list.
        lengths = () if text.isascii() else (len(char.encode()) for char in text)
        self._begins = [*accumulate(lengths, initial=0)]

    @property
    def length(self) -> int:
        """The number of bytes."""
        return max(self._begins[-1], self._chars)

    def chars(self, place_bytes: int) -> int:
        """Return the character in which a byte is, or that begins there."""
        if len(self._begins) == 1:
            return min(place_bytes, self._chars)
        return bisect_right(self._begins, place_bytes) - 1

    def bytes(self, place: int) -> int:
        """Return the byte with which a character begins."""
        place = min(place, self._chars)
        return place if len(self._begins) == 1 else self._begins[place]
