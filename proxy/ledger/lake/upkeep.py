# ruff: noqa: S608  # names come from schema.sql
"""What a shared ledger needs once a day, from one of its hosts: merged files, and old days gone.

DuckLake merges, and removes what it replaced; it owns the files that were added. Two hosts that do
this at once hinder each other and nothing else: of two that change one file, the second fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb

from proxy.errors import LedgerRefused
from proxy.ledger import sql
from proxy.ledger.asking import transaction
from proxy.ledger.keep import Keep
from proxy.ledger.lake.address import Shared, shown
from proxy.ledger.lake.catalog import attach, reason
from proxy.ledger.lake.tables import JOURNALS, check_storage, check_version
from proxy.ledger.schema import ROLLUPS, TABLES

_NAME: Final = "pointsman:command"
_GRACE: Final = "INTERVAL 1 hour"  # what a reader may have begun with stays that long
_MERGED: Final = (
    # Not that of `about`: it must be readable where the storage is away, to say so.
    f"ducklake_flush_inlined_data('lake', table_name => '{JOURNALS.name}')",
    f"ducklake_flush_inlined_data('lake', table_name => '{ROLLUPS.name}')",
    "ducklake_merge_adjacent_files('lake')",
    "ducklake_rewrite_data_files('lake', delete_threshold => 0.5)",
)
_REMOVED: Final = (
    f"ducklake_expire_snapshots('lake', older_than => now() - {_GRACE})",
    f"ducklake_cleanup_old_files('lake', older_than => now() - {_GRACE})",
)


@dataclass(frozen=True, slots=True)
class Gone:
    """The days that went, or would go, and how many requests they had."""

    first: date | None = None
    last: date | None = None
    requests: int = 0


@contextmanager
def looked_after(shared: Shared) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a shared ledger that is there, to be changed by a person's command.

    Raises:
        LedgerUnusable: It cannot be opened.
        LedgerRefused: What was done to it failed.
    """
    attach(shared.lake, _NAME).close()  # a writer would make it where it is not
    with TemporaryDirectory(prefix="pointsman-") as spill:
        connection = attach(shared.lake, _NAME, writes_near=shared.folder or Path(spill))
        try:
            check_version(connection)
            check_storage(connection)
            yield connection
        except duckdb.Error as error:
            raise LedgerRefused(f"{shown(shared)} was not changed: {reason(error)}") from None
        finally:
            connection.close()


def keep_up(connection: duckdb.DuckDBPyConnection, keep: Keep, host: str, day: date) -> None:
    """Do all of it, unless a host has done it on `day`.

    Raises:
        duckdb.Error: Something of it could not be done; all that is done is whole.
    """
    query = "SELECT count(*) FROM lake.main.upkeeps WHERE day = ?"
    if connection.execute(query, [day]).fetchone() != (0,):
        return
    prune_lake(connection, keep, day)
    merge(connection)
    with transaction(connection):
        connection.execute("DELETE FROM lake.main.upkeeps WHERE day < ?", [day])
        connection.execute("INSERT INTO lake.main.upkeeps VALUES (?, ?)", [day, host])


def merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Make few files of many, and remove those that were replaced an hour ago or longer.

    Raises:
        duckdb.Error: Something of it could not be done; all that is done is whole.
    """
    for work in (*_MERGED, *_REMOVED):
        connection.execute(f"SELECT count(*) FROM {work}").fetchall()


def prune_lake(
    connection: duckdb.DuckDBPyConnection, keep: Keep, now: date, *, only_say: bool = False
) -> Gone:
    """Let the days go that are older than is kept; their rollups stay, in the same transaction.

    Raises:
        duckdb.Error: That could not be done, as when another host is doing it.
    """
    if keep.days is None:
        return Gone()
    end = now - timedelta(days=keep.days)
    with transaction(connection):
        gone = _old(connection, end)
        if not only_say:
            _drop(connection, end)
    return gone


def _old(connection: duckdb.DuckDBPyConnection, end: date) -> Gone:
    query = (
        "SELECT min(received_at)::DATE, max(received_at)::DATE, count(*) "
        f"FROM lake.main.{TABLES[0].name} WHERE received_at < ?"
    )
    return Gone(*(connection.execute(query, [end]).fetchone() or ()))


def _drop(connection: duckdb.DuckDBPyConnection, end: date) -> None:
    head, *rest = TABLES
    old = f"SELECT * FROM lake.main.{head.name} WHERE {head.moment} < DATE '{end}'"
    theirs = f"request_id IN (SELECT request_id FROM ({old}))"
    attempts = f"SELECT * FROM lake.main.{rest[0].name} WHERE {theirs}"
    rolled = sql.rolled_up(old, attempts)
    connection.execute(f"INSERT INTO lake.main.{ROLLUPS.name} BY NAME {rolled}")
    for table in (*rest, head):
        which = theirs if table.moment is None else f"{table.moment} < DATE '{end}'"
        connection.execute(f"DELETE FROM lake.main.{table.name} WHERE {which}")
