"""Keeps `commits.jsonl` short and its times right; what counts is the same before and after.

It is replaced as a whole, by a rename: a reader has the old lines or the new ones. Lines older than
`OLD_US` become few; a last line with the time makes the views refuse every transaction that began
before those counted. Lines from the future, of a clock that was wrong and was set back, count from
now on: readers are refused as long as there is one.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Final

import msgspec

from proxy.ledger.commits import FENCE_US, GRACE_US, Commit, newest_us, read, standing
from proxy.ledger.folder import Folder, sync_folder

LONG: Final = 1000  # lines: reading so many takes a query a few milliseconds
OLD_US: Final = 24 * 3_600_000_000  # longer than the lineage of prompts looks back
_NAMES: Final = 500  # in a line: readers refuse lines of many megabytes


def tidied(folder: Folder, now_us: int) -> tuple[Commit, ...]:
    """Return all commits, put right in the file where that is needed; for the holder of `work`.

    Raises:
        OSError: It cannot be read or replaced; nothing was changed.
    """
    found = read(folder.commits)
    wanted = found
    if newest_us(found) > now_us + GRACE_US // 2:
        wanted = in_the_past(found, now_us)
    if len(wanted) > LONG:
        wanted = shortened(wanted, now_us, lambda name: _is_there(folder, name))
    if wanted != found:
        _replace(folder, wanted, now_us)
    return wanted


def in_the_past(found: Iterable[Commit], now_us: int) -> tuple[Commit, ...]:
    """Return the same commits, none of them later than what counts from now on."""
    latest = now_us - FENCE_US
    return tuple(msgspec.structs.replace(one, t=min(one.t, latest)) for one in found)


def shortened(
    found: Sequence[Commit], now_us: int, is_there: Callable[[str], bool]
) -> tuple[Commit, ...]:
    """Return fewer commits that come to the same, and forget files that were dropped and are gone.

    All are returned as they are if fewer would be no gain.
    """
    old = tuple(takewhile(lambda one: one.t < now_us - OLD_US, found))
    if not old:
        return tuple(found)
    known, t = standing(old), newest_us(old)
    told = {name: rows for name, rows in known.rows.items() if rows is not None}
    untold = [name for name, rows in known.rows.items() if rows is None]
    kept = [name for name in known.dropped_us if is_there(name)]
    few = (
        *(Commit(t, names, (), tuple(told[name] for name in names)) for names in _some(told)),
        *(Commit(t, names) for names in _some(untold)),
        *(Commit(t, (), names) for names in _some(kept)),
    )
    if 2 * len(few) > len(old):
        return tuple(found)
    return (*few, *found[len(old) :], Commit(max(now_us, newest_us(found))))


def _some(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    every = tuple(names)
    return (every[at : at + _NAMES] for at in range(0, len(every), _NAMES))


def _is_there(folder: Folder, name: str) -> bool:
    return (folder.journal / name).exists() or (folder.data / name).exists()


def _replace(folder: Folder, wanted: Iterable[Commit], now_us: int) -> None:
    """Write the file anew; the one before is kept where a line of it was damaged."""
    raw = [line for line in folder.commits.read_bytes().splitlines() if line]
    if len(raw) != len(read(folder.commits)):
        os.link(folder.commits, folder.quarantine / f"commits-{now_us}.jsonl")
    unfinished = folder.commits.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        file.write(msgspec.json.Encoder().encode_lines(wanted))
        file.flush()
        os.fchmod(file.fileno(), 0o600)
        os.fsync(file.fileno())
    unfinished.rename(folder.commits)
    sync_folder(folder.root)
