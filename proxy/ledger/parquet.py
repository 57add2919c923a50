"""Turns one journal that nobody writes any more into Parquet files that never change.

Files are named after their journal: whoever does it again after a crash overwrites the same ones.
"""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, Final

import duckdb
import msgspec

from proxy.ledger import commits, sql
from proxy.ledger.apart import Apart
from proxy.ledger.folder import Folder, sync_folder
from proxy.ledger.line import MAX_LINE_BYTES, Ended, Line, Opened, Writer, framed, read
from proxy.ledger.lineage import Lineage, lines
from proxy.ledger.quarantine import sweep
from proxy.ledger.schema import TABLES

FRUGAL: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": "800MB",  # of DuckDB; the process may have 1 GB in all
}


_TOO_LONG_BYTES: Final = 2 * MAX_LINE_BYTES  # in views a longer one is an error


@dataclass(slots=True)
class Sifted:
    """What was found in a journal while its whole lines were copied."""

    writer: Writer | None = None
    in_flight: dict[str, Opened] = field(default_factory=dict)
    prompts: list[Ended] = field(default_factory=list)
    entries: int = 0
    damaged: int = 0
    too_long: int = 0  # lines, of the damaged ones, that stop readers of JSON

    def took(self, line: Line) -> bool:
        """Note what a whole line says, and say whether there are rows in it."""
        if line.request is not None:
            self.in_flight.pop(line.request.request_id, None)
            if line.request.prefix_chain is not None:
                self.prompts.append(line.request)
        elif line.opened is not None:
            self.in_flight[line.opened.request_id] = line.opened
        elif line.writer is not None:
            self.writer = line.writer
        has_rows = line.request is not None or bool(line.events)
        self.entries += has_rows
        return has_rows


Put = Callable[[duckdb.DuckDBPyConnection, str, str, str], int]
"""Writes what a query gives of a table and a stem, whole or not at all; returns how many rows."""


def to_parquet(
    folder: Folder, journal: Path, lineage: Lineage, put: Put | None = None
) -> dict[str, int]:
    """Write the rows of `journal` into Parquet, and return the rows of each file, by its name.

    They go into the folder's own data, or to where `put` puts them.

    A table of which there are no rows gets no file.

    A request that was opened and never ended becomes a row with the outcome `crashed`, unless the
    same worker took it along into its next file. A journal with a damaged line is kept. Parents of
    prompts are those that `lineage` knows of, and it learns the ones of this journal.

    Raises:
        OSError: A file cannot be written; doing it again is safe.
        duckdb.Error: Likewise.
    """
    parents = folder.data / f"{journal.stem}.parents.tmp"
    try:
        with Apart(folder.data, journal.stem) as tables:
            sifted = _sift(journal, tables.write)
            _add_crashed(sifted, _taken_along(journal), tables.write)
            tables.close()
            gone = commits.forgotten(commits.read(folder.commits))
            if sifted.damaged:
                _put_aside(folder, journal, sifted, gone)
            if not sifted.entries:
                return {}
            prompts = [one for one in sifted.prompts if one.request_id not in gone]
            parents.write_bytes(lines(lineage.parents(prompts)))
            made = put or partial(_put, folder)
            rows = _copy({**tables.paths, "parents": parents}, journal.stem, made, gone)
    finally:
        parents.unlink(missing_ok=True)
    sync_folder(folder.data)
    return rows


def _put_aside(folder: Folder, journal: Path, sifted: Sifted, gone: Collection[str]) -> None:
    """Keep a journal with damaged lines, without what was forgotten."""
    _keep(journal, folder.quarantine)
    if gone:
        sweep(folder.quarantine, [one.encode() for one in gone])
    if sifted.too_long:
        _replace(journal, folder.data / f"{journal.stem}.readable.tmp")


def _sift(journal: Path, take: Callable[[bytes], object]) -> Sifted:
    sifted = Sifted()
    with journal.open("rb") as source:
        while raw := source.readline(_TOO_LONG_BYTES):
            if len(raw) == _TOO_LONG_BYTES:
                _skip_line(source)
                sifted.damaged, sifted.too_long = sifted.damaged + 1, sifted.too_long + 1
                continue
            if not raw.endswith(b"\n"):
                break  # torn: its writer died in it, and nobody was told that it was written
            line = read(raw[:-1])
            if line is None:
                sifted.damaged += raw != b"\n"
            elif sifted.took(line):
                take(raw)
    return sifted


def _skip_line(source: BinaryIO) -> None:
    while (raw := source.readline(_TOO_LONG_BYTES)) and not raw.endswith(b"\n"):
        pass  # it may be longer than there is memory


def _replace(journal: Path, readable: Path) -> None:
    """Let readers find the whole lines of a journal alone; all of it is in quarantine."""
    with readable.open("wb") as target:
        _sift(journal, target.write)
    readable.chmod(0o600)
    readable.rename(journal)


def _add_crashed(sifted: Sifted, taken_along: set[str], take: Callable[[bytes], object]) -> None:
    """Add a line for each request that never ended, with what is known of it."""
    writer = sifted.writer
    for opened in sifted.in_flight.values():
        if opened.request_id in taken_along:
            continue
        known: dict[str, str | int] = {
            "request_id": opened.request_id,
            "received_us": opened.received_us,
            "path": opened.path,
            "outcome": "crashed",
        }
        if writer is not None:
            known |= {"host": writer.host, "worker_pid": writer.worker_pid}
            known |= {"proxy_version": writer.proxy_version, "config_hash": writer.config_hash}
        take(framed(msgspec.json.encode({"request": known, "attempts": []})))
        sifted.entries += 1


def _taken_along(journal: Path) -> set[str]:
    """Return the requests that the next file of the same worker begins with.

    They are in it from the moment it has its name, so none is in neither.
    """
    worker, _, number = journal.stem.rpartition("-")
    following = journal.with_name(f"{worker}-{int(number) + 1:06d}.jsonl")
    if not following.exists():
        return set()
    with following.open("rb") as source:
        lines = (read(raw[:-1]) for raw in source)
        head = takewhile(lambda line: line is not None and line.request is None, lines)
        return {line.opened.request_id for line in head if line and line.opened}


def _keep(journal: Path, quarantine: Path) -> None:
    kept = quarantine / journal.name
    if not kept.exists():
        os.link(journal, kept)  # costs no space, and outlives the journal's own name


def _copy(files: Mapping[str, Path], stem: str, put: Put, gone: Collection[str]) -> dict[str, int]:
    """Write each table from its own file."""
    found: dict[str, int] = {}
    forgotten = ", ".join(sql.quoted(one) for one in sorted(gone))
    parents = files["parents"]
    with duckdb.connect(config=FRUGAL) as connection:
        for table in TABLES:
            lines = files[table.key]
            if not lines.stat().st_size:
                continue
            query = sql.in_journal(table, sql.pattern(lines.parent, lines.name))
            if table.key == "request":
                query = sql.with_parents(query, sql.pattern(parents.parent, parents.name))
            if gone:
                query = f"SELECT * FROM ({query}) WHERE {sql.remembered(table, forgotten)}"  # noqa: S608  # ours
            rows = put(connection, query, table.name, stem)
            if rows:
                found[f"{table.name}-{stem}.parquet"] = rows
    return found


def _put(
    folder: Folder, connection: duckdb.DuckDBPyConnection, query: str, table: str, stem: str
) -> int:
    return write(connection, query, folder.parquet(table, stem))


def write(connection: duckdb.DuckDBPyConnection, query: str, final: Path) -> int:
    """Write what `query` gives into `final`, whole or not at all, and return how many rows.

    Of no rows there is no file. Its name is durable once its folder was synced.
    """
    unfinished = final.with_suffix(".parquet.tmp")
    try:
        counted = connection.execute(sql.copy_to(unfinished, query)).fetchone()
        rows = int(counted[0]) if counted else 0
        if not rows:
            unfinished.unlink()
            return 0
        _make_durable(unfinished)
        unfinished.rename(final)
    except (OSError, duckdb.Error):
        unfinished.unlink(missing_ok=True)  # half a file takes up what a full disk lacks
        raise
    return rows


def _make_durable(path: Path) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fchmod(fd, 0o600)
        os.fsync(fd)
    finally:
        os.close(fd)
