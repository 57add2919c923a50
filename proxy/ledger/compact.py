"""Many small Parquet files of a day that is over become one for each table.

One commit adds the new files and drops the old ones: until its fence readers see those, from then
on these, and never a row twice. Whoever is killed before the commit has changed nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from shutil import rmtree
from typing import Final

import duckdb

from proxy.clock import REAL
from proxy.ledger import commits
from proxy.ledger.folder import Folder, locked, sync_folder
from proxy.ledger.parquet import FRUGAL, write
from proxy.ledger.parts import Part, find, next_name, put_aside_unreadable, rows_of, today
from proxy.ledger.room import NoRoom, claim
from proxy.ledger.schema import TABLES, Table
from proxy.ledger.views import sentence

_ORDER: Final = {
    "requests": "received_at, request_id",
    "attempts": "started_at, request_id, attempt_no",
    "losses": "request_id, attempt_no",
    "events": "event_at, event_id",
}


class RowsAstray(Exception):  # noqa: N818  # reads as what is the matter
    """Some rows belong to no request of theirs."""


def compact(folder: Folder, wall_us: Callable[[], int] = REAL.wall_us) -> list[str]:
    """Compact every day that is over and has more than one file of a table.

    Returns:
        One sentence for each thing that could not be done; nothing is lost by it.
    """
    with locked(folder.work, waits=True):
        try:
            found = find(folder, commits.standing(commits.read(folder.commits)))
        except OSError as error:
            return [f"nothing was compacted in {folder.data}: {error}"]
        problems = list(found.problems)
        past = [part for part in found.parts if part.last < today(wall_us())]
        while group := _next(past):
            past = [part for part in past if part not in group]
            try:
                past += _together(folder, group, wall_us)
            except NoRoom as error:
                return [*problems, f"{error}: they stay as they are"]
            except (OSError, duckdb.Error, RowsAstray) as error:
                problems.append(f"{group[0].first} was not compacted: {sentence(error)}")
                problems += _put_aside(folder, group)
        return problems


def _put_aside(folder: Folder, group: Sequence[Part]) -> list[str]:
    """Let what is damaged in the middle of a file stop nobody; the rest is compacted next time."""
    try:
        return put_aside_unreadable(folder, group)
    except OSError as error:
        return [f"what is damaged in {folder.data} cannot be moved away: {error}"]


def _next(past: Sequence[Part]) -> list[Part]:
    """Return what begins on the first day that is not in one part of its own, if there is one."""
    for day in sorted({part.first for part in past}):
        group = [part for part in past if part.first == day]
        if len(group) > 1 or group[0].last > day:
            return group
    return []


def _together(folder: Folder, group: Sequence[Part], wall_us: Callable[[], int]) -> list[Part]:
    """Write the rows of `group` again, a part for each day, and commit those for these."""
    claim(folder, sum(part.bytes for part in group), "compact days")
    with frugal(folder) as connection:
        made = write_again(connection, folder, lambda table: rows_of(folder, table, group))
    check(made, {table.name: _count(group, table) for table in TABLES})
    sync_folder(folder.data)
    added = {part.files[name].name: part.rows[name] for part in made for name in part.files}
    dropped = tuple(path.name for part in group for path in part.files.values())
    commit = commits.Commit(wall_us(), tuple(added), dropped, tuple(added.values()))
    commits.append(folder.commits, commit)
    return made


def write_again(
    connection: duckdb.DuckDBPyConnection, folder: Folder, rows: Callable[[Table], str]
) -> list[Part]:
    """Write what `rows` is a query for, of each table, a part for each day; nothing counts yet."""
    return [_day(connection, folder, rows, day) for day in _days(connection, rows)]


def check(made: Sequence[Part], wanted: Mapping[str, int]) -> None:
    """Check that what was written has as many rows of each table as it should.

    Raises:
        RowsAstray: It has not.
    """
    for table in TABLES:
        had, got = wanted[table.name], _count(made, table)
        if got != had:
            raise RowsAstray(f"{had} rows of {table.name}, of which {got} belong to a request")


def _count(parts: Sequence[Part], table: Table) -> int:
    return sum(part.rows.get(table.name, 0) for part in parts)


def _days(connection: duckdb.DuckDBPyConnection, rows: Callable[[Table], str]) -> list[date]:
    query = " UNION ".join(
        f"SELECT {table.moment}::DATE AS day FROM ({rows(table)})"  # noqa: S608  # ours
        for table in TABLES
        if table.moment is not None
    )
    return [day for (day,) in connection.execute(f"{query} ORDER BY ALL").fetchall()]


def _day(
    connection: duckdb.DuckDBPyConnection,
    folder: Folder,
    rows: Callable[[Table], str],
    day: date,
) -> Part:
    """Write what there is of one day: its requests, what belongs to them, and its events."""
    theirs = rows(TABLES[0])
    ids = f"SELECT request_id FROM ({theirs}) WHERE received_at::DATE = DATE '{day}'"  # noqa: S608  # ours
    files, counts = {}, {}
    for table in TABLES:
        own = f"request_id IN ({ids})"
        if table.moment is not None:
            own = f"{table.moment}::DATE = DATE '{day}'"
        query = (
            f"SELECT * FROM ({rows(table)}) "  # noqa: S608  # ours
            f"WHERE {own} ORDER BY {_ORDER[table.name]}"
        )
        final = next_name(folder, table.name, day)
        written = write(connection, query, final)
        if written:
            files[table.name], counts[table.name] = final, written
    return Part(files, counts, day, day)


@contextmanager
def frugal(folder: Folder) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection for large work, frugal with the machine; for the holder of `work` alone."""
    spill = folder.root / "spill.tmp"
    rmtree(spill, ignore_errors=True)  # of someone who was killed
    try:
        with duckdb.connect(config=FRUGAL | {"temp_directory": str(spill)}) as connection:
            yield connection
    finally:
        rmtree(spill, ignore_errors=True)
