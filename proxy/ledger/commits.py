"""What is in the ledger: lines that say which files were added, and which were dropped for them.

A line counts for a reader once it is FENCE_US old, and dropped files are removed GRACE_US after it.
So a reader that lists folders and reads this file at slightly different moments, and each of them
twice, still sees every row exactly once: until the fence the journal holds the rows, from then on
Parquet does, and which of the two it is depends only on when the reader's transaction began.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

FENCE_US: Final = 2_000_000
GRACE_US: Final = 600_000_000  # a transaction that began longer ago is refused by the views


class Commit(msgspec.Struct, frozen=True):
    """One change: names in `data/` and `journal/`, without their folder."""

    t: int  # UTC, microseconds since 1970
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()  # in each of `add`; lines of the first versions do not say
    forget: tuple[str, ...] = ()  # ids whose rows, where they are still in journals, count no more


@dataclass(frozen=True, slots=True)
class Standing:
    """What all commits together come to, however young they are."""

    rows: Mapping[str, int | None]  # of every file that counts; `None` where no commit says
    dropped_us: Mapping[str, int]  # when each of the others was dropped


def standing(found: Iterable[Commit]) -> Standing:
    """Return which files count after all of `found`."""
    rows: dict[str, int | None] = {}
    dropped_us: dict[str, int] = {}
    for commit in found:
        is_told = len(commit.rows) == len(commit.add)
        rows |= zip(commit.add, commit.rows if is_told else [None] * len(commit.add), strict=True)
        dropped_us |= dict.fromkeys(commit.drop, commit.t)
    return Standing({name: n for name, n in rows.items() if name not in dropped_us}, dropped_us)


def forgotten(found: Iterable[Commit]) -> frozenset[str]:
    """Return the ids of requests and events that were to be forgotten while journals had them."""
    return frozenset(one for commit in found for one in commit.forget)


def read(path: Path) -> tuple[Commit, ...]:
    """Return every whole line; a reader in SQL leaves out the same ones."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line, type=Commit))
        except msgspec.MsgspecError:
            continue
    return tuple(found)


def newest_us(found: Iterable[Commit]) -> int:
    """Return the time of the last one, which no later one may be older than; 0 if there is none."""
    return max((commit.t for commit in found), default=0)


def append(path: Path, commit: Commit) -> None:
    """Commit: after this returns, it outlives a loss of power.

    Where the clock was set back it counts from when the one before does: were it to count earlier,
    a reader could see a file dropped that was not yet added.

    Raises:
        OSError: It may or may not be there; doing all of it again is safe.
    """
    _end_last_line(path)
    t = max(commit.t, newest_us(read(path)))
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        line = msgspec.json.encode(msgspec.structs.replace(commit, t=t)) + b"\n"
        if os.write(fd, line) != len(line):
            raise OSError(f"no space for a line in {path}")
        os.fsync(fd)
    finally:
        os.close(fd)


def _end_last_line(path: Path) -> None:
    """Put a newline after a last line that has none, so that the next one stands alone.

    A line that lacks only its newline counts already, and one that lacks more never will.
    """
    with path.open("r+b") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
