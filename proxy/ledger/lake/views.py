"""The shared ledger for whoever reads: the same views, over it and what this host has not shared.

A row is there at once for readers on its own host, and for others once its journal was handed over.
Each row is there once at every moment: what the shared ledger says it has does not count at home,
and one transaction sees one state of it.
"""

from typing import Final

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger import sql
from proxy.ledger.folder import PLACEHOLDER, Folder, folder_at
from proxy.ledger.lake.address import Shared
from proxy.ledger.lake.catalog import attach, reason
from proxy.ledger.lake.tables import Columns, check_version, columns
from proxy.ledger.schema import ROLLUPS, TABLES, VERSION, Table

HOLDS: Final = "all hosts' rows, other hosts' once they have been handed over: see hosts.shared_at"
_ALONE: Final = "; none that a host has not handed over yet"

_HOSTS: Final = """CREATE VIEW hosts AS
SELECT host, max(shared_at) AS shared_at, sum(requests)::BIGINT AS requests
FROM lake.main.journals GROUP BY host"""


def open_lake(shared: Shared) -> duckdb.DuckDBPyConnection:
    """Open the views, read-only; the database that holds them is called `face`.

    Raises:
        LedgerUnusable: There is no shared ledger, or it cannot be opened.
    """
    connection = attach(shared.lake, "pointsman:reader")
    try:
        check_version(connection)
        folder = _local(shared)
        connection.execute("ATTACH ':memory:' AS face")
        connection.execute("USE face")
        there = columns(connection)
        for statement in [
            *(_view(table, there, folder) for table in TABLES),
            _rollups(there, folder),
            _HOSTS,
        ]:
            connection.execute(statement)
        connection.execute(_meta(HOLDS if folder is not None else HOLDS + _ALONE))
    except duckdb.Error as error:
        connection.close()
        raise LedgerUnusable(
            f"the shared ledger {shared.lake.catalog.shown} cannot be read: {reason(error)}"
        ) from None
    except LedgerUnusable:
        connection.close()
        raise
    return connection


def _local(shared: Shared) -> Folder | None:
    """Return this host's own folder, if a proxy has been at work there."""
    if shared.folder is None:
        return None
    folder = folder_at(shared.folder)
    there = [folder.parquet(table.name, PLACEHOLDER) for table in (*TABLES, ROLLUPS)]
    return folder if all(path.exists() for path in (folder.commits, *there)) else None


def _view(table: Table, there: Columns, folder: Folder | None) -> str:
    rows = _shared_rows(table, there)
    if folder is not None:
        but = "\nAND file_name NOT IN (SELECT journal FROM lake.main.journals)"
        rows += f"\nUNION ALL\nSELECT * FROM ({sql.counted(folder, table, but)})"
    return f"CREATE VIEW {table.name} AS\n{rows}"


def gone_days(connection: duckdb.DuckDBPyConnection, shared: Shared) -> str:
    """Return a query for what stays of days that are gone, in a connection to `shared`."""
    return _gone(columns(connection), _local(shared))


def _gone(there: Columns, folder: Folder | None) -> str:
    parts = [_shared_rows(ROLLUPS, there)]
    if folder is not None:
        parts.append(f"SELECT * FROM ({sql.stored(folder, ROLLUPS)})")  # noqa: S608  # ours
    return "\nUNION ALL\n".join(parts)


def _rollups(there: Columns, folder: Folder | None) -> str:
    return f"CREATE VIEW rollups AS\n{_gone(there, folder)}\nUNION ALL\n{sql.rest_rolled_up()}"


def _shared_rows(table: Table, there: Columns) -> str:
    """Return a query for what is shared; a column that no host knows yet is NULL."""
    known = there.get(table.name)
    if known is None:
        return f"SELECT * EXCLUDE file_name FROM ({sql.no_rows(table)})"  # noqa: S608  # ours
    columns = ", ".join(
        f'"{one.name}"' if one.name in known else f'NULL::{one.type} AS "{one.name}"'
        for one in table.columns
    )
    return f"SELECT {columns} FROM lake.main.{table.name}"  # noqa: S608  # names of schema.sql


def _meta(holds: str) -> str:
    told = f"{VERSION} AS schema_version, 'shared' AS face, {sql.quoted(holds)} AS holds"
    return f"CREATE VIEW meta AS SELECT {told}"
