"""The lines of a journal cut apart by table, so that each table reads its own rows and no others.

Cut and not parsed: what we write has its keys in one order, and inside of JSON's strings no key can
stand, for their quotes are escaped. A line in which the keys are not found goes to every table.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Self

_CRC_END: Final = 17  # where the comma behind the checksum is
_MARKS: Final = {
    "request": b',"request":{',
    "attempts": b',"attempts":[',
    "losses": b',"losses":[',
    "events": b',"events":[',
}
_EMPTY: Final = b"[]"
KEYS: Final = tuple(_MARKS)  # in a line; each has a file of its own


class Apart:
    """A file for each table of a journal, by the table's key in a line; gone once it is left."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.paths = {key: folder / f"{stem}.{key}.tmp" for key in _MARKS}
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        try:
            for key, path in self.paths.items():
                self._files[key] = path.open("wb")
        except OSError:
            self._remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def _remove(self) -> None:
        for path in self.paths.values():
            path.unlink(missing_ok=True)
        for file in self._files.values():
            with suppress(OSError):  # what a full disk did not take is not wanted any more
                file.close()

    def write(self, raw: bytes) -> None:
        """Take a whole line."""
        pieces = _pieces(raw)
        if not pieces:
            for file in self._files.values():
                file.write(raw)
        for key, piece in pieces:
            if not piece.endswith(_EMPTY):
                self._files[key].write(b"{%b}\n" % piece)

    def close(self) -> None:
        """Write out what is in buffers, so that all can be read; raises `OSError`."""
        for file in self._files.values():
            file.close()


def _pieces(raw: bytes) -> Sequence[tuple[str, bytes]]:
    """Return each key with its rows, as `"key":…`."""
    found = []
    at = _CRC_END
    for key, mark in _MARKS.items():
        start = raw.find(mark, at)
        if start >= 0:
            found.append((key, start + 1))
            at = start + len(mark)
    if not found:
        return []
    ends = [start - 1 for _, start in found[1:]] + [len(raw) - len(b"}\n")]
    return [(key, raw[start:end]) for (key, start), end in zip(found, ends, strict=True)]
