"""Takes out of a ledger what belongs to one session, or to one request.

Bodies go first, then what lies in quarantine, then rows: whoever is killed between does the rest
by doing all of it again. Rows in Parquet are left out when their files are written again, which one
commit puts in the place of the old ones. Rows in journals that are not converted are named in
that commit: from its fence on no reader counts them, and the converter leaves them out.
Sums of days that were pruned stay, as they name nobody.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import duckdb
from msgspec.json import encode

from proxy.clock import REAL
from proxy.errors import LedgerRefused
from proxy.ledger import commits
from proxy.ledger.bodies.rewriting import take_out
from proxy.ledger.compact import RowsAstray, check, frugal, write_again
from proxy.ledger.folder import Folder, locked, sync_folder
from proxy.ledger.parts import Part, find, rows_of
from proxy.ledger.quarantine import sweep
from proxy.ledger.room import claim
from proxy.ledger.schema import TABLES, Table
from proxy.ledger.sql import remembered
from proxy.ledger.views import HOLDS_REST, again_if_gone, open_ledger, sentence

_DOOMED: Final = "SELECT id FROM doomed"


@dataclass(frozen=True, slots=True)
class Whose:
    """What is to be forgotten: one of the two."""

    session: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went, or would go.

    Attributes:
        rows: Of each table.
        bodies: How many.
        lines: In quarantine.
        in_journals: Some of it is in files that are being written, or wait for the converter.
        unsearched: Files in quarantine into which nobody can look.
        problems: A sentence for each thing that could not be done.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    bodies: int = 0
    lines: int = 0
    in_journals: bool = False
    unsearched: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing of it."""
        return not (any(self.rows.values()) or self.bodies or self.lines)


def forget(
    folder: Folder,
    whose: Whose,
    wall_us: Callable[[], int] = REAL.wall_us,
    *,
    only_say: bool = False,
) -> Forgotten:
    """Forget it, or say what would be; what is asked for later than now is no part of it.

    Raises:
        LedgerUnusable: There is no ledger, or no room to write what stays.
        LedgerRefused: Something cannot be read or written; doing it again is safe.
    """
    _refuse_shared(folder)
    with locked(folder.work, waits=True):
        try:
            doomed = _doomed(folder, whose)
            taken = take_out(folder, doomed.ids, only_say=only_say)
            swept = sweep(folder.quarantine, _marks(whose, doomed.ids), only_say=only_say)
            in_journals = bool(taken.waiting)
            if not only_say and (any(doomed.rows.values()) or taken.waiting):
                in_journals |= _drop(folder, doomed.ids, taken.waiting, wall_us)
        except (OSError, duckdb.Error, RowsAstray) as error:
            raise LedgerRefused(f"not all could be forgotten: {sentence(error)}") from error
    return Forgotten(
        rows=doomed.rows,
        bodies=taken.bodies,
        lines=swept.lines,
        in_journals=in_journals,
        unsearched=swept.unsearched,
        problems=taken.problems,
    )


@dataclass(frozen=True, slots=True)
class _Doomed:
    """The ids of requests and events that go, and how many rows of each table that are."""

    ids: frozenset[str]
    rows: Mapping[str, int]


def _refuse_shared(folder: Folder) -> None:
    with open_ledger(folder.root) as connection:
        (holds,) = connection.execute("SELECT holds FROM meta").fetchone() or (None,)
    if holds == HOLDS_REST:
        raise LedgerRefused(
            f"rows of the ledger in {folder.root} are shared with other hosts, "
            "and there nothing can be forgotten yet: delete them in its catalog"
        )


def _doomed(folder: Folder, whose: Whose) -> _Doomed:
    with open_ledger(folder.root) as connection:
        return again_if_gone(lambda: _found(connection, whose))


def _found(connection: duckdb.DuckDBPyConnection, whose: Whose) -> _Doomed:
    connection.execute("BEGIN")  # one moment for all tables
    try:
        ids = {whose.request} if whose.request is not None else set[str]()
        if whose.session is not None:
            ids |= _ids(connection, "SELECT request_id FROM requests", "session_id = ?", whose)
            ids |= _ids(connection, "SELECT event_id FROM events", "session_id = ?", whose)
        caused = "SELECT event_id FROM events WHERE request_id IN (SELECT unnest(?::UUID[]))"
        found = connection.execute(caused, [sorted(ids)]).fetchall()
        ids |= {str(one) for (one,) in found}
        rows = {table.name: _count(connection, table, ids) for table in TABLES}
    finally:
        connection.execute("ROLLBACK")
    return _Doomed(frozenset(ids), rows)


def _ids(
    connection: duckdb.DuckDBPyConnection, query: str, condition: str, whose: Whose
) -> set[str]:
    found = connection.execute(f"{query} WHERE {condition}", [whose.session]).fetchall()
    return {str(one) for (one,) in found}


def _count(connection: duckdb.DuckDBPyConnection, table: Table, ids: Collection[str]) -> int:
    stays = remembered(table, "SELECT unnest(getvariable('doomed'))")
    connection.execute("SET VARIABLE doomed = ?::UUID[]", [sorted(ids)])
    query = f"SELECT count(*) FROM {table.name} WHERE NOT ({stays})"  # noqa: S608  # ours
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _marks(whose: Whose, ids: Collection[str]) -> list[bytes]:
    """Return what a line in quarantine has in it if it belongs to this."""
    named = [] if whose.session is None else [b'"session_id":' + encode(whose.session)]
    return [*named, *(one.encode() for one in ids)]


def _drop(
    folder: Folder, ids: AbstractSet[str], waiting: AbstractSet[str], wall_us: Callable[[], int]
) -> bool:
    """Write Parquet with rows of `ids` again, and commit; say whether journals have some."""
    parts = find(folder, commits.standing(commits.read(folder.commits))).parts
    with frugal(folder) as connection:
        connection.execute(
            "CREATE TEMP TABLE doomed AS SELECT unnest(?::UUID[]) AS id", [list(ids)]
        )
        group = _with_some(connection, folder, parts)
        claim(folder, sum(part.bytes for part in group), "write again what stays")
        converted = _converted(connection, folder, group)
        made = write_again(connection, folder, lambda table: _what_stays(folder, table, group))
        check(made, {table.name: _staying(connection, folder, table, group) for table in TABLES})
    sync_folder(folder.data)
    added = {part.files[name].name: part.rows[name] for part in made for name in part.files}
    dropped = tuple(path.name for part in group for path in part.files.values())
    rest = tuple(sorted((ids - converted) | waiting))
    commit = commits.Commit(wall_us(), tuple(added), dropped, tuple(added.values()), rest)
    commits.append(folder.commits, commit)
    return bool(ids - converted)


def _what_stays(folder: Folder, table: Table, group: Sequence[Part]) -> str:
    return f"SELECT * FROM ({rows_of(folder, table, group)}) WHERE {remembered(table, _DOOMED)}"  # noqa: S608  # ours


def _staying(
    connection: duckdb.DuckDBPyConnection, folder: Folder, table: Table, group: Sequence[Part]
) -> int:
    query = f"SELECT count(*) FROM ({_what_stays(folder, table, group)})"  # noqa: S608  # ours
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _with_some(
    connection: duckdb.DuckDBPyConnection, folder: Folder, parts: Sequence[Part]
) -> list[Part]:
    """Return the parts in which there is something of it."""
    names: set[str] = set()
    for table in TABLES:
        query = (
            f"SELECT DISTINCT file_name FROM ({rows_of(folder, table, parts)}) "  # noqa: S608  # ours
            f"WHERE NOT ({remembered(table, _DOOMED)})"
        )
        names |= {name for (name,) in connection.execute(query).fetchall()}
    return [part for part in parts if names & {path.name for path in part.files.values()}]


def _converted(
    connection: duckdb.DuckDBPyConnection, folder: Folder, group: Sequence[Part]
) -> frozenset[str]:
    """Return the ids that are no journal's any more."""
    found: set[str] = set()
    for table in TABLES:
        if table.moment is None:
            continue
        own = table.columns[0].name
        query = f"SELECT {own} FROM ({rows_of(folder, table, group)}) WHERE {own} IN ({_DOOMED})"  # noqa: S608  # ours
        found |= {str(one) for (one,) in connection.execute(query).fetchall()}
    return frozenset(found)
