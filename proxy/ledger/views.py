"""The ledger for whoever reads: DuckDB views over Parquet and the journals being written.

`ledger.duckdb` holds the views alone. Any DuckDB client may keep it open read-only as long as it
likes: no writer ever waits for it. A file can vanish between being listed and being opened, as
seldom as journals are converted: the query then fails, and asking again is right.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger import sql
from proxy.ledger.asking import again_if_gone, sentence
from proxy.ledger.folder import (
    PLACEHOLDER,
    Folder,
    folder_at,
    make,
    refuse_without_commits,
    unusable,
)
from proxy.ledger.lake.address import Shared, Store, shown
from proxy.ledger.lake.views import open_lake
from proxy.ledger.schema import ROLLUPS, TABLES, VERSION, Table
from proxy.record import AttemptRow, Entry, EventRow, LossRow, RequestRow

__all__ = [
    "again_if_gone",
    "open_ledger",
    "prepare",
    "recent_requests",
    "refresh",
    "sentence",
]

Row = TypeVar("Row", AttemptRow, LossRow, EventRow)

HOLDS_ALL: Final = "all rows of this ledger"
HOLDS_REST: Final = "this host's rows that are not in the shared ledger (yet)"

_STORED: Final = (*TABLES, ROLLUPS)  # what has Parquet files


def prepare(root: Path, *, is_shared: bool = False) -> None:
    """Make everything a reader needs in `root`; what is there and right is left alone.

    Where rows are shared with other hosts, those that were handed over are not in this folder.

    Raises:
        LedgerUnusable: It cannot be made; the message is one sentence for a person.
    """
    folder = folder_at(root)
    make(folder)
    meta = _meta(folder)
    _refuse_newer(folder, meta.get("schema_version") or _newest_parquet(folder))
    statements = [sql.view(folder, table) for table in TABLES]
    statements += [sql.rollup_view(folder), sql.body_view(folder)]
    holds = HOLDS_REST if is_shared else HOLDS_ALL
    face = sha256("\n".join([*statements, holds]).encode()).hexdigest()
    placeholders = all(folder.parquet(table.name, PLACEHOLDER).exists() for table in _STORED)
    if placeholders and meta.get("face") == face:
        return
    try:
        _make_placeholders(folder)
        _make_face(folder, statements, (face, holds))
    except OSError as error:
        raise unusable(folder, error) from error
    except duckdb.Error as error:
        raise LedgerUnusable(f"{folder.face} cannot be made: {error}") from error


def refresh(root: Path, *, is_shared: bool = False) -> None:
    """Make the views anew that an older version has left in `root`, where that can be done.

    For whoever reads before a proxy of this version has run. A ledger of a later version, and one
    where nothing can be written, stays as it is.

    Raises:
        LedgerUnusable: It cannot be made; the message is one sentence for a person.
    """
    folder = folder_at(root)
    found = _meta(folder).get("schema_version")
    if found is not None and found <= VERSION and os.access(root, os.W_OK):
        prepare(root, is_shared=is_shared)


def open_ledger(store: Store) -> duckdb.DuckDBPyConnection:
    """Open the views read-only, of a folder or of a shared ledger.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be opened.
    """
    if isinstance(store, Shared):
        return open_lake(store)
    refuse_without_commits(folder_at(store))
    face = folder_at(store).face
    if not face.exists():
        raise LedgerUnusable(
            f"there is no ledger in {face.parent}: the proxy makes it at its start"
        )
    try:
        return again_if_gone(lambda: duckdb.connect(face, read_only=True))
    except duckdb.Error as error:
        raise LedgerUnusable(f"{face} cannot be opened: {error}") from error


def recent_requests(store: Store, last: int) -> list[Entry]:
    """Return the requests received last, with their attempts, the newest at the end.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be read.
    """
    with open_ledger(store) as connection:
        try:
            return again_if_gone(lambda: _recent(connection, last))
        except duckdb.Error as error:
            raise LedgerUnusable(f"{shown(store)} cannot be read: {sentence(error)}") from error


@dataclass(frozen=True, slots=True)
class Happenings:
    """Which events: the last ones since a time, of some kinds or, if none is named, of all."""

    last: int
    since_us: int | None = None
    kinds: tuple[str, ...] = ()


def recent_events(store: Store, wanted: Happenings) -> list[EventRow]:
    """Return the last events that are wanted, the newest at the end.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be read.
    """
    (events,) = (table for table in TABLES if table.name == "events")
    query = (
        f"{sql.as_fields(events)} WHERE epoch_us(event_at) >= ? "
        "AND (len(?::VARCHAR[]) = 0 OR list_contains(?, kind)) "
        "ORDER BY event_at DESC, event_id DESC LIMIT ?"
    )
    kinds = list(wanted.kinds)
    values = [wanted.since_us or 0, kinds, kinds, wanted.last]
    with open_ledger(store) as connection:
        try:
            rows = again_if_gone(lambda: _fields(connection, query, values))
        except duckdb.Error as error:
            raise LedgerUnusable(f"{shown(store)} cannot be read: {sentence(error)}") from error
    return [EventRow(**row) for row in reversed(rows)]


def _recent(connection: duckdb.DuckDBPyConnection, last: int) -> list[Entry]:
    requests, attempts, losses, events = TABLES
    newest = "ORDER BY received_at DESC, request_id DESC LIMIT ?"
    found = _fields(connection, f"{sql.as_fields(requests)} {newest}", [last])
    ids = [str(row["request_id"]) for row in found]
    tries = _theirs(connection, attempts, AttemptRow, ids)
    lost = _theirs(connection, losses, LossRow, ids)
    caused = _theirs(connection, events, EventRow, ids)
    return [
        Entry(
            request=RequestRow(**row),
            attempts=tuple(tries[str(row["request_id"])]),
            losses=tuple(lost[str(row["request_id"])]),
            events=tuple(caused[str(row["request_id"])]),
        )
        for row in reversed(found)
    ]


def _theirs(
    connection: duckdb.DuckDBPyConnection, table: Table, shape: type[Row], ids: list[str]
) -> dict[str, list[Row]]:
    """Return the rows of each of the requests `ids`, in the order of their attempts."""
    order = "attempt_no" if table.moment is None else f"attempt_no, {table.columns[0].name}"
    theirs = f"WHERE list_contains(?, request_id::VARCHAR) ORDER BY {order}"
    found: dict[str, list[Row]] = {request_id: [] for request_id in ids}
    for row in _fields(connection, f"{sql.as_fields(table)} {theirs}", [ids]):
        found[str(row["request_id"])].append(shape(**row))
    return found


def _fields(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[object]
) -> list[Mapping[str, Any]]:
    result = connection.execute(query, parameters)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _newest_parquet(folder: Folder) -> int | None:
    """Return the latest version that a file says it is of, where no views are left to say it."""
    found = []
    query = "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?"
    with duckdb.connect() as connection:
        for path in folder.data.glob("*.parquet"):
            try:
                rows = connection.execute(query, [str(path), sql.SCHEMA_KEY.encode()]).fetchall()
            except duckdb.Error:
                continue  # a damaged one says nothing; compaction tells of it
            found += [int(value) for (value,) in rows]
    return max(found, default=None)


def _refuse_newer(folder: Folder, found: int | None) -> None:
    """Leave alone what a later version made: it may mean what this one cannot know."""
    if found is not None and found > VERSION:
        raise LedgerUnusable(
            f"the ledger in {folder.root} has schema {found}, of a later version of pointsman, "
            f"and this one knows {VERSION}: upgrade, or set another folder"
        )


def _meta(folder: Folder) -> Mapping[str, Any]:
    """Return what the views that are there say of themselves; nothing if they cannot be read."""
    if not folder.face.exists():
        return {}
    try:
        with duckdb.connect(folder.face, read_only=True) as connection:
            return next(iter(_fields(connection, "SELECT * FROM meta", [])), {})
    except duckdb.Error:
        return {}  # the face holds nothing that cannot be made again


def _make_placeholders(folder: Folder) -> None:
    with duckdb.connect() as connection:
        for table in _STORED:
            final = folder.parquet(table.name, PLACEHOLDER)
            unfinished = final.with_suffix(f".{os.getpid()}.tmp")
            connection.execute(sql.copy_to(unfinished, sql.no_rows(table)))
            unfinished.chmod(0o600)
            unfinished.rename(final)


def _make_face(folder: Folder, statements: list[str], told: tuple[str, str]) -> None:
    unfinished = folder.face.with_suffix(f".{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        # An old storage version: clients older than this DuckDB can open it.
        connection.execute(
            f"ATTACH {sql.quoted(str(unfinished))} AS face (STORAGE_VERSION 'v1.2.0')"
        )
        connection.execute("USE face")
        connection.execute(
            "CREATE TABLE meta (schema_version INTEGER, face VARCHAR, holds VARCHAR)"
        )
        connection.execute("INSERT INTO meta VALUES (?, ?, ?)", [VERSION, *told])
        for statement in statements:
            connection.execute(statement)
        connection.execute("CHECKPOINT face")
        connection.execute("USE memory")
        connection.execute("DETACH face")
    unfinished.chmod(0o600)
    unfinished.rename(folder.face)
