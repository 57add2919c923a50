"""`pointsman savings` and `compare`: what is gained, with intervals, and their options."""

from typing import Annotated

import typer

from analysis.reports.options import App, AsJson, Since, Timezone, Until
from proxy.cli.options import ConfigOption, LedgerOption


def compare(  # noqa: PLR0913, PLR0917  # each is an option
    first: Annotated[str, typer.Argument(metavar="A", help="A provider, or a span: 14d..7d.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one: 7d.. is until now.")],
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how two providers or two spans of time differ: compare main relay --since 7d."""
    from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

    with showing.told(), showing.frames():
        from analysis.reports import comparison  # noqa: PLC0415  # it waits for Polars and SciPy

        limits = showing.Limits(since, until, timezone, app)
        pair = comparison.Pair(first, second)
        comparison.show(pair, limits, showing.Places(config, ledger), as_json=as_json)


def savings(  # noqa: PLR0913  # each is an option
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what prompt caches saved, and what failover gained and cost: savings --since 30d."""
    from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

    with showing.told(), showing.frames():
        from analysis.reports import gains  # noqa: PLC0415  # it waits for Polars and SciPy

        limits = showing.Limits(since, until, timezone, app)
        gains.show(limits, showing.Places(config, ledger), as_json=as_json)
