"""The file that a journal is writing: one writer for all its life, who holds its lock as long.

When the lock can be had, nothing will be added any more.
"""

import errno
import fcntl
import os
from pathlib import Path


class LiveFile:
    """A file that begins with `head`; nobody sees its name before it does.

    Raises:
        OSError: It cannot be made, or its name is taken.
    """

    def __init__(self, path: Path, head: bytes) -> None:
        self.fd = _new_file(path, head)
        self.bytes = len(head)
        self._path = path
        self._seen_bytes = 0  # that were in it when it was last found under its name
        self._torn = False

    def append(self, line: bytes) -> None:
        """Add lines, whole or not at all.

        Raises:
            OSError: They are not in it.
        """
        if self._torn:
            line = b"\n" + line  # glued to a torn line, this one would be lost as well
            self.bytes = os.fstat(self.fd).st_size
        try:
            if os.write(self.fd, line) != len(line):
                raise _no_space()
        except OSError:
            self._cut_back()
            raise
        self._torn = False
        self.bytes += len(line)

    def is_there(self) -> bool:
        """Say whether what is written here can be found again."""
        try:
            found, own = self._path.stat(), os.fstat(self.fd)
        except OSError:
            return False
        if (found.st_dev, found.st_ino) != (own.st_dev, own.st_ino):
            return False
        self._seen_bytes = self.bytes
        return True

    def unseen(self) -> list[bytes]:
        """Return the lines added since it was last there, if it was removed and not only moved."""
        if os.fstat(self.fd).st_nlink:
            return []
        read = os.pread(self.fd, self.bytes - self._seen_bytes, self._seen_bytes)
        return read.splitlines(keepends=True)

    def let_go(self) -> None:
        """Take no more; the descriptor is for whoever syncs it to close."""
        self.fd = -1

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self.fd, self.bytes)
        except OSError:
            self._torn = True


def _new_file(path: Path, head: bytes) -> int:
    """Make a file that is locked and begins with `head` before anybody can see its name."""
    unseen = path.with_suffix(".new")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    fd = os.open(unseen, flags, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.write(fd, head) != len(head):
            raise _no_space()
        os.link(unseen, path)  # unlike a rename, it fails where the name is taken
    except OSError:
        os.close(fd)
        raise
    finally:
        unseen.unlink(missing_ok=True)
    return fd


def _no_space() -> OSError:
    """Return what the system says of the rest of a line for a part of which there was space."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
