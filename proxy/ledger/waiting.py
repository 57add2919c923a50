"""Lines that could not be written, in memory, in their order and up to a bound."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

_ALL, _OF_NEW = 4, 3  # parts of the bound: the last is for the ends of what has begun
_LINE_BYTES: Final = 128  # what Python needs beside the bytes of a line


class Waiting:
    """A buffer of at most `max_bytes`; `rows` of its lines are exchanges, the others beginnings."""

    def __init__(self, max_bytes: int) -> None:
        self.bytes = 0
        self.rows = 0
        self._max_bytes = max_bytes
        self.lines: deque[tuple[bytes, bool]] = deque()

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for what begins now."""
        return self.bytes * _ALL >= self._max_bytes * _OF_NEW

    def add(self, line: bytes, *, is_row: bool) -> bool:
        """Take a line; `False` if there is no room for it."""
        taken_bytes = len(line) + _LINE_BYTES
        part = _ALL if is_row else _OF_NEW
        if (self.bytes + taken_bytes) * _ALL > self._max_bytes * part:
            return False
        self.lines.append((line, is_row))
        self.bytes += taken_bytes
        self.rows += is_row
        return True

    def first(self, max_bytes: int) -> Sequence[bytes]:
        """Return the lines that have waited longest: one, and more of them up to a size."""
        found: list[bytes] = []
        size = 0
        for line, _ in islice(self.lines, max(1, max_bytes // _LINE_BYTES)):
            size += len(line)
            if found and size > max_bytes:
                break
            found.append(line)
        return found

    def leave(self, count: int) -> None:
        """Forget so many of the first lines: they are written."""
        for _ in range(count):
            line, is_row = self.lines.popleft()
            self.bytes -= len(line) + _LINE_BYTES
            self.rows -= is_row
