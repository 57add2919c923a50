"""The Parquet that counts, by the days of what is in it: what compaction and retention work on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import duckdb

from proxy.ledger import commits, sql
from proxy.ledger.folder import PLACEHOLDER, Folder
from proxy.ledger.schema import ROLLUPS, TABLES, Table
from proxy.ledger.views import sentence

_HEAD_OF: Final = TABLES[0]  # the requests, with which rows that have no day of their own go

_DAY_FILE: Final = re.compile(r"\w+-\d{4}-\d\d-\d\d\.\d{4,}\.parquet")


@dataclass(frozen=True, slots=True)
class Part:
    """Files that were made together: some requests, and what belongs to them."""

    files: Mapping[str, Path]  # by table; none for a table without rows
    rows: Mapping[str, int]  # likewise
    first: date  # UTC, when the first of the requests was received, or the first event happened
    last: date

    @property
    def bytes(self) -> int:
        """How long its files are together."""
        return sum(path.stat().st_size for path in self.files.values())


@dataclass(frozen=True, slots=True)
class Found:
    """All parts that can be read, and a sentence for each file that cannot."""

    parts: tuple[Part, ...]
    problems: tuple[str, ...]


def find(folder: Folder, known: commits.Standing) -> Found:
    """Look at every file that counts; a damaged one is moved to quarantine, so that others count.

    Raises:
        OSError: A file cannot be looked at.
    """
    by_stem: dict[str, dict[str, Path]] = {}
    for name in known.rows:
        table, _, rest = name.partition("-")
        by_stem.setdefault(rest.removesuffix(".parquet"), {})[table] = folder.data / name
    parts: list[Part] = []
    with duckdb.connect() as connection:
        rows, problems = _looked_into(connection, folder)
        for files in by_stem.values():
            try:
                part = _part(connection, {t: p for t, p in files.items() if p in rows}, rows)
            except duckdb.Error as error:
                names = ", ".join(path.name for path in files.values())
                problems.append(f"{names}: left as they are, not readable: {sentence(error)}")
            else:
                parts += [] if part is None else [part]
    return Found(tuple(parts), tuple(problems))


def today(wall_us: int) -> date:
    """Return the day in UTC."""
    return datetime.fromtimestamp(wall_us / 1e6, tz=UTC).date()


def rows_of(folder: Folder, table: Table, parts: Iterable[Part]) -> str:
    """Return a query for the rows of a table in `parts`."""
    files = [part.files[table.name] for part in parts if table.name in part.files]
    every = [folder.parquet(table.name, PLACEHOLDER), *files]  # it has all columns, and no rows
    return sql.in_parquet(table, f"[{', '.join(sql.pattern(p.parent, p.name) for p in every)}]")


def is_of_a_day(name: str) -> bool:
    """Whether a file has its name by `next_name`."""
    return _DAY_FILE.fullmatch(name) is not None


def next_name(folder: Folder, table: str, day: date) -> Path:
    """Return a file for `day` that no commit has ever named, the same until one does."""
    head = f"{table}-{day.isoformat()}."
    taken = [
        int(name.removeprefix(head).removesuffix(".parquet"))
        for commit in commits.read(folder.commits)
        for name in (*commit.add, *commit.drop)
        if name.startswith(head)
    ]
    return folder.data / f"{head}{max(taken, default=0) + 1:04d}.parquet"


def _part(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], rows: Mapping[Path, int]
) -> Part | None:
    """Return what is in `files`; nothing if the requests are missing that rows in it go with."""
    ends: list[datetime] = []
    for table in TABLES:
        if table.name not in files:
            continue
        if table.moment is None:
            if _HEAD_OF.name not in files:
                return None
            continue
        query = f"SELECT min({table.moment}), max({table.moment}) FROM read_parquet(?)"  # noqa: S608  # ours
        row = connection.execute(query, [str(files[table.name])]).fetchone() or ()
        ends += [end for end in row if end is not None]
    if not ends:
        return None
    return Part(
        files=files,
        rows={table: rows[path] for table, path in files.items()},
        first=min(ends).date(),
        last=max(ends).date(),
    )


def _looked_into(
    connection: duckdb.DuckDBPyConnection, folder: Folder
) -> tuple[dict[Path, int], list[str]]:
    """Return the number of rows in each file, and move away what is no Parquet.

    One such file would fail every query of its table, even if no commit names it.
    """
    rows, told = {}, []
    for path in sorted(folder.data.glob("*.parquet")):
        try:
            rows[path] = _rows(connection, path)
            odd = _odd_columns(connection, path)
        except duckdb.Error as error:
            told.append(_put_aside(folder, path, sentence(error)))
            continue
        if odd:
            del rows[path]
            told.append(_put_aside(folder, path, f"of other types than here: {', '.join(odd)}"))
    return rows, told


def put_aside_unreadable(folder: Folder, parts: Iterable[Part]) -> list[str]:
    """Read every value of `parts`, and move away each file of which one cannot be read."""
    told = []
    with duckdb.connect() as connection:
        for path in (path for part in parts for path in part.files.values()):
            try:
                readable_rows(connection, path)
            except duckdb.Error as error:
                told.append(_put_aside(folder, path, sentence(error)))
    return told


def readable_rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the number of rows, having read every value of each."""
    file = sql.pattern(path.parent, path.name)
    query = f"SELECT count(*), max(hash(one)) FROM read_parquet({file}) AS one"  # noqa: S608  # quoted
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _put_aside(folder: Folder, path: Path, why: str) -> str:
    path.read_bytes()  # what the system cannot read is no damage of the file
    path.rename(folder.quarantine / path.name)
    return (
        f"{path} is damaged and was moved to {folder.quarantine}: "
        f"its rows are missing, all others count ({why})"
    )


def _odd_columns(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Return columns that are called as ours and are something else: no view could be read."""
    table = path.name.partition("-")[0]
    ours = {
        column.name: column.type
        for one in (*TABLES, ROLLUPS)
        if one.name == table
        for column in one.columns
    }
    found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return [name for name, kind, *_ in found if ours.get(name, kind) != kind]


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    query = "SELECT num_rows FROM parquet_file_metadata(?)"
    row = connection.execute(query, [str(path)]).fetchone()
    return int(row[0]) if row else 0
