"""A file that takes up room on the disk, to be given back when there is no other left.

It is given back in slices, each as large as what is written at once: somebody else who fills the
disk at the same time can take the rest of a slice, and never all of it. All workers of a ledger
share it; whoever changes its size holds its lock.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SLICE_BYTES: Final = 128 << 10
ROOM: Final = 4  # so many times its size must be free before it takes that
_LEAST_BYTES: Final = 1 << 20  # that are free when a disk counts as not full, without a ballast


class Ballast:
    """The ballast of one ledger; `full_bytes` is what it should have, 0 for none."""

    def __init__(self, path: Path, full_bytes: int) -> None:
        self.full_bytes = full_bytes
        self.is_whole = not full_bytes  # as far as this process knows
        self._path = path

    @property
    def bytes(self) -> int:
        """How much of it there is."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    @property
    def wanted_bytes(self) -> int:
        """How much must be free on the disk before it counts as not full."""
        return ROOM * self.full_bytes or _LEAST_BYTES

    def restore(self) -> bool:
        """Make it whole if there is clearly room for that, and say whether the disk has room.

        Where a file system cannot set space aside at once this writes all of it: not for a thread
        that serves requests.
        """
        try:
            if not self.full_bytes:
                self._path.unlink(missing_ok=True)
                return self._has_room()
            with self._locked(os.O_RDWR | os.O_CREAT) as fd:
                self.is_whole = self._has_grown(fd)
        except OSError:
            return False
        return self.is_whole

    def give(self, wanted_bytes: int) -> bool:
        """Free so much of the disk, or what is left of it; `False` if nothing was."""
        if not self.full_bytes:
            return False
        self.is_whole = False
        try:
            with self._locked(os.O_RDWR) as fd:
                have = os.fstat(fd).st_size
                if not have:
                    return False
                os.ftruncate(fd, max(0, have - max(wanted_bytes, SLICE_BYTES)))
        except OSError:  # there is none, or nothing can be written at all
            return False
        return True

    def _has_grown(self, fd: int) -> bool:
        have = os.fstat(fd).st_size
        if have > self.full_bytes:  # of another configuration
            os.ftruncate(fd, self.full_bytes)
        if have >= self.full_bytes:
            return True
        if not self._has_room():
            return False
        try:
            os.posix_fallocate(fd, 0, self.full_bytes)
        except OSError:
            os.ftruncate(fd, have)
            raise
        return True

    def _has_room(self) -> bool:
        found = os.statvfs(self._path.parent)
        return found.f_bavail * found.f_frsize >= self.wanted_bytes

    @contextmanager
    def _locked(self, flags: int) -> Iterator[int]:
        fd = os.open(self._path, flags | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)  # whoever has it does nothing slow but `restore`
            yield fd
        finally:
            os.close(fd)
