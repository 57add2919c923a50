"""What a worker writes: one line when a request begins, one with everything when it has ended.

Each line is one `write`, made where the request is served: it is safe from the death of the
process before the client sees its last byte. No failure here reaches a request; what could not be
written is counted. A file has one writer for all its life and is locked by it for as long; when
the lock can be had, nothing will be added any more.
"""

import errno
import fcntl
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from proxy.clock import REAL
from proxy.ledger.folder import folder_at, make, unusable
from proxy.ledger.line import Opened, Writer, entry_line, open_line, writer_line
from proxy.ledger.sync import Syncer
from proxy.record import Entry

_UNWRITABLE: Final = (OSError, ValueError, TypeError, OverflowError, msgspec.MsgspecError)


@dataclass(frozen=True, slots=True)
class Rotation:
    """When to begin another file: what is written into a live one is slower to read."""

    max_bytes: int = 64 << 20
    max_age_s: float = 3600.0
    try_again_s: float = 10.0  # after another file could not be made


EVERYDAY: Final = Rotation()


class Journal:
    """The journal of one worker process; not to be shared between threads.

    `dropped` counts the entries that are not in the ledger, and `last_error` says why the last
    thing that failed did.
    """

    def __init__(
        self,
        root: Path,
        writer: Writer,
        rotation: Rotation = EVERYDAY,
        tick_us: Callable[[], int] = REAL.tick_us,
    ) -> None:
        """Begin the first file.

        Raises:
            LedgerUnusable: That is not possible.
        """
        self.dropped = 0
        self._error: str | None = None
        self._folder = folder_at(root)
        self._writer = writer
        self._rotation = rotation
        self._tick_us = tick_us
        self._in_flight: dict[str, bytes] = {}
        self._number = 0
        self._torn = False
        make(self._folder)
        try:
            self._begin_file()
        except OSError as error:
            raise unusable(self._folder, error) from error
        self._sync = Syncer(self._folder.journal, self._fd)

    @property
    def last_error(self) -> str | None:
        """Why the last thing that failed did; `None` if nothing has."""
        return self._error or self._sync.last_error

    def opened(self, request_id: str, received_us: int, path: str) -> None:
        """Note that a request has begun, so that it is known of even if this process dies."""
        try:
            line = open_line(Opened(request_id, received_us, path))
            self._in_flight[request_id] = line
            self._append(line)
        except _UNWRITABLE as error:
            self._error = str(error)

    def write(self, entry: Entry) -> None:
        """Write all rows of an exchange that has ended."""
        self._in_flight.pop(entry.request.request_id, None)
        try:
            self._append(entry_line(entry))
        except _UNWRITABLE as error:
            self.dropped += 1
            self._error = str(error)
        if self._bytes >= self._full_bytes or self._tick_us() >= self._old_us:
            self._rotate()

    def close(self) -> None:
        """Make everything durable and let the file go; what is written later is dropped."""
        self._fd = -1
        self._full_bytes, self._old_us = 1 << 62, 1 << 62
        self._sync.close()

    def _append(self, line: bytes) -> None:
        if self._torn:
            line = b"\n" + line  # glued to a torn line, this one would be lost as well
            self._bytes = os.fstat(self._fd).st_size
        try:
            _write_all(self._fd, line)
        except OSError:
            self._cut_back()
            raise
        self._torn = False
        self._bytes += len(line)
        self._sync.written()

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self._fd, self._bytes)
        except OSError:
            self._torn = True

    def _begin_file(self) -> None:
        name = _file_name(self._writer, self._number)
        head = writer_line(self._writer) + b"".join(self._in_flight.values())
        self._fd = _new_file(self._folder.journal / name, head)
        self._number += 1
        self._bytes = len(head)
        self._full_bytes = len(head) + self._rotation.max_bytes
        self._old_us = self._tick_us() + round(self._rotation.max_age_s * 1e6)

    def _rotate(self) -> None:
        try:
            self._begin_file()
        except OSError as error:
            self._error = str(error)
            self._full_bytes = 1 << 62  # the file at hand must do for a while
            self._old_us = self._tick_us() + round(self._rotation.try_again_s * 1e6)
            return
        self._sync.replace(self._fd)


def _file_name(writer: Writer, number: int) -> str:
    host = re.sub(r"[^A-Za-z0-9.]", "_", writer.host)
    return f"{host}-{writer.worker_pid}-{writer.started_us}-{number:06d}.jsonl"


def _new_file(path: Path, head: bytes) -> int:
    """Make a file that is locked and begins with `head` before anybody can see its name."""
    unseen = path.with_suffix(".new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    fd = os.open(unseen, flags, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _write_all(fd, head)
        os.link(unseen, path)  # unlike a rename, it fails where the name is taken
    except OSError:
        os.close(fd)
        raise
    finally:
        unseen.unlink(missing_ok=True)
    return fd


def _write_all(fd: int, line: bytes) -> None:
    written = os.write(fd, line)
    if written != len(line):  # there was space for a part of it
        raise OSError(errno.ENOSPC, f"only {written} of {len(line)} bytes could be written")
