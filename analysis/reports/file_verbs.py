"""`pointsman export` and `report`: what is written to files, and their options."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from analysis.reports.options import App, Since, Timezone, Until
from proxy.cli.options import ConfigOption, LedgerOption


def export(  # noqa: PLR0913, PLR0917  # each is an option
    target: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Is made; requests and attempts in it.")
    ],
    form: Annotated[
        Literal["parquet", "csv"],
        typer.Option("--format", help="A folder of Parquet is a ledger for --ledger."),
    ] = "parquet",
    redact: Annotated[
        Literal["none", "ids", "texts"],
        typer.Option(help="ids: hash who it was; texts: also leave out what somebody wrote."),
    ] = "none",
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an export that is there.")
    ] = False,
) -> None:
    """Write requests and attempts as Parquet or CSV: export week --since 7d --redact texts."""
    from analysis.reports import export as written  # noqa: PLC0415  # they wait for DuckDB
    from analysis.reports import showing  # noqa: PLC0415  # likewise

    with showing.told():
        wanted = written.Wanted(target, form, redact, replaces=force)
        limits = showing.Limits(since, until, timezone, app)
        written.write(wanted, limits, showing.Places(config, ledger))


def report(  # noqa: PLR0913, PLR0917  # each is an option
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The page.")
    ] = Path("report.html"),
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
) -> None:
    """Write all of it as one page that needs no network: report --since 7d -o report.html."""
    from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

    with showing.told(), showing.frames():
        from analysis.reports import summary  # noqa: PLC0415  # it waits for Polars and Plotly

        limits = showing.Limits(since, until, timezone, app)
        summary.write(output, limits, showing.Places(config, ledger))
