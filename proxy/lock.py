"""A lock that a process holds for as long as it lives, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy.errors import SetupError


@contextmanager
def held(path: Path, *, waits: bool = False) -> Iterator[int | None]:
    """Hold a lock, and with it whoever inherits its descriptor.

    Yields:
        The descriptor; `None` if another has the lock and this does not wait.

    Raises:
        SetupError: Its folder cannot be used.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"{path}: cannot be made: {error.strerror or error}") from error
    with locked(fd, waits=waits) as is_ours:
        yield fd if is_ours else None


@contextmanager
def locked(fd: int, *, waits: bool) -> Iterator[bool]:
    """Lock an open file, and close it at the end; `False` if another has it, unless this waits."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(fd)
        yield False
        return
    try:
        yield True
    finally:
        os.close(fd)


def is_held(path: Path) -> bool:
    """Whether somebody holds a lock.

    Raises:
        SetupError: Its folder cannot be used.
    """
    with held(path) as fd:
        return fd is None
