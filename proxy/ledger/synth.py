"""A ledger that nobody lived, of any size: for tests, benchmarks, and trying out a query.

`synth.sql` draws the rows of one day inside DuckDB; here they become files of days, by the same
commits as everything else. Under one version of DuckDB equal wishes give equal rows.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

import duckdb

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger import commits
from proxy.ledger.compact import frugal
from proxy.ledger.folder import JOURNALS, Folder, folder_at, locked, sync_folder
from proxy.ledger.parquet import write
from proxy.ledger.parts import next_name
from proxy.ledger.schema import TABLES, Table
from proxy.ledger.views import prepare, sentence

MAX_A_DAY: Final = 1_000_000  # what is drawn at once has to have space
_SATURDAY: Final = 5
_STATEMENTS: Final = Path(__file__).with_name("synth.sql")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is made; attempts, losses and events come with the requests."""

    requests: int
    seed: int = 1
    days: int = 30
    providers: int = 4
    first: date = date(2026, 1, 1)  # whoever makes it tomorrow gets the same


def synth(
    root: Path, wish: Wish, wall_us: Callable[[], int] = REAL.wall_us
) -> Iterator[tuple[date, int]]:
    """Fill an empty ledger, and say after each day how many requests it has.

    Raises:
        LedgerUnusable: The folder cannot be used, something is in it, or these are too many.
    """
    folder = folder_at(root)
    _check(wish)
    prepare(root)
    with locked(folder.work, waits=True):
        _refuse_if_used(folder)
        try:
            yield from _days(folder, wish, wall_us)
        except (OSError, duckdb.Error) as error:
            raise LedgerUnusable(f"{folder.root} cannot be filled: {sentence(error)}") from error


def drawn(connection: duckdb.DuckDBPyConnection, wish: Wish, day_no: int, requests: int) -> date:
    """Draw the rows of one day; the views of `synth.sql` then give them."""
    day = wish.first + timedelta(days=day_no)
    values = {"seed": wish.seed, "day_no": day_no, "day": day}
    values |= {"requests": requests, "providers": wish.providers}
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    connection.execute(_STATEMENTS.read_text(encoding="utf-8"))
    return day


def rows_made(table: Table) -> str:
    """Return a query for what was drawn of a table, in its columns."""
    columns = ", ".join(
        f'"{column.name}"::{column.type} AS "{column.name}"' for column in table.columns
    )
    return f"SELECT {columns}, NULL AS file_name FROM made_{table.name}"  # noqa: S608  # names of schema.sql


def a_day(wish: Wish) -> list[int]:
    """Return how many requests each day has: fewer at week-ends, and all of them together."""
    chance = Random(wish.seed)  # noqa: S311  # no secret
    days = [wish.first + timedelta(days=number) for number in range(wish.days)]
    weights = [
        (0.35 if day.weekday() >= _SATURDAY else 1.0) * chance.uniform(0.8, 1.2) for day in days
    ]
    total, before, counts = sum(weights), 0.0, []
    for weight in weights:
        counts.append(
            round(wish.requests * (before + weight) / total) - round(wish.requests * before / total)
        )
        before += weight
    return counts


def _check(wish: Wish) -> None:
    if wish.requests > MAX_A_DAY * wish.days // 2:
        least = -(-2 * wish.requests // MAX_A_DAY)
        raise LedgerUnusable(
            f"{wish.requests} requests in {wish.days} days are more than can be drawn at once: "
            f"take at least --days {least}"
        )


def _refuse_if_used(folder: Folder) -> None:
    used = commits.read(folder.commits) or any(folder.journal.glob(JOURNALS))
    if used:
        raise LedgerUnusable(
            f"the ledger in {folder.root} is in use: made-up rows go into an empty folder only"
        )


def _days(folder: Folder, wish: Wish, wall_us: Callable[[], int]) -> Iterator[tuple[date, int]]:
    with frugal(folder) as connection:
        connection.execute(f"SET threads = {os.cpu_count() or 1}")  # nobody is served beside it
        for day_no, requests in enumerate(a_day(wish)):
            if requests:
                day = drawn(connection, wish, day_no, requests)
                _commit(connection, folder, day, wall_us)
                yield day, requests


def _commit(
    connection: duckdb.DuckDBPyConnection, folder: Folder, day: date, wall_us: Callable[[], int]
) -> None:
    rows: dict[str, int] = {}
    for table in TABLES:
        final = next_name(folder, table.name, day)
        written = write(connection, rows_made(table), final)
        rows |= {final.name: written} if written else {}
    sync_folder(folder.data)
    # No fence to wait for: the rows were nowhere before, so nobody can see them twice.
    at_once = wall_us() - commits.FENCE_US
    commits.append(folder.commits, commits.Commit(at_once, tuple(rows), (), tuple(rows.values())))
