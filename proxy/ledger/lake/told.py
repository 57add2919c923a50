"""What there is of a shared ledger, and whether it is sound; changes nothing."""

from collections.abc import Iterator

import duckdb
import msgspec

from proxy.errors import LedgerUnusable
from proxy.ledger.asking import again_if_gone
from proxy.ledger.lake.catalog import data_path, reason
from proxy.ledger.lake.tables import check_storage
from proxy.ledger.schema import ROLLUPS, TABLES


class Host(msgspec.Struct, frozen=True):
    """One of the hosts that write."""

    host: str
    shared_at: str | None  # UTC; when it handed something over last
    requests: int  # that it has handed over, also those that went since


class Storage(msgspec.Struct, frozen=True):
    """What the catalog says of the Parquet."""

    data: str
    files: int
    bytes: int


def storage(connection: duckdb.DuckDBPyConnection) -> Storage:
    """Return where the Parquet is, and how much."""
    sums = "sum(file_count)::BIGINT, sum(file_size_bytes)::BIGINT"
    query = f"SELECT {sums} FROM ducklake_table_info('lake')"  # noqa: S608  # ours
    files, size = connection.execute(query).fetchone() or (0, 0)
    return Storage(data_path(connection), files or 0, size or 0)


def hosts(connection: duckdb.DuckDBPyConnection) -> tuple[Host, ...]:
    """Return who writes, and how fresh what they have handed over is."""
    rows = connection.execute(
        "SELECT host, shared_at, requests FROM hosts ORDER BY host"
    ).fetchall()
    return tuple(
        Host(host, None if at is None else at.isoformat(), requests or 0)
        for host, at, requests in rows
    )


def lake_problems(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Return a line for each thing that is wrong with the storage; reads every value.

    A file that is missing, or cannot be read, is named.
    """
    try:
        check_storage(connection)
    except LedgerUnusable as error:
        yield str(error)
        return
    for table in (*TABLES, ROLLUPS):
        query = f"SELECT count(*), max(hash(one)) FROM lake.main.{table.name} AS one"  # noqa: S608  # ours
        try:
            again_if_gone(lambda query=query: connection.execute(query).fetchone())  # type: ignore[misc]
        except duckdb.Error as error:
            yield f"{table.name} of the shared ledger cannot be read: {reason(error)}"
