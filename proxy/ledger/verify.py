"""Whether everything that a ledger says of itself is so. Changes nothing, waits for nobody."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb
import msgspec

from proxy.errors import LedgerUnusable
from proxy.ledger import commits, line
from proxy.ledger.folder import JOURNALS, PLACEHOLDER, Folder, existing, folder_at
from proxy.ledger.lake.address import Shared, Store
from proxy.ledger.lake.told import lake_problems
from proxy.ledger.parts import is_of_a_day, readable_rows
from proxy.ledger.views import again_if_gone, open_ledger, sentence

_TWICE = {
    "request": """SELECT request_id::VARCHAR, count(*) FROM requests
GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 10""",
    "event": """SELECT event_id::VARCHAR, count(*) FROM events
GROUP BY ALL HAVING count(*) > 1 ORDER BY ALL LIMIT 10""",
}
_ALONE = """SELECT DISTINCT request_id::VARCHAR FROM theirs
WHERE request_id NOT IN (SELECT request_id FROM requests) ORDER BY ALL LIMIT 10"""


def problems(store: Store) -> Iterator[str]:
    """Return a line for each thing that is wrong; those of one kind are cut at ten.

    Of a shared ledger, this host's own files are looked at as well.

    Raises:
        LedgerUnusable: There is no ledger.
    """
    if isinstance(store, Shared):
        with open_ledger(store) as connection:
            yield from lake_problems(connection)
    root = store.folder if isinstance(store, Shared) else store
    if root is not None and (root is store or folder_at(root).commits.exists()):
        yield from _own(existing(root))
    yield from _rows(store)


def _own(folder: Folder) -> Iterator[str]:
    parquet = sorted(folder.data.glob("*.parquet"))  # listed first: what is committed is there
    known = commits.standing(commits.read(folder.commits))
    journals = {path.name: path for path in sorted(folder.journal.glob(JOURNALS))}
    yield from islice(_commit_lines(folder), 10)
    yield from _files(folder, known)
    yield from _uncommitted(parquet, known, {Path(name).stem for name in journals})
    for name, path in journals.items():
        if name not in known.dropped_us:
            yield from _journal(path)


def _commit_lines(folder: Folder) -> Iterator[str]:
    """Tell lines that no reader counts; the last may be one that is being written."""
    lines = folder.commits.read_bytes().split(b"\n")
    for number, raw in enumerate(lines[:-1], 1):
        try:
            if raw:
                msgspec.json.decode(raw, type=commits.Commit)
        except msgspec.MsgspecError:
            yield f"{folder.commits}: line {number} is damaged, and what it added is not counted"


def _files(folder: Folder, known: commits.Standing) -> Iterator[str]:
    with duckdb.connect() as connection:
        for name, told in sorted(known.rows.items()):
            path = folder.data / name
            if not _exists(path):
                if name not in commits.standing(commits.read(folder.commits)).dropped_us:
                    yield f"{path} is missing: its rows are in nobody's answers"
                continue
            try:
                rows = readable_rows(connection, path)
            except duckdb.Error as error:
                yield f"{path} cannot be read: {sentence(error)}"
                continue
            if told is not None and rows != told:
                yield f"{path} has {rows} rows, and {folder.commits.name} says {told}"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that cannot be one: a damaged line that is still JSON
        return False


def _uncommitted(parquet: list[Path], known: commits.Standing, journals: set[str]) -> Iterator[str]:
    """Tell Parquet whose journal has gone and that no commit names: its line must have.

    Files of a day are none of these: until their commit, the rows count where they came from.
    """
    for path in parquet:
        stem = path.stem.partition("-")[2]
        named = path.name in known.rows or path.name in known.dropped_us
        if not (named or stem in journals or stem == PLACEHOLDER or is_of_a_day(path.name)):
            yield f"{path} is in no commit: it was left over, or its line was damaged"


def _journal(path: Path) -> Iterator[str]:
    try:
        content = path.open("rb")
    except FileNotFoundError:
        return  # converted long ago, and removed just now
    except OSError as error:
        yield f"{path} cannot be read: {error.strerror}"
        return
    damaged = 0
    with content:
        for raw in content:
            if raw.endswith(b"\n") and raw != b"\n":  # a torn one was never acknowledged
                damaged += line.read(raw[:-1]) is None
    if damaged:
        yield f"{path}: lines whose checksum is wrong: {damaged}"


def _rows(store: Store) -> Iterator[str]:
    """Tell what is wrong with the rows that readers see."""
    try:
        with open_ledger(store) as connection:
            for what, query in _TWICE.items():
                for one, times in again_if_gone(connection.execute(query).fetchall):
                    yield f"{what} {one} is there {times} times"
            for table in ("attempts", "losses"):
                for (request_id,) in again_if_gone(partial(_alone, connection, table)):
                    yield f"request {request_id} is not there, but has {table}"
    except LedgerUnusable as error:
        yield str(error)
    except duckdb.Error as error:
        yield f"the views cannot be asked: {sentence(error)}"


def _alone(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str]]:
    """Return requests of which there are only rows of `table`.

    Those are read first: a request that ends meanwhile is then among the requests.
    """
    connection.execute("BEGIN")  # one moment for both: what counts does not change in between
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT request_id FROM {table}"  # noqa: S608  # our name
        )
        return connection.execute(_ALONE).fetchall()
    finally:
        connection.execute("ROLLBACK")
