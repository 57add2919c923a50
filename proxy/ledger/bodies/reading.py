"""Reads stored bodies back, one segment after the other."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from proxy.errors import LedgerRefused
from proxy.ledger.bodies.frame import unpacked
from proxy.ledger.bodies.segment import MAX_RECENT, Frame, Line
from proxy.ledger.folder import JOURNALS, Folder
from proxy.ledger.line import is_sound
from proxy.record.bodies import BodyRow

_TRIES: Final = 5
_decoder = msgspec.json.Decoder(Line)


class Shelf:
    """One segment, as it was when it was opened; `rows` are in the order they were written.

    Raises:
        OSError: It cannot be read.
    """

    def __init__(self, index: Path) -> None:
        self.index = index
        self.rows: list[BodyRow] = []
        self.damaged = 0
        self.frames: Path | None = None
        self._places: dict[str, Frame] = {}
        self._recent: dict[str, bytes] = {}  # the next body most often needs one of these
        self._fd = -1
        self._open()

    def content(self, name: str) -> bytes:
        """Return the body with that hash.

        Raises:
            LedgerRefused: It is damaged.
            OSError: It cannot be read.
        """
        chain: list[str] = []
        wanted: str | None = name
        while wanted is not None and wanted not in self._recent:
            if wanted in chain or wanted not in self._places:
                raise LedgerRefused(f"{self.index} is damaged: it has no body {wanted}")
            chain.append(wanted)
            wanted = self._places[wanted].base
        content = None if wanted is None else self._recent[wanted]
        for one in reversed(chain):
            frame = self._places[one]
            content = unpacked(os.pread(self._fd, frame.bytes, frame.at), content)
        if content is None:
            raise LedgerRefused(f"{self.index} is damaged: it has no body {name}")
        self._recent.pop(name, None)
        self._recent[name] = content
        while len(self._recent) > 2 * MAX_RECENT:
            del self._recent[next(iter(self._recent))]
        return content

    def close(self) -> None:
        """Let the file go."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> None:
        """Open the frames that the index names; while a segment is replaced it names others."""
        for attempt in range(_TRIES):
            self._read_index()
            if self.frames is None:
                return
            try:
                self._fd = os.open(self.frames, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                if attempt == _TRIES - 1:
                    raise
            else:
                return

    def _read_index(self) -> None:
        self.rows, self.damaged, self._places = [], 0, {}
        for raw in self.index.read_bytes().splitlines(keepends=True):
            if not raw.endswith(b"\n"):
                break  # torn: its writer died in it, or is writing it
            line = _read(raw[:-1])
            if line is None:
                self.damaged += raw != b"\n"
                continue
            if line.segment is not None:
                self.frames = self.index.parent / Path(line.segment.frames).name
            if line.body is not None:
                self.rows.append(line.body)
                if line.frame is not None:
                    self._places[line.body.hash] = line.frame


def shelves(folder: Folder) -> Iterator[Shelf]:
    """Open every segment, the oldest first, and close it after use; one that has gone is passed."""
    for index in sorted(folder.bodies.glob(JOURNALS)):
        try:
            shelf = Shelf(index)
        except FileNotFoundError:
            continue
        try:
            yield shelf
        finally:
            shelf.close()


def _read(raw: bytes) -> Line | None:
    if not is_sound(raw):
        return None
    try:
        return _decoder.decode(raw)
    except msgspec.MsgspecError:
        return None
