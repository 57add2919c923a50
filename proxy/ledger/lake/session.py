# ruff: noqa: S608  # names come from schema.sql
"""The catalog as the one converter of a host holds it open.

A converter that was killed in its commit may have left the server at work on it: whoever comes
after it first ends the sessions that this host's converters have left, and waits until they are
gone. What is registered then is registered, and what is not never will be.
"""

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from proxy.errors import LedgerUnusable
from proxy.ledger.asking import transaction
from proxy.ledger.folder import Folder
from proxy.ledger.lake.address import Lake
from proxy.ledger.lake.catalog import attach, data_path
from proxy.ledger.lake.shelf import Files
from proxy.ledger.lake.tables import prepare_lake
from proxy.ledger.line import Ended
from proxy.ledger.lineage import HORIZON_US, MAX_ROWS, Lineage
from proxy.ledger.schema import TABLES
from proxy.ledger.sql import quoted

_NAME: Final = "lake.id"  # of the folder, as PostgreSQL sees its converters
_GONE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Session:
    """An open catalog whose tables are ready; `place` is where this host puts Parquet."""

    connection: duckdb.DuckDBPyConnection
    place: str

    def registered(self, journals: Sequence[str]) -> set[str]:
        """Return which of the journals are in the shared ledger already."""
        query = "SELECT journal FROM lake.main.journals WHERE list_contains(?, journal)"
        return {name for (name,) in self.connection.execute(query, [list(journals)]).fetchall()}

    def register(self, made: Mapping[str, Files], host: str, now_us: int) -> None:
        """Make the rows of all of `made` everybody's, or of none.

        Raises:
            duckdb.Error: That failed; or it did not, and nobody was told: ask for the names again.
        """
        made = {name: files for name, files in made.items() if files.files}
        if not made:
            return
        with transaction(self.connection):
            for table in TABLES:
                added = [one.files[table.name] for one in made.values() if table.name in one.files]
                if added:
                    self._add(table.name, added)
            for name, files in made.items():
                self.connection.execute(
                    "INSERT INTO lake.main.journals BY NAME SELECT ? AS journal, ? AS host, "
                    "?::BIGINT AS requests, make_timestamp(?) AS shared_at",
                    [name, host, files.rows.get(TABLES[0].name, 0), now_us],
                )

    def _add(self, table: str, files: Sequence[str]) -> None:
        listed = ", ".join(quoted(file) for file in files)
        self.connection.execute(
            f"CALL ducklake_add_data_files('lake', {quoted(table)}, [{listed}], "
            "allow_missing => true)"
        ).fetchall()


def opened(folder: Folder, lake: Lake, now_us: int) -> tuple[Session, Lineage]:
    """Open the catalog, and remember the prompts that this host has handed over lately.

    Raises:
        LedgerUnusable: It cannot be opened.
        duckdb.Error: It cannot be asked.
    """
    family = f"pointsman:{_folder_id(folder.root / _NAME)}:"
    own = family + secrets.token_hex(4)
    connection = attach(lake, own, writes_near=folder.root)
    try:
        _end_others(connection, family, own)
        prepare_lake(connection)
        return Session(connection, data_path(connection)), _remembered(connection, now_us)
    except BaseException:
        connection.close()
        raise


def _folder_id(path: Path) -> str:
    """Return the id of a ledger's folder, made at the first call; its one converter alone asks."""
    if not path.exists():
        made = path.with_suffix(".tmp")
        fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_hex(8))
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    return path.read_text("ascii")


def _end_others(connection: duckdb.DuckDBPyConnection, family: str, own: str) -> None:
    others = (
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE starts_with(application_name, {quoted(family)}) "
        f"AND application_name <> {quoted(own)}"
    )
    query = f"SELECT count(*) FROM postgres_query('__ducklake_metadata_lake', {quoted(others)})"
    deadline_s = time.monotonic() + _GONE_S
    while connection.execute(query).fetchone() != (0,):
        if time.monotonic() > deadline_s:
            raise LedgerUnusable(
                "an earlier converter's session is still at work in the shared ledger's catalog"
            )
        time.sleep(0.1)


def _remembered(connection: duckdb.DuckDBPyConnection, now_us: int) -> Lineage:
    """Return what is known of the last hours' prompts: chains of other secrets match nothing."""
    query = (
        "SELECT request_id::VARCHAR, epoch_us(received_at), app, client_key, prefix_chain "
        "FROM lake.main.requests WHERE prefix_chain IS NOT NULL "
        "AND received_at >= make_timestamp(?) ORDER BY received_at DESC LIMIT ?"
    )
    rows = connection.execute(query, [now_us - HORIZON_US, MAX_ROWS]).fetchall()
    lineage = Lineage()
    lineage.parents(Ended(*row) for row in rows)
    return lineage
