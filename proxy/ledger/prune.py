"""Retention: the oldest days go as wholes, and what they came to stays.

One commit adds the rollup of the days and drops their files: from its fence on, a reader sees the
one and not the other. The files themselves are removed when no reader can have listed them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from proxy.clock import REAL
from proxy.ledger import commits, sql
from proxy.ledger.compact import frugal
from proxy.ledger.folder import JOURNALS, Folder, locked, sync_folder
from proxy.ledger.keep import Keep
from proxy.ledger.parquet import write
from proxy.ledger.parts import Part, find, next_name, rows_of, today
from proxy.ledger.schema import ROLLUPS, TABLES
from proxy.ledger.views import sentence

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would go, and a sentence for each thing that could not be done."""

    first: date | None = None
    last: date | None = None
    requests: int = 0
    bytes: int = 0
    problems: tuple[str, ...] = ()


def prune(
    folder: Folder,
    keep: Keep,
    wall_us: Callable[[], int] = REAL.wall_us,
    *,
    only_say: bool = False,
) -> Pruned:
    """Drop the days that are older or larger than what is kept."""
    if keep.all_rows:
        return Pruned()
    with locked(folder.work, waits=True):
        try:
            known = commits.standing(commits.read(folder.commits))
            found = find(folder, known)
            other_bytes = _journal_bytes(folder, known)
            group = doomed(found.parts, keep, today(wall_us()), other_bytes)
            pruned = _told(group, found.problems)
            if group and not only_say:
                _drop(folder, group, wall_us)
        except (OSError, duckdb.Error) as error:
            why = f"nothing was pruned in {folder.data}: {sentence(error)}"
            return Pruned(problems=(why,))
    return pruned


def doomed(parts: Sequence[Part], keep: Keep, now: date, other_bytes: int) -> list[Part]:
    """Return what goes: whole days, oldest first, and never a part that reaches into one kept.

    Args:
        parts: All that count.
        keep: What is wanted.
        now: The day it is; it stays.
        other_bytes: What else is in the ledger, and stays.
    """
    ends = sorted({part.last for part in parts if part.last < now})
    total = other_bytes + sum(part.bytes for part in parts)
    last_gone = None
    for end in ends:
        is_old = keep.days is not None and end < now - timedelta(days=keep.days)
        is_much = keep.mib is not None and total > keep.mib * _MIB
        if not (is_old or is_much):
            break
        total -= sum(part.bytes for part in parts if part.last == end)
        last_gone = end
    return [] if last_gone is None else [part for part in parts if part.last <= last_gone]


def _told(group: Sequence[Part], problems: tuple[str, ...]) -> Pruned:
    return Pruned(
        first=min((part.first for part in group), default=None),
        last=max((part.last for part in group), default=None),
        requests=sum(part.rows.get(TABLES[0].name, 0) for part in group),
        bytes=sum(part.bytes for part in group),
        problems=problems,
    )


def _drop(folder: Folder, group: Sequence[Part], wall_us: Callable[[], int]) -> None:
    requests, attempts = (rows_of(folder, table, group) for table in TABLES[:2])
    final = next_name(folder, ROLLUPS.name, max(part.last for part in group))
    rolled = f"SELECT *, NULL AS file_name FROM ({sql.rolled_up(requests, attempts)}) ORDER BY day"  # noqa: S608  # ours
    with frugal(folder) as connection:
        rows = write(connection, rolled, final)
    sync_folder(folder.data)
    dropped = tuple(path.name for part in group for path in part.files.values())
    made = ((final.name,), (rows,)) if rows else ((), ())  # of events alone there is no rollup
    commits.append(folder.commits, commits.Commit(wall_us(), made[0], dropped, made[1]))


def _journal_bytes(folder: Folder, known: commits.Standing) -> int:
    journals: list[Path] = list(folder.journal.glob(JOURNALS))
    return sum(path.stat().st_size for path in journals if path.name not in known.dropped_us)
