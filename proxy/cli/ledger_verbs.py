"""The verbs of `pointsman` that read the ledger or look after it, and their options."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from proxy.cli.options import ConfigOption, LedgerOption, told
from proxy.ledger.lake.address import Store

verbs = typer.Typer(help="Look after the ledger.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    app.command()(events)
    app.command()(sql)
    app.command()(snapshot)
    app.add_typer(verbs, name="ledger")


def events(  # each is an option
    last: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="1h or 2026-11-01, UTC.", show_default=False)
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Only these, as breaker_opened.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what happened and was no request: breakers, cooldowns, pins, starts, reloads."""
    from proxy.cli import events as shown  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.snapshot import bound_us  # noqa: PLC0415  # likewise
    from proxy.clock import REAL  # noqa: PLC0415  # likewise
    from proxy.ledger.views import Happenings  # noqa: PLC0415  # likewise

    with told():
        wanted = Happenings(last, bound_us(since, REAL.wall_us()), tuple(kind or ()))
        shown.show(config, ledger, wanted, as_json=as_json)


def sql(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="SELECT …, or - to read it from standard input.")
    ],
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """Ask the ledger in SQL: requests, attempts, losses, events, rollups; times are UTC."""
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    from proxy.cli import answers  # noqa: PLC0415  # only these verbs wait for DuckDB

    form: answers.Form = "json" if as_json else "csv" if as_csv else "table"
    with told():
        store = _store(config, ledger)
        text = sys.stdin.read() if query == "-" else query
        answers.show(store, text, form)


def snapshot(  # noqa: PLR0913  # each is an option
    target: Annotated[Path, typer.Argument(metavar="OUT.duckdb", help="The file to write.")],
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="7d or 2026-11-01, UTC.", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Likewise; itself not.", show_default=False)
    ] = None,
    redact: Annotated[
        Literal["none", "ids", "texts"],
        typer.Option(help="ids: hash who it was; texts: also leave out what somebody wrote."),
    ] = "none",
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Copy the ledger into one portable DuckDB file, to keep or to hand on."""
    from proxy.cli import snapshot as copied  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.clock import REAL  # noqa: PLC0415  # likewise
    from proxy.ledger.snapshot import Wanted  # noqa: PLC0415  # likewise

    now_us = REAL.wall_us()
    since_us, until_us = copied.bound_us(since, now_us), copied.bound_us(until, now_us)
    with told():
        wanted = Wanted(now_us, since_us, until_us, redact)
        copied.write(_store(config, ledger), target, wanted, replaces=force)


@verbs.command()
def path(
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say which folder it is in."""
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB

    with told():
        shown.path(_store(config, ledger), as_json=as_json)


@verbs.command()
def stats(
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Count rows, files and bytes, and what waits or was put aside."""
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB

    with told():
        shown.show_stats(config, _store(config, ledger), as_json=as_json)


@verbs.command()
def verify(config: ConfigOption = None, ledger: LedgerOption = None) -> None:
    """Read all of it, and say in a line each what is wrong; changes nothing."""
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB

    with told():
        shown.verify(_store(config, ledger))


@verbs.command()
def compact(config: ConfigOption = None, ledger: LedgerOption = None) -> None:
    """Make one file for each table of a day that is over; the running proxy does it by itself."""
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB

    with told():
        shown.compact(_store(config, ledger))


@verbs.command()
def prune(
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    keep_days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Instead of the configured ones.")
    ] = None,
    keep_mib: Annotated[int | None, typer.Option(min=1, metavar="N", help="Likewise.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Drop the oldest days beyond what is kept; the running proxy does it by itself."""
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.ledgers import kept  # noqa: PLC0415  # likewise
    from proxy.ledger.keep import Keep  # noqa: PLC0415  # likewise

    with told():
        keep = kept(config, ledger)
        keep = Keep(keep_days or keep.days, keep_mib or keep.mib)
        shown.prune(_store(config, ledger), keep, only_say=dry_run)


@verbs.command()
def synth(  # each is an option
    ledger: Annotated[
        Path, typer.Option("--ledger", metavar="FOLDER", help="An empty one, or none yet.")
    ],
    rows: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many requests.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Equal ones give equal rows.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=3650, help="From 2026-01-01, UTC.")] = 30,
    providers: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 4,
) -> None:
    """Fill an empty ledger with made-up rows, for tests, benchmarks, and trying out queries."""
    from proxy.cli import synth as made  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.ledger.synth import Wish  # noqa: PLC0415  # likewise

    with told():
        made.fill(ledger, Wish(rows, seed, days, providers))


@verbs.command()
def bodies(  # each is an option
    request_id: Annotated[
        str, typer.Argument(metavar="REQUEST", help="As x-pointsman-request had it.")
    ],
    which: Annotated[
        Literal["client_request", "provider_request", "provider_answer", "client_answer"] | None,
        typer.Option(help="Only these.", show_default=False),
    ] = None,
    attempt: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only of this.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    raw: Annotated[bool, typer.Option("--raw", help="One body, byte for byte.")] = False,
) -> None:
    """Show what was asked and answered, where [ledger] bodies has it stored."""
    from proxy.cli import bodies as shown  # noqa: PLC0415  # only this verb waits for its imports

    with told():
        asked = shown.Asked(request_id.lower(), which, attempt)
        shown.show(_store(config, ledger), asked, as_it_is=raw)


@verbs.command()
def forget(
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="All of this session.", show_default=False)
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="ID", help="All of this request.", show_default=False)
    ] = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take out what belongs to one session: its rows and bodies; sums of pruned days stay."""
    if (session is None) == (request is None):
        raise typer.BadParameter("give --session or --request, one of them")
    from proxy.cli import forget as forgetting  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.ledger.forget import Whose  # noqa: PLC0415  # likewise

    with told():
        whose = Whose(session, request)
        forgetting.run(_store(config, ledger), whose, only_say=dry_run, is_sure=yes)


def _store(config: Path | None, ledger: str | None) -> Store:
    """Return the ledger that is meant."""
    from proxy.cli.ledgers import chosen  # noqa: PLC0415  # only these verbs wait for DuckDB

    return chosen(config, ledger)
