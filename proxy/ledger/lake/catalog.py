"""Opens the catalog of a shared ledger.

The password goes into a secret of the connection: DuckDB shows it to nobody, and no message that
it writes holds it.
"""

from pathlib import Path
from typing import Final

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger.asking import sentence
from proxy.ledger.lake.address import Catalog, Lake
from proxy.ledger.lake.extensions import OFFLINE, load
from proxy.ledger.parquet import FRUGAL
from proxy.ledger.sql import quoted

BESIDE: Final = "-shared"  # what is added to the name of a ledger's folder: there lies the Parquet

_EXTENSIONS: Final = ("ducklake", "postgres_scanner")
# Whoever waits for a network that swallows everything finds out within a minute.
_PATIENCE: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "45000",
}
_RETRIES: Final = 100  # of a commit; DuckLake's own ten are too few for several hosts


def attach(
    lake: Lake, session: str, *, writes_near: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection that has the shared ledger as its database `lake`.

    Args:
        lake: Where it is.
        session: What PostgreSQL is told about who asks.
        writes_near: For a writer, its own folder: beside it lies the Parquet if nobody says
            another place and this is the first host. `None` is for a reader.

    Raises:
        LedgerUnusable: It cannot be had; the message is one sentence.
    """
    connection = duckdb.connect(config=_config(writes_near))
    try:
        _attach(connection, lake, session, writes_near)
    except duckdb.Error as error:
        connection.close()
        raise LedgerUnusable(_why(lake.catalog, error)) from None
    except LedgerUnusable:
        connection.close()
        raise
    return connection


def _config(writes_near: Path | None) -> dict[str, str | bool | int | float | list[str]]:
    if writes_near is None:
        return OFFLINE
    return OFFLINE | FRUGAL | {"temp_directory": str(writes_near / "shared-spill.tmp")}


def _why(catalog: Catalog, error: duckdb.Error) -> str:
    if "does not exist - and creating" in str(error):
        return (
            f"there is no shared ledger in {catalog.shown} yet: "
            "the first proxy that is told of it makes it"
        )
    return f"the shared ledger {catalog.shown} cannot be opened: {reason(error)}"


def reason(error: Exception) -> str:
    """Return why it is, without how we got there."""
    text = sentence(error)
    _, found, rest = text.partition("Unable to connect to Postgres at ")
    return rest.partition('": ')[2] if found else text


def data_path(connection: duckdb.DuckDBPyConnection) -> str:
    """Return where the Parquet is for this host; a folder or an address, with its last slash."""
    row = connection.execute("SELECT data_path FROM ducklake_settings('lake')").fetchone()
    return str(row[0]) if row else ""


def _attach(
    connection: duckdb.DuckDBPyConnection, lake: Lake, session: str, writes_near: Path | None
) -> None:
    load(connection, _EXTENSIONS, fetches=lake.fetches)
    connection.execute(_secret(lake.catalog))
    options = ["META_SECRET lake_catalog"]
    options += ["READ_ONLY"] if writes_near is None else []
    try:
        connection.execute(_statement(lake.catalog, session, [*options, *_data(lake.data)]))
    except duckdb.InvalidInputException as error:
        if writes_near is None or "data_path is not set" not in str(error):
            raise
        beside = str(writes_near.with_name(writes_near.name + BESIDE))
        connection.execute(_statement(lake.catalog, session, [*options, *_data(beside)]))
    connection.execute(f"SET ducklake_max_retry_count = {_RETRIES}")
    if "://" in data_path(connection):
        load(connection, ("httpfs",), fetches=lake.fetches)


def _secret(catalog: Catalog) -> str:
    known = {
        "HOST": catalog.host,
        "PORT": None if catalog.port is None else str(catalog.port),
        "DATABASE": catalog.database,
        "USER": catalog.user,
        "PASSWORD": catalog.password,
    }
    told = (f"{name} {quoted(text)}" for name, text in known.items() if text is not None)
    return f"CREATE TEMPORARY SECRET lake_catalog (TYPE postgres, {', '.join(told)})"


def _statement(catalog: Catalog, session: str, options: list[str]) -> str:
    told = {**_PATIENCE, "application_name": session, **dict(catalog.options)}
    words = " ".join(f"{name}={_libpq(text)}" for name, text in told.items())
    return f"ATTACH {quoted(f'ducklake:postgres:{words}')} AS lake ({', '.join(options)})"


def _data(place: str | None) -> list[str]:
    """Return what says where the Parquet is, also if the catalog says another place."""
    return [] if place is None else [f"DATA_PATH {quoted(place)}", "OVERRIDE_DATA_PATH true"]


def _libpq(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
