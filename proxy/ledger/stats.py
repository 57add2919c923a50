"""What there is of a ledger, counted: rows as readers see them, files as they lie on disk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from proxy.errors import LedgerUnusable
from proxy.ledger import commits, sql
from proxy.ledger.folder import JOURNALS, Folder, existing, folder_at
from proxy.ledger.lake import told
from proxy.ledger.lake.address import Shared, Store
from proxy.ledger.schema import TABLES
from proxy.ledger.views import again_if_gone, open_ledger, sentence

NOWHERE: Final = "none: the ledger was named by its address"


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """One ledger; `None` is not known, and `problem` says why rows are not."""

    folder: str
    holds: str | None = None
    shared: str | None = None  # the catalog of all hosts, where there is one
    data: str | None = None  # where its Parquet is
    shared_files: int = 0
    shared_bytes: int = 0
    hosts: tuple[told.Host, ...] = ()
    problem: str | None = None
    requests: int | None = None
    attempts: int | None = None
    losses: int | None = None
    events: int | None = None
    oldest_at: str | None = None  # UTC; when the first request was received
    newest_at: str | None = None
    schema_versions: tuple[int, ...] = ()  # of the views and of every Parquet file
    parquet_files: int = 0  # that count
    parquet_bytes: int = 0
    journals: int = 0  # not converted: written to, or about to be
    journal_bytes: int = 0
    replaced_files: int = 0  # journals and Parquet that no longer count and are removed soon
    replaced_bytes: int = 0
    quarantine_bytes: int = 0
    quarantined: tuple[str, ...] = ()
    dropped: int | None = None  # exchanges the running proxy could not write; only it knows


def stats(store: Store) -> Stats:
    """Count what is in a ledger: of a shared one, files and journals are this host's own.

    Raises:
        LedgerUnusable: There is no ledger.
    """
    if isinstance(store, Shared):
        return _shared(store)
    folder = existing(store)
    return _files(folder, _rows(store, Stats(folder=str(folder.root))))


def _shared(store: Shared) -> Stats:
    named = Stats(
        folder=NOWHERE if store.folder is None else str(store.folder),
        shared=store.lake.catalog.shown,
    )
    with open_ledger(store) as connection:
        kept = told.storage(connection)
        named = msgspec.structs.replace(
            named, data=kept.data, shared_files=kept.files, shared_bytes=kept.bytes
        )
        named = msgspec.structs.replace(named, hosts=told.hosts(connection))
    found = _rows(store, named)
    if store.folder is None or not folder_at(store.folder).commits.exists():
        return found
    return _files(folder_at(store.folder), found)


def _files(folder: Folder, found: Stats) -> Stats:
    known = commits.standing(commits.read(folder.commits))
    journals = list(folder.journal.glob(JOURNALS))
    parquet = list(folder.data.glob("*.parquet"))
    live = [path for path in journals if path.name not in known.dropped_us]
    count = [path for path in parquet if path.name in known.rows]
    replaced = [path for path in journals + parquet if path.name in known.dropped_us]
    quarantined = sorted(folder.quarantine.glob("[!.]*"))
    return msgspec.structs.replace(
        found,
        schema_versions=_versions(folder, count),
        parquet_files=len(count),
        parquet_bytes=_bytes(count),
        journals=len(live),
        journal_bytes=_bytes(live),
        replaced_files=len(replaced),
        replaced_bytes=_bytes(replaced),
        quarantine_bytes=_bytes(quarantined),
        quarantined=tuple(path.name for path in quarantined),
    )


def _rows(store: Store, named: Stats) -> Stats:
    counts = ", ".join(f"(SELECT count(*) FROM {table.name})" for table in TABLES)  # noqa: S608  # our names
    query = f"SELECT {counts}, min(received_at), max(received_at) FROM requests"  # noqa: S608  # likewise
    try:
        with open_ledger(store) as connection:
            row = again_if_gone(lambda: connection.execute(query).fetchone())
            holds = _holds(connection)
    except (LedgerUnusable, duckdb.Error) as error:
        return msgspec.structs.replace(named, problem=sentence(error))
    *each, oldest, newest = row or (None,) * (len(TABLES) + 2)
    return msgspec.structs.replace(
        named,
        holds=holds,
        **{table.name: count for table, count in zip(TABLES, each, strict=True)},
        oldest_at=None if oldest is None else oldest.isoformat(),
        newest_at=None if newest is None else newest.isoformat(),
    )


def _holds(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return what the views say is in them; those of an older version say nothing."""
    result = connection.execute("SELECT * FROM meta")
    names = [column[0] for column in result.description]
    told_of = dict(zip(names, result.fetchone() or (), strict=False))
    return told_of.get("holds")


def _versions(folder: Folder, files: Iterable[Path]) -> tuple[int, ...]:
    """Return every version that is said somewhere; a file that cannot be read says none."""
    found = set()
    with duckdb.connect() as connection:
        for path in files:
            try:
                found.add(_version(connection, path))
            except duckdb.Error:
                continue  # `verify` is there to tell
    try:
        with open_ledger(folder.root) as connection:
            row = connection.execute("SELECT schema_version FROM meta").fetchone()
            found |= set(row or ())
    except (LedgerUnusable, duckdb.Error):
        return tuple(sorted(found))
    return tuple(sorted(found))


def _version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    query = "SELECT value FROM parquet_kv_metadata(?) WHERE key = ?"
    row = connection.execute(query, [str(path), sql.SCHEMA_KEY.encode()]).fetchone()
    return 1 if row is None else int(row[0])


def _bytes(files: Iterable[Path]) -> int:
    """Return how long files are; one that has just been removed has nothing."""
    total = 0
    for path in files:
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
