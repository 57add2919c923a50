"""The verbs of `pointsman` that read the ledger or look after it, and their options."""

import sys
from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, LedgerOption, told


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    app.command()(sql)


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
    """Ask the ledger in SQL: the views requests, attempts and losses; times are UTC."""
    one_ledger(config, ledger)
    if as_json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    from proxy.cli import answers  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.ledgers import chosen  # noqa: PLC0415  # likewise

    text = sys.stdin.read() if query == "-" else query
    form: answers.Form = "json" if as_json else "csv" if as_csv else "table"
    with told():
        answers.show(chosen(config, ledger), text, form)


def one_ledger(config: object, ledger: object) -> None:
    """Refuse two answers to one question."""
    if config is not None and ledger is not None:
        raise typer.BadParameter("give --config or --ledger, not both")
