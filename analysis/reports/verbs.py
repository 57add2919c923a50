"""`pointsman usage …`, `reliability` and `explain`: the verbs and their options."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from analysis.reports.options import (
    App,
    AsJson,
    Breakdown,
    Compact,
    Last,
    NoCost,
    Since,
    Timezone,
    Until,
)
from proxy.cli.options import ConfigOption, LedgerOption

usage = typer.Typer(
    help="Show what was used, and what it cost.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_HELP: Final = {
    "daily": "By day.",
    "weekly": "By week, from Monday on.",
    "monthly": "By month.",
    "session": "By session, those used last at the end.",
    "blocks": "By block of five hours, as subscriptions count them; UTC.",
    "models": "By model, as sent to the provider.",
    "providers": "By provider.",
}


def _verb(view: str) -> Callable[..., None]:
    def verb(  # noqa: PLR0913, PLR0917  # each is an option
        since: Since = None,
        until: Until = None,
        timezone: Timezone = None,
        app: App = None,
        last: Last = None,
        config: ConfigOption = None,
        ledger: LedgerOption = None,
        *,
        breakdown: Breakdown = False,
        as_json: AsJson = False,
        compact: Compact = False,
        no_cost: NoCost = False,
    ) -> None:
        from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

        limits = showing.Limits(since, until, timezone, app)
        form = showing.Form(last, as_json=as_json, compact=compact)
        places = showing.Places(config, ledger)
        asked = showing.Asked(view, breaks_down=breakdown, with_cost=not no_cost)
        with showing.told():
            showing.show(asked, limits, places, form)

    return verb


for name, text in _HELP.items():
    usage.command(name, help=text)(_verb(name))


def reliability(  # noqa: PLR0913  # each is an option
    since: Since = None,
    until: Until = None,
    timezone: Timezone = None,
    app: App = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how reliable each provider is, with intervals, the probably best one first."""
    from analysis.reports import showing  # noqa: PLC0415  # it waits for DuckDB

    with showing.told(), showing.frames():
        from analysis.reports import reliable  # noqa: PLC0415  # it waits for Polars and SciPy

        limits = showing.Limits(since, until, timezone, app)
        reliable.show(limits, showing.Places(config, ledger), as_json=as_json)


def explain(  # noqa: PLR0913  # each is an option
    request_id: Annotated[
        str, typer.Argument(metavar="REQUEST_ID", help="As in the header x-pointsman-request.")
    ],
    timezone: Timezone = None,
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The page.", show_default=False),
    ] = None,
    *,
    as_json: AsJson = False,
    as_page: Annotated[bool, typer.Option("--html", help="A page with figures, printed.")] = False,
) -> None:
    """Say of one request what was decided, what each attempt did, and how its price comes about."""
    from analysis.reports import explaining, showing  # noqa: PLC0415  # they wait for DuckDB

    with showing.told():
        form = explaining.Form(as_json=as_json, as_page=as_page, file=output)
        explaining.show(request_id, showing.Places(config, ledger), timezone, form)
