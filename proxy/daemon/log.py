"""The log of a process in the background: bounded, and read while it grows."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

VARIABLE: Final = "POINTSMAN_LOG"  # tells a process which file its output goes to
MAX_BYTES: Final = 10 << 20
_LOOK_S: Final = 60.0
_FOLLOW_S: Final = 0.2
_AT_ONCE: Final = 64 << 10


def rotate(path: Path, max_bytes: int = MAX_BYTES) -> bool:
    """Move what a long log holds to the same name with `.1`, and say whether it was that long.

    The file stays the same one, as its writers append to it: what they write during the copy is
    at most lost to the log.
    """
    if not path.exists() or path.stat().st_size <= max_bytes:
        return False
    old = path.with_name(f"{path.name}.1")
    shutil.copyfile(path, old)
    old.chmod(0o600)
    os.truncate(path, 0)
    return True


@contextmanager
def kept_short(path: Path | None, every_s: float = _LOOK_S) -> Iterator[None]:
    """Rotate the log of this process from time to time, if it has one."""
    if path is None:
        yield
        return
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_s):
            rotate(path)

    thread = threading.Thread(target=look, name="log", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def since(path: Path, offset: int) -> str:
    """Return what was written behind `offset`."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace")


def last(path: Path, lines: int) -> list[str]:
    """Return the last lines, of the file before as well if there are too few."""
    found: list[str] = []
    for file in (path, path.with_name(f"{path.name}.1")):
        if len(found) < lines and file.exists():
            found = [*file.read_text(errors="replace").splitlines(), *found]
    return found[-lines:] if lines else []


def followed(path: Path) -> Iterator[str]:
    """Yield what is written from now on, for ever; a log that was rotated is begun anew."""
    offset = path.stat().st_size if path.exists() else 0
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < offset:
            offset = 0
        if size > offset:
            with path.open("rb") as file:
                file.seek(offset)
                content = file.read(_AT_ONCE)
            offset += len(content)
            yield content.decode(errors="replace")
            continue
        time.sleep(_FOLLOW_S)
