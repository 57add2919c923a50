"""`pointsman simulate`: its options."""

from typing import Annotated

import typer

from analysis.reports.options import App, AsJson, Since, Timezone, Until
from proxy.cli.options import ConfigOption, LedgerOption

Policies = Annotated[
    str,
    typer.Option(
        metavar="NAMES",
        help="sticky, priority, weighted, round_robin, random, least_latency, cheapest; "
        "sticky+POLICY for new sessions, sticky@SECONDS for how long one is remembered.",
    ),
]
Against = Annotated[
    str, typer.Option(metavar="NAME", help='Compared with this; "as it was" is possible too.')
]
Among = Annotated[
    int,
    typer.Option(min=1, max=20, help="As if there were so many places, like the one used most."),
]
Equal = Annotated[
    bool, typer.Option("--equal", help="Places are equals; else the most used is asked first.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Also where caches are not foretold well; it says so.")
]


def simulate(  # noqa: PLR0913, PLR0917  # each is an option
    policies: Policies = "sticky,round_robin,random,least_latency,cheapest",
    against: Against = "sticky",
    among: Among = 1,
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    equal: Equal = False,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Show what other policies would have cost: simulate --since 7d --policies round_robin."""
    from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

    with showing.told(), showing.frames():
        from analysis.reports import policies as report  # noqa: PLC0415  # it waits for Polars

        limits = showing.Limits(since, until, timezone, app)
        asked = report.Asked(
            tuple(name.strip() for name in policies.split(",") if name.strip()),
            against,
            among=among,
            equal=equal,
            anyway=anyway,
        )
        report.show(asked, limits, showing.Places(config, ledger), as_json=as_json)
