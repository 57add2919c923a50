"""The tables of a shared ledger: made by the first host, widened by later versions."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger.asking import transaction
from proxy.ledger.lake.catalog import data_path, reason
from proxy.ledger.schema import ROLLUPS, TABLES, VERSION, Column, Table
from proxy.ledger.sql import quoted

Columns = Mapping[str, Sequence[str]]

_TRIES: Final = 5


def _table(name: str, *columns: tuple[str, str]) -> Table:
    return Table(name, tuple(Column(one, kind, nullable=True, meaning="") for one, kind in columns))


ABOUT: Final = _table("about", ("lake_id", "VARCHAR"), ("schema_version", "INTEGER"))
JOURNALS: Final = _table(  # whose rows are here: what is named here does not count at home
    "journals",
    ("journal", "VARCHAR"),
    ("host", "VARCHAR"),
    ("requests", "BIGINT"),
    ("shared_at", "TIMESTAMP"),
)
UPKEEPS: Final = _table("upkeeps", ("day", "DATE"), ("host", "VARCHAR"))

_ALL: Final = (*TABLES, ROLLUPS, ABOUT, JOURNALS, UPKEEPS)


def prepare_lake(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that are missing, and the columns that older versions did not have.

    Raises:
        LedgerUnusable: It is of a later version, or its storage is not where this host looks.
        duckdb.Error: The catalog cannot be asked.
    """
    for left in reversed(range(_TRIES)):
        try:
            with transaction(connection):
                _make(connection)
            break
        except duckdb.TransactionException:  # another host did it just now
            if not left:
                raise


def check_version(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave alone what a later version made: it may mean what this one cannot know.

    Raises:
        LedgerUnusable: It is of a later version.
    """
    found = _about(connection)
    if found is not None and found[1] > VERSION:
        raise LedgerUnusable(
            f"the shared ledger has schema {found[1]}, of a later version of pointsman, "
            f"and this one knows {VERSION}: upgrade"
        )


def check_storage(connection: duckdb.DuckDBPyConnection) -> None:
    """Look for the sign that the first host has left beside the Parquet.

    Without it a share that is not mounted would be taken for a folder, and written to by this host
    alone.

    Raises:
        LedgerUnusable: It is not there.
        duckdb.Error: The catalog cannot be asked.
    """
    place, found = data_path(connection), _about(connection)
    try:
        is_there = found is not None and _is_there(connection, _sign(place, found[0]))
    except (duckdb.Error, OSError) as error:
        raise LedgerUnusable(
            f"{place} of the shared ledger cannot be read: {reason(error)}"
        ) from None
    if not is_there:
        raise LedgerUnusable(
            f"{place} is not where the other hosts of the shared ledger write to: mount it there, "
            "or say in [ledger] data where this host has it"
        )


def _make(connection: duckdb.DuckDBPyConnection) -> None:
    """Make what is missing; where nothing is, this writes nothing, and neither without storage."""
    there = columns(connection)
    if ABOUT.name in there:
        check_version(connection)
        check_storage(connection)
    for table in _ALL:
        known = there.get(table.name)
        if known is None:
            wanted = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            connection.execute(f"CREATE TABLE lake.main.{table.name} ({wanted})")
        else:
            _widen(connection, table, known)
    about = _about(connection)
    if about is None:
        lake_id = secrets.token_hex(8)
        _leave_sign(connection, _sign(data_path(connection), lake_id))
        connection.execute("INSERT INTO lake.main.about VALUES (?, ?)", [lake_id, VERSION])
    elif about[1] < VERSION:  # older hosts do not know what this one writes
        connection.execute("UPDATE lake.main.about SET schema_version = ?", [VERSION])


def _widen(connection: duckdb.DuckDBPyConnection, table: Table, there: Sequence[str]) -> None:
    for column in table.columns:
        if column.name not in there:
            added = f'"{column.name}" {column.type}'
            connection.execute(f"ALTER TABLE lake.main.{table.name} ADD COLUMN {added}")


def columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    """Return which columns each table has by now."""
    query = """SELECT table_name, list(column_name) FROM duckdb_columns()
WHERE database_name = 'lake' AND schema_name = 'main' GROUP BY ALL"""
    return dict(connection.execute(query).fetchall())


def _about(connection: duckdb.DuckDBPyConnection) -> tuple[str, int] | None:
    row = connection.execute("SELECT lake_id, schema_version FROM lake.main.about").fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def _sign(place: str, lake_id: str) -> str:
    return f"{place}pointsman-{lake_id}.json"


def _is_there(connection: duckdb.DuckDBPyConnection, sign: str) -> bool:
    if "://" not in sign:
        return Path(sign).exists()
    return connection.execute("SELECT count(*) FROM glob(?)", [sign]).fetchone() == (1,)


def _leave_sign(connection: duckdb.DuckDBPyConnection, sign: str) -> None:
    if "://" not in sign:
        Path(sign).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection.execute(f"COPY (SELECT 1 AS version) TO {quoted(sign)} (FORMAT json)")
