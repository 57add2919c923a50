# ruff: noqa: S608  # names come from schema.sql, and paths go through quoted()
"""What can be opened: the proxy's ledger, a snapshot of one, a folder of Parquet files.

Each becomes a connection whose default database has a view for each grain. Nothing is read yet but
the names of columns.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import duckdb

from analysis.errors import LedgerInUse, NoLedger, WrongColumns
from analysis.grains import GRAINS
from proxy.errors import LedgerUnusable
from proxy.ledger import sql, views
from proxy.ledger.lake.address import SCHEME, WANTED, Shared, Store, shared_at
from proxy.ledger.schema import ROLLUPS, TABLES, Table

Kind = Literal["live", "shared", "snapshot", "parquet"]
_LOCKED: Final = "Could not set lock"


@dataclass(frozen=True, slots=True)
class Source:
    """An open ledger.

    Attributes:
        connection: With a view for each grain.
        kind: live: each request shows once it has ended; shared: those of other hosts, once their
            journals were handed over; the others show what was there when they were made.
        place: As it was asked for.
        made_at: When what is shown was written down, in UTC; `None`: it grows.
    """

    connection: duckdb.DuckDBPyConnection
    kind: Kind
    place: str
    made_at: datetime | None = None


def open_source(place: Path | str, folder: Path | None = None) -> Source:
    """Open what is at `place`, read-only.

    Args:
        place: What is to be opened.
        folder: Of a shared ledger: this host's own, for rows that are not handed over yet.

    Raises:
        AnalysisError: It is nothing that can be read; the message is one sentence.
    """
    if isinstance(place, str) and ":" in place and not Path(place).exists():
        return _shared(place, folder)
    path = Path(place).expanduser().absolute()
    root = path.parent if path.is_file() or path.name == "data" else path
    if (root / "commits.jsonl").exists():
        return _live(root)
    if path.is_dir():
        return _parquet(path)
    if path.is_file():
        return _snapshot(path)
    raise NoLedger(f"there is nothing at {path}: the proxy makes its ledger at its start")


def source_of(store: Store) -> Source:
    """Open the ledger that a verb of the command line is about, as `open_source` does."""
    return _lake(store) if isinstance(store, Shared) else open_source(store)


def _shared(address: str, folder: Path | None) -> Source:
    if not address.startswith(SCHEME):  # it may hold a password, and is not shown
        raise NoLedger(f"what was named is no path that exists, and no address like {WANTED}")
    try:
        store = shared_at(address, folder)
    except LedgerUnusable as error:
        raise NoLedger(str(error)) from error
    return _lake(store)


def _lake(store: Shared) -> Source:
    try:
        return Source(views.open_ledger(store), "shared", store.lake.catalog.shown)
    except LedgerUnusable as error:
        raise NoLedger(str(error)) from error


def _live(root: Path) -> Source:
    try:
        views.refresh(root)
        return Source(views.open_ledger(root), "live", str(root))
    except LedgerUnusable as error:
        raise NoLedger(str(error)) from error


def _snapshot(path: Path) -> Source:
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH {sql.quoted(str(path))} AS snapshot (READ_ONLY)")
    except duckdb.Error as error:
        connection.close()
        raise _closed(path, error) from error
    for table in TABLES:
        _refuse_other_columns(connection, table, path)
        connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM snapshot.{table.name}")
    _view_rollups(connection)
    ((made,),) = connection.execute("SELECT made_at FROM snapshot.meta").fetchall()
    return Source(connection, "snapshot", str(path), made)


def _closed(path: Path, error: duckdb.Error) -> LedgerInUse | NoLedger:
    if _LOCKED in str(error):
        return LedgerInUse(
            f"another process has {path} open for writing: "
            "close it there, or open the proxy's ledger folder, which any number may read"
        )
    return NoLedger(f"{path} is no snapshot that can be read: {views.sentence(error)}")


def _refuse_other_columns(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    found = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'snapshot' AND table_name = ?",
        [table.name],
    ).fetchall()
    missing = [one.name for one in table.columns if (one.name, one.type) not in found]
    if missing:
        raise WrongColumns(
            f"{path} was made by another version of pointsman, without {table.name}."
            f"{missing[0]}{' and others' if len(missing) > 1 else ''} as this one reads it: "
            "make the snapshot again from its ledger"
        )


def _parquet(path: Path) -> Source:
    files = {table.name: sorted(path.rglob(f"{table.name}*.parquet")) for table in TABLES}
    if not files["requests"]:
        raise NoLedger(
            f"there is no ledger in {path}: want commits.jsonl, or Parquet files "
            "named requests*.parquet, attempts*.parquet and losses*.parquet"
        )
    connection = duckdb.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table.name} AS {_stored(connection, table, files)}")
    _view_rollups(connection)
    newest = max(file.stat().st_mtime for found in files.values() for file in found)
    made = datetime.fromtimestamp(newest, tz=UTC).replace(tzinfo=None)
    return Source(connection, "parquet", str(path), made)


def _stored(
    connection: duckdb.DuckDBPyConnection, table: Table, files: dict[str, list[Path]]
) -> str:
    """Return a query for the rows of a table; a column that no file has is NULL."""
    listed = ", ".join(sql.quoted(str(file)) for file in files[table.name])
    if not listed:
        return sql.no_rows(table).replace(", NULL AS file_name", "")
    source = f"read_parquet([{listed}], union_by_name = true)"
    found = {row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()}
    columns = ", ".join(
        f"{one.name if one.name in found else 'NULL'}::{one.type} AS {one.name}"
        for one in table.columns
    )
    return f"SELECT {columns} FROM {source}"


def _view_rollups(connection: duckdb.DuckDBPyConnection) -> None:
    every = sql.rolled_up("SELECT * FROM requests", "SELECT * FROM attempts")
    names = ", ".join(column.name for column in GRAINS[ROLLUPS.name].columns)
    connection.execute(f"CREATE VIEW rollups AS SELECT {names} FROM ({every})")
