"""One portable file with what the ledger holds at this moment, for any client of DuckDB.

Redaction, each level with what the one before takes away:
    none    everything as it is in the ledger
    ids     who it was: ids, user agents, keys' labels and hosts become hashes, equal for equal ones
            in one file; nobody can try values out, for the salt of a file is not kept; and what
            looks like an id or an address in a provider's message is struck out
    texts   what somebody wrote: messages, decisions, raw usage, paths and addresses are gone
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import duckdb

from proxy import VERSION as PROXY_VERSION
from proxy.errors import LedgerRefused
from proxy.ledger import sql
from proxy.ledger.asking import transaction
from proxy.ledger.folder import folder_at
from proxy.ledger.lake.address import Shared, Store
from proxy.ledger.lake.views import gone_days
from proxy.ledger.schema import ROLLUPS, TABLES, VERSION, Column, Table
from proxy.ledger.views import again_if_gone, open_ledger, sentence

Redaction = Literal["none", "ids", "texts"]

IDS: Final = frozenset(
    {
        "event_id",
        "request_id",
        "parent_request",
        "session_id",
        "user_agent",
        "client",
        "subagent_id",
        "client_key",
        "host",
        "upstream_request_id",
    }
)
LINKS: Final = frozenset({"prefix_chain"})  # by them equal prompts are found again in other files
MESSAGES: Final = frozenset({"error_message", "why"})  # providers name organisations and requests
_LIKE_AN_ID: Final = (
    r"\b(?:req|request|org|proj|user|acct|account|msg|resp|chatcmpl|call|gen|sess|session|key|sk)"
    r"[-_][A-Za-z0-9_-]{6,}"
    r"|\b[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}\b"
    r"|\b[0-9A-Fa-f]{16,}\b"
    r"|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.]+"
)
TEXTS: Final[Mapping[str, frozenset[str]]] = {
    "requests": frozenset({"error_message", "decision", "path"}),
    "attempts": frozenset({"error_message", "usage_raw", "url"}),
    "losses": frozenset(),  # its path is ours: where something stood in a request
    "events": frozenset({"why", "detail"}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests, by when they were received, and how much of them."""

    made_us: int  # UTC since 1970, as all of them
    since_us: int | None = None
    until_us: int | None = None  # itself not
    redaction: Redaction = "none"


def snapshot(store: Store, target: Path, wanted: Wanted, *, replaces: bool = False) -> int:
    """Write the file, whole or not at all, and return how many requests are in it.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be opened.
        LedgerRefused: It cannot be written, or is there already.
    """
    if target.exists() and not replaces:
        raise _is_there(target)
    open_ledger(store).close()  # says what is the matter in words
    try:
        # A folder of our own beside it: nobody else sees what is not finished, nor its log.
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            unfinished = Path(folder) / "snapshot.duckdb"
            requests = again_if_gone(lambda: _write(store, unfinished, wanted))
            unfinished.chmod(0o600)
            _name(unfinished, target, replaces=replaces)
    except duckdb.Error as error:
        raise LedgerRefused(f"{target} cannot be made: {sentence(error)}") from error
    except OSError as error:
        raise LedgerRefused(f"{target} cannot be written ({error.strerror})") from error
    return requests


def _name(unfinished: Path, target: Path, *, replaces: bool) -> None:
    if replaces:
        unfinished.rename(target)
        return
    try:
        os.link(unfinished, target)  # unlike a rename, it fails where the name is taken
    except FileExistsError:
        raise _is_there(target) from None


def _is_there(target: Path) -> LedgerRefused:
    return LedgerRefused(f"{target} is there already: take another name, or --force")


def _write(store: Store, unfinished: Path, wanted: Wanted) -> int:
    unfinished.unlink(missing_ok=True)  # of a try before
    with _faced(store) as connection:
        connection.execute(f"SET temp_directory = {sql.quoted(f'{unfinished}.spill')}")
        file = sql.quoted(str(unfinished))
        connection.execute(f"ATTACH {file} AS snapshot (STORAGE_VERSION 'v1.2.0')")
        set_salt(connection)
        with transaction(connection):  # one moment for all tables: each row is there once
            for table in TABLES:
                connection.execute(_copy(table, wanted))
            connection.execute(_rollups(_gone(connection, store), wanted))
            connection.execute(*_meta(wanted))
        count = connection.execute("SELECT count(*) FROM snapshot.requests").fetchone()
        connection.execute("DETACH snapshot")
    return int(count[0]) if count else 0


def _faced(store: Store) -> duckdb.DuckDBPyConnection:
    """Return a connection that may write elsewhere, and has the views in a database `face`."""
    if isinstance(store, Shared):
        return open_ledger(store)
    connection = duckdb.connect()
    face = sql.quoted(str(folder_at(store).face))
    connection.execute(f"ATTACH {face} AS face (READ_ONLY)")
    return connection


def _copy(table: Table, wanted: Wanted) -> str:
    """Return the statement that copies a table; what belongs to requests after these is left out.

    Requests come first, so rows of one that ends meanwhile are not half there. Events come by
    their own time as well: what a request has caused concerns others.
    """
    columns = columns_of(table, wanted.redaction)
    rows = f"SELECT {columns} FROM face.{table.name} AS row"  # noqa: S608  # names of schema.sql
    known = "request_id IN (SELECT request_id FROM snapshot.requests)"
    within = known if table.moment is None else _within(table.moment, wanted)
    if table.name == "events":
        within = f"({within}) OR {known}"
    return f"CREATE TABLE snapshot.{table.name} AS SELECT * FROM ({rows}) WHERE {within}"  # noqa: S608  # likewise


def set_salt(connection: duckdb.DuckDBPyConnection) -> None:
    """Choose what ids are hashed with; nobody keeps it."""
    connection.execute("SET VARIABLE salt = ?", [secrets.token_hex(32)])


def columns_of(table: Table, redaction: Redaction) -> str:
    """Return what is selected of a table that is named `row`; `set_salt` comes before."""
    return ", ".join(_column(table, column, redaction) for column in table.columns)


def _gone(connection: duckdb.DuckDBPyConnection, store: Store) -> str:
    if isinstance(store, Shared):
        return gone_days(connection, store)
    return sql.stored(folder_at(store), ROLLUPS)


def _rollups(rows: str, wanted: Wanted) -> str:
    """Return the statement that copies what stays of days that are gone, and adds these requests'.

    Of the days that are gone those are there that lie within the bounds as wholes.
    """
    since, until = (f"make_timestamp({us})" for us in (wanted.since_us, wanted.until_us))
    lower = "true" if wanted.since_us is None else f"day >= {since}"
    upper = "true" if wanted.until_us is None else f"day + INTERVAL 1 DAY <= {until}"
    gone = f"SELECT * FROM ({rows}) WHERE {lower} AND {upper}"  # noqa: S608  # names of schema.sql
    kept = sql.rolled_up("SELECT * FROM snapshot.requests", "SELECT * FROM snapshot.attempts")
    return f"CREATE TABLE snapshot.rollups AS {gone} UNION ALL BY NAME {kept}"


def _within(moment: str, wanted: Wanted) -> str:
    bounds = [(">=", wanted.since_us), ("<", wanted.until_us)]
    told = [f"{moment} {how} make_timestamp({us})" for how, us in bounds if us is not None]
    return " AND ".join(told) or "true"


def _column(table: Table, column: Column, redaction: Redaction) -> str:
    value = f'row."{column.name}"'
    if redaction != "none" and column.name in IDS:
        hashed = f"sha256(getvariable('salt') || {value}::VARCHAR)[:32]"
        value = f"{hashed}::UUID" if column.type == "UUID" else hashed
    elif _is_left_out(table, column, redaction):
        value = f"NULL::{column.type}"
    elif redaction != "none" and column.name in MESSAGES:
        value = f"regexp_replace({value}, {sql.quoted(_LIKE_AN_ID)}, '***', 'g')"
    return f'{value} AS "{column.name}"'


def _is_left_out(table: Table, column: Column, redaction: Redaction) -> bool:
    if column.name in LINKS:
        return redaction != "none"
    return redaction == "texts" and column.name in TEXTS[table.name]


def _meta(wanted: Wanted) -> tuple[str, list[object]]:
    """Return the statement that says in one row what the file is; times are UTC."""
    columns: dict[str, tuple[str, object]] = {
        "schema_version": ("INTEGER", VERSION),
        "proxy_version": ("VARCHAR", PROXY_VERSION),
        "made_at": ("TIMESTAMP", _moment(wanted.made_us)),
        "since_at": ("TIMESTAMP", _moment(wanted.since_us)),
        "until_at": ("TIMESTAMP", _moment(wanted.until_us)),
        "redaction": ("VARCHAR", wanted.redaction),
    }
    values = ", ".join(f"?::{kind} AS {name}" for name, (kind, _) in columns.items())
    return (
        f"CREATE TABLE snapshot.meta AS SELECT {values}",
        [value for _, value in columns.values()],
    )


def _moment(us: int | None) -> str | None:
    if us is None:
        return None
    return datetime.fromtimestamp(us / 1e6, tz=UTC).replace(tzinfo=None).isoformat()
