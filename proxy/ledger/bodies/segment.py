"""What one process has stored: an index in lines, and the bodies as frames in a file beside it.

    <stem>.jsonl        {"crc":…,"segment":{…}} first, then {"crc":…,"body":{…},"frame":{…}} each
    <stem>.<n>.frames   frames, one after the other; which file it is, the first line says

A line is written after its frame, and has none where the same content has been stored before. Its
writer holds the lock of the index. A segment needs no other one: it can be removed alone.
"""

import os
from dataclasses import dataclass, field
from typing import Final

import msgspec

from proxy.ledger.bodies.frame import hashed, packed
from proxy.ledger.bodies.likeness import most_alike
from proxy.ledger.folder import Folder
from proxy.ledger.line import framed
from proxy.ledger.live_file import LiveFile
from proxy.record.bodies import Body, BodyRow

MAX_RECENT: Final = 8
MAX_RECENT_BYTES: Final = 32 << 20
MAX_DEPTH: Final = 200  # frames that must be read for one body


class Head(msgspec.Struct, frozen=True):
    """The first line: where the frames are."""

    frames: str


class Frame(msgspec.Struct, frozen=True):
    """Where a body lies, and the hash of the one that is its dictionary."""

    at: int
    bytes: int
    base: str | None = None


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an index, whichever it is."""

    segment: Head | None = None
    body: BodyRow | None = None
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class _Recent:
    hash: str
    content: bytes = field(repr=False)
    depth: int  # frames below it


class Segment:
    """A segment that is being written; `add` in one thread only.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, folder: Folder, stem: str, secret: bytes, generation: int = 0) -> None:
        name = f"{stem}.{generation}.frames"
        suffix = ".jsonl" if generation == 0 else f".{generation}.tmp"  # until it replaces one
        self.index = folder.bodies / f"{stem}{suffix}"
        self._secret = secret
        self._lines = LiveFile(self.index, _framed(Line(Head(name))))
        try:
            self._frames = LiveFile(folder.bodies / name, b"")
        except OSError:
            os.close(self._lines.fd)
            raise
        self._known: set[str] = set()
        self._recent: list[_Recent] = []

    @property
    def written_bytes(self) -> int:
        """How much has been written."""
        return self._lines.bytes + self._frames.bytes

    def add(self, request_id: str, body: Body, now_us: int, name: str | None = None) -> None:
        """Store one body; `name` is its hash, if that is known.

        Raises:
            OSError: It is not stored, and this segment should not be written any more.
        """
        name = name or hashed(self._secret, body.content)
        frame = None if name in self._known else self._append(name, body.content)
        row = BodyRow(
            request_id=request_id,
            attempt_no=body.attempt_no,
            which=body.which,
            stored_us=now_us,
            hash=name,
            bytes=body.whole_bytes,
            cut_bytes=body.cut_bytes,
            stored_bytes=0 if frame is None else frame.bytes,
        )
        self._lines.append(_framed(Line(None, row, frame)))
        self._known.add(name)

    def close(self) -> None:
        """Make it durable and let it go."""
        try:
            os.fdatasync(self._frames.fd)
            os.fdatasync(self._lines.fd)
        finally:
            os.close(self._frames.fd)
            os.close(self._lines.fd)

    def _append(self, name: str, content: bytes) -> Frame:
        usable = [one for one in self._recent if one.depth < MAX_DEPTH]
        number = most_alike(content, [one.content for one in usable])
        base = None if number is None else usable[number]
        found = packed(content, None if base is None else base.content)
        at = self._frames.bytes
        self._frames.append(found)
        self._remember(_Recent(name, content, 0 if base is None else base.depth + 1), base)
        return Frame(at, len(found), None if base is None else base.hash)

    def _remember(self, new: _Recent, base: _Recent | None) -> None:
        """Take the new one in the place of what it repeats, or of the oldest."""
        others = [one for one in self._recent if one is not base]
        self._recent = [*others[1 - MAX_RECENT :], new]
        while sum(len(one.content) for one in self._recent) > MAX_RECENT_BYTES:
            del self._recent[0]


def _framed(line: Line) -> bytes:
    return framed(msgspec.json.encode(line))
