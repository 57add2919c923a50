"""Reads, replaces and removes a file of somebody else's, so that it is always the old or the new.

Links stay links: what they lead to is replaced. Mode and owner stay.
"""

import os
import stat
from pathlib import Path
from typing import Final

from proxy.errors import SetupError

_MARK: Final = ".pointsman-"


def content(path: Path) -> bytes | None:
    """Return what is in a file; `None` if there is none.

    Raises:
        SetupError: There is something that cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SetupError(f"{path}: cannot be read: {error.strerror or error}") from error


def refuse_unwritable(path: Path) -> None:
    """See to it that a file could be replaced, before any is.

    Raises:
        SetupError: It is not writable, or no file can be made beside it.
    """
    place = _place(path)
    if place.exists() and not stat.S_IMODE(place.stat().st_mode) & stat.S_IWUSR:
        raise SetupError(f"{path}: is read-only, want a file to write to: chmod u+w {place}")
    folder = next(one for one in place.parents if one.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SetupError(f"{path}: no file can be made in {folder}, want to be allowed to")


def missing_folders(path: Path) -> tuple[Path, ...]:
    """Return the folders that a file is to be in and that are not there, outermost first."""
    return tuple(reversed([one for one in _place(path).parents if not one.exists()]))


def replace(path: Path, new: bytes) -> None:
    """Put `new` into a file all at once; a new file is its owner's alone.

    Raises:
        OSError: It is as it was.
    """
    place = _place(path)
    for folder in missing_folders(place):
        folder.mkdir(mode=0o700)
    unfinished = place.with_name(f".{place.name}{_MARK}{os.getpid()}")
    fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _keep_mode_and_owner(fd, place)
        left = memoryview(new)
        while left:
            left = left[os.write(fd, left) :]
        os.fsync(fd)
    except OSError:
        unfinished.unlink()
        raise
    finally:
        os.close(fd)
    unfinished.replace(place)
    _sync(place.parent)


def remove(path: Path, folders: tuple[Path, ...]) -> None:
    """Remove a file, and those of `folders` that nothing is left in.

    Raises:
        OSError: It is as it was.
    """
    path.unlink(missing_ok=True)
    for folder in reversed(folders):
        if not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()
    _sync(next(one for one in path.parents if one.exists()))


def clean(path: Path) -> None:
    """Remove what someone who was killed has left beside a file."""
    place = _place(path)
    for unfinished in place.parent.glob(f".{place.name}{_MARK}*"):
        unfinished.unlink(missing_ok=True)


def _place(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _keep_mode_and_owner(fd: int, place: Path) -> None:
    if not place.exists():
        return
    old, new = place.stat(), os.fstat(fd)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.fchown(fd, old.st_uid, old.st_gid)
    os.fchmod(fd, stat.S_IMODE(old.st_mode))


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
