"""`pointsman ledger`: where it is, what is in it, and whether it is sound."""

from pathlib import Path
from typing import Final

import msgspec
import typer

from proxy.cli.asking import place
from proxy.cli.tables import UNKNOWN, safe
from proxy.clock import REAL
from proxy.commands import STATUS, Status
from proxy.errors import ControlError, LedgerUnusable
from proxy.ledger import compact as compacting
from proxy.ledger import prune as pruning
from proxy.ledger import verify as verifying
from proxy.ledger.folder import existing, folder_at
from proxy.ledger.keep import Keep
from proxy.ledger.lake import upkeep
from proxy.ledger.lake.address import Shared, Store, shown
from proxy.ledger.lake.told import storage
from proxy.ledger.parts import today
from proxy.ledger.stats import Stats, stats
from proxy.ledger.views import prepare

_UNITS: Final = ("B", "KiB", "MiB", "GiB")
_STEP: Final = 1024


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `ledger path --json` prints."""

    folder: str | None
    face: str | None  # for any client of DuckDB
    exists: bool
    shared: str | None = None  # the catalog of all hosts, where there is one


def path(store: Store, *, as_json: bool) -> None:
    """Print where it is: the folder of this host, and then the ledger of all."""
    where = _where(store)
    if as_json:
        typer.echo(msgspec.json.encode(where))
        return
    for line in (where.folder, where.shared):
        if line is not None:
            typer.echo(line)


def _where(store: Store) -> Where:
    root = store.folder if isinstance(store, Shared) else store
    shared = store.lake.catalog.shown if isinstance(store, Shared) else None
    if root is None:
        return Where(None, None, exists=False, shared=shared)
    found = folder_at(root)
    return Where(str(found.root), str(found.face), found.face.exists(), shared)


def show_stats(config: Path | None, store: Store, *, as_json: bool) -> None:
    """Print what is in it.

    Raises:
        LedgerUnusable: There is none.
    """
    found = stats(store)
    found = msgspec.structs.replace(found, dropped=_dropped(config, found.folder))
    if as_json:
        typer.echo(msgspec.json.encode(found))
        return
    for line in lines(found):
        typer.echo(safe(line))


def lines(found: Stats) -> list[str]:
    """Return the same for a person."""
    rows = ", ".join(
        f"{UNKNOWN if count is None else format(count, ',')} {name}"
        for name, count in (
            ("requests", found.requests),
            ("attempts", found.attempts),
            ("losses", found.losses),
            ("events", found.events),
        )
    )
    told = [
        f"folder      {found.folder}",
        *_shared_lines(found),
        f"rows        {rows}",
        f"from, to    {found.oldest_at or UNKNOWN}, {found.newest_at or UNKNOWN} (UTC)",
        f"parquet     {_files(found.parquet_files, found.parquet_bytes)}",
        f"journals    {_files(found.journals, found.journal_bytes)} not converted",
        f"replaced    {_files(found.replaced_files, found.replaced_bytes)}, removed soon",
        f"quarantine  {_files(len(found.quarantined), found.quarantine_bytes)}",
        *(f"            {name}" for name in found.quarantined),
        f"dropped     {UNKNOWN if found.dropped is None else found.dropped} by the running proxy",
        f"schema      {', '.join(map(str, found.schema_versions)) or UNKNOWN}",
    ]
    return told if found.problem is None else [*told, f"problem     {found.problem}"]


def _shared_lines(found: Stats) -> list[str]:
    if found.shared is None:
        return []
    files = _files(found.shared_files, found.shared_bytes)
    return [
        f"shared      {found.shared}",
        f"data        {found.data or UNKNOWN}: {files}",
        *(
            f"host        {one.host}: {one.requests:,} requests by {one.shared_at or UNKNOWN} (UTC)"
            for one in found.hosts
        ),
    ]


def verify(store: Store) -> None:
    """Print a line for each problem, and end with 1 if there is one.

    Raises:
        LedgerUnusable: There is no ledger.
    """
    count = 0
    for line in verifying.problems(store):
        count += 1
        typer.echo(safe(line))
    if count:
        raise typer.Exit(1)
    typer.echo(f"nothing is wrong with {shown(store)}")


def compact(store: Store) -> None:
    """Compact what can be, and print what it came to; end with 1 if there was a problem.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be written.
        LedgerRefused: A shared one could not be compacted.
    """
    if isinstance(store, Shared):
        _compact_lake(store)
        return
    folder = store
    found = existing(folder)
    prepare(found.root)
    before = stats(folder)
    problems = compacting.compact(found)
    for line in problems:
        typer.echo(safe(line), err=True)
    after = stats(folder)
    typer.echo(f"before: {_files(before.parquet_files, before.parquet_bytes)}")
    typer.echo(f"after: {_files(after.parquet_files, after.parquet_bytes)}")
    if problems:
        raise typer.Exit(1)


def _compact_lake(shared: Shared) -> None:
    with upkeep.looked_after(shared) as connection:
        before = storage(connection)
        upkeep.merge(connection)
        after = storage(connection)
    typer.echo(f"before: {_files(before.files, before.bytes)}")
    typer.echo(f"after: {_files(after.files, after.bytes)}")


def _prune_lake(shared: Shared, keep: Keep, *, only_say: bool) -> None:
    if keep.mib is not None:
        raise LedgerUnusable(f"{shown(shared)} is bounded by age alone: give --keep-days")
    with upkeep.looked_after(shared) as connection:
        day = today(REAL.wall_us())
        gone = upkeep.prune_lake(connection, keep, day, only_say=only_say)
    if gone.first is None:
        typer.echo("nothing goes" if only_say else "nothing went")
        return
    goes = "would go" if only_say else "went"
    typer.echo(f"{gone.first} to {gone.last} {goes}: {gone.requests} requests; their rollups stay")


def prune(store: Store, keep: Keep, *, only_say: bool) -> None:
    """Drop what is not kept, or say what would be; end with 1 if there was a problem.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be written.
        LedgerRefused: A shared one could not be pruned.
    """
    if isinstance(store, Shared):
        _prune_lake(store, keep, only_say=only_say)
        return
    found = existing(store)
    prepare(found.root)
    pruned = pruning.prune(found, keep, only_say=only_say)
    for line in pruned.problems:
        typer.echo(safe(line), err=True)
    if pruned.first is None:
        typer.echo("nothing goes" if only_say else "nothing went")
    else:
        goes = "would go" if only_say else "went"
        size = _size(pruned.bytes)
        span = f"{pruned.first} to {pruned.last}"
        typer.echo(f"{span} {goes}: {pruned.requests} requests, {size}; their rollups stay")
    if pruned.problems:
        raise typer.Exit(1)


def _dropped(config: Path | None, folder: str) -> int | None:
    """Ask the running proxy, if there is one and this is its ledger."""
    try:
        state = place(config, None).get(STATUS, Status).ledger
    except ControlError:
        return None
    return state.dropped if state.folder == folder else None


def _files(count: int, size: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}, {_size(size)}"


def _size(size: float) -> str:
    unit = _UNITS[0]
    for unit in _UNITS:
        if size < _STEP or unit == _UNITS[-1]:
            break
        size /= _STEP
    return f"{size:.0f} {unit}" if unit == _UNITS[0] else f"{size:.1f} {unit}"
