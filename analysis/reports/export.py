# ruff: noqa: S608  # names come from schema.sql, and what was asked for goes through quoted()
"""`pointsman export`: requests and attempts as Parquet or CSV, whole or not at all.

A folder of Parquet that it wrote is a ledger that `--ledger` opens. Redaction is that of
`pointsman snapshot`: see `proxy.ledger.snapshot`.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final, Literal

import typer

from analysis.asking import answer, with_macros
from analysis.errors import EmptyLedger, NotWritten
from analysis.grains import GRAINS
from analysis.reports.showing import Limits, Places, reading, selection, zone_named
from analysis.selection import Selection, rows
from analysis.sources import Source
from proxy.ledger import sql
from proxy.ledger.asking import again_if_gone, transaction
from proxy.ledger.snapshot import Redaction, columns_of, set_salt

Format = Literal["parquet", "csv"]

_GRAINS: Final = ("requests", "attempts")
_FORMS: Final[dict[Format, str]] = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is written, and how much of it."""

    folder: Path
    form: Format = "parquet"
    redaction: Redaction = "none"
    replaces: bool = False


def write(wanted: Wanted, limits: Limits, places: Places) -> None:
    """Write both files, and print what is in them.

    Raises:
        AnalysisError: There is nothing that was asked about, or it cannot be written.
        SetupError: The configuration or the ledger cannot be read.
    """
    asked = selection(limits, zone_named(limits.timezone))
    _refuse(wanted)
    with reading(places) as source:
        counts = again_if_gone(lambda: _written(source, asked, wanted))
    told = ", ".join(f"{count:,} {grain}" for grain, count in counts.items())
    redacted = "" if wanted.redaction == "none" else f", redacted: {wanted.redaction}"
    typer.echo(f"{wanted.folder}: {told}{redacted}")


def _refuse(wanted: Wanted) -> None:
    """Refuse to write where something is, unless it is what this wrote before."""
    folder = wanted.folder
    if not folder.exists() and not folder.is_symlink():
        return
    if not wanted.replaces:
        raise NotWritten(f"{folder} is there already: take another name, or --force")
    ours = {f"{grain}.{form}" for grain in _GRAINS for form in _FORMS}
    if folder.is_symlink() or not folder.is_dir() or {one.name for one in folder.iterdir()} - ours:
        raise NotWritten(f"{folder} is no folder that an export made: take another name")


def _written(source: Source, asked: Selection, wanted: Wanted) -> dict[str, int]:
    with_macros(source)
    ((first, _),) = answer(source, "span", asked)
    if first is None:
        raise EmptyLedger(f"{source.place} holds no request of what was asked about")
    try:
        with _beside(wanted.folder) as unfinished:
            counts = _copied(source, asked, wanted, unfinished)
            _name(unfinished, wanted.folder)
    except OSError as error:
        raise NotWritten(f"{wanted.folder} cannot be written ({error.strerror})") from error
    return counts


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a folder of our own beside it, which nobody else sees and which does not stay."""
    made = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _copied(source: Source, asked: Selection, wanted: Wanted, into: Path) -> dict[str, int]:
    """Write the files, and return how many rows each has."""
    counts: dict[str, int] = {}
    connection = source.connection
    set_salt(connection)
    with transaction(connection):  # one moment for both, and one list of requests
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE exported AS "
            f"SELECT request_id FROM ({rows('requests', asked)})"
        )
        with typer.progressbar(_GRAINS, label="tables", file=sys.stderr) as bar:
            for grain in bar:
                file = into / f"{grain}.{wanted.form}"
                found = connection.execute(_copy(grain, wanted, file)).fetchone()
                file.chmod(0o600)
                counts[grain] = int(found[0]) if found else 0
    return counts


def _copy(grain: str, wanted: Wanted, file: Path) -> str:
    columns = columns_of(GRAINS[grain], wanted.redaction)
    of_them = f"(SELECT * FROM main.{grain} SEMI JOIN exported USING (request_id))"
    place = sql.quoted(str(file))
    return f"COPY (SELECT {columns} FROM {of_them} AS row) TO {place} ({_FORMS[wanted.form]})"


def _name(unfinished: Path, folder: Path) -> None:
    """Give it its name; what has that goes in the same moment, as far as a folder can."""
    place = folder.absolute()
    made = unfinished / "whole"
    made.mkdir(0o700)
    for file in [one for one in unfinished.iterdir() if one != made]:
        file.rename(made / file.name)
    before = unfinished / "before"
    if place.exists():
        place.rename(before)
    try:
        made.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise
