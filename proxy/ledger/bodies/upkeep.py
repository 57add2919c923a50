"""Removes bodies that are not kept any longer, a segment at a time; runs in the converter.

A segment goes by its index first: from then on no reader knows of it. Frames that no index names
were left by somebody who was killed in the middle of that.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxy.clock import REAL
from proxy.ledger.bodies.reading import Shelf
from proxy.ledger.folder import JOURNALS, Folder, locked
from proxy.ledger.keep import Keep
from proxy.ledger.writing import MIB

_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Lying:
    """A segment on disk."""

    index: Path
    bytes: int  # with its frames
    last_us: int  # UTC; when something was written into it last


def tend(folder: Folder, keep: Keep, wall_us: Callable[[], int] = REAL.wall_us) -> list[str]:
    """Remove what is too old or too much, and what nobody names; return problems."""
    problems: list[str] = []
    with locked(folder.work, waits=True):
        try:
            for lying in too_many(lying_in(folder), keep, wall_us()):
                remove(lying.index)
            remove_astray(folder)
        except OSError as error:
            problems.append(f"bodies in {folder.bodies} cannot be looked after: {error}")
    return problems


def too_many(found: Sequence[Lying], keep: Keep, now_us: int) -> list[Lying]:
    """Return which of the segments go, the oldest first."""
    total = sum(one.bytes for one in found)
    going = []
    for one in sorted(found, key=lambda one: one.last_us):
        is_old = one.last_us < now_us - keep.bodies_days * _DAY_US
        if not is_old and total <= keep.bodies_mib * MIB:
            continue
        going.append(one)
        total -= one.bytes
    return going


def lying_in(folder: Folder) -> list[Lying]:
    """Return all segments, with the one that is being written."""
    return [_lying(index) for index in folder.bodies.glob(JOURNALS)]


def remove(index: Path) -> bool:
    """Remove a segment; `False` if somebody writes it."""
    with locked(index) as sealed:
        if sealed:
            index.unlink()
            for frames in _frames(index):
                frames.unlink()
        return sealed


def remove_astray(folder: Folder) -> None:
    """Remove what no index names; only for the holder of `work`, who alone replaces one."""
    for path in folder.bodies.glob("*-[0-9][0-9][0-9][0-9][0-9][0-9].[1-9]*.new"):
        path.unlink()  # who replaces a segment was killed while it began a file
    by_stem: dict[str, list[Path]] = {}
    for path in (*folder.bodies.glob("*.frames"), *folder.bodies.glob("*.tmp")):
        by_stem.setdefault(path.name.rsplit(".", 2)[0], []).append(path)
    for stem, found in by_stem.items():
        index = folder.bodies / f"{stem}.jsonl"
        if len(found) > 1 or not index.exists():
            named = _named(index)
            for path in found:
                if path.name != named:
                    path.unlink(missing_ok=True)


def _named(index: Path) -> str | None:
    try:
        shelf = Shelf(index)
    except FileNotFoundError:
        return None
    shelf.close()
    return None if shelf.frames is None else shelf.frames.name


def _frames(index: Path) -> Iterable[Path]:
    return list(index.parent.glob(f"{index.stem}.*.frames"))


def _lying(index: Path) -> Lying:
    found = index.stat()
    size = found.st_size + sum(path.stat().st_size for path in _frames(index))
    return Lying(index, size, found.st_mtime_ns // 1000)
