"""The verbs of `pointsman` that read the ledger or look after it, and their options."""

import sys
from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, LedgerOption, told

verbs = typer.Typer(help="Look after the ledger.", no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    app.command()(sql)
    app.add_typer(verbs, name="ledger")


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


@verbs.command()
def path(
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say which folder it is in."""
    one_ledger(config, ledger)
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.ledgers import chosen  # noqa: PLC0415  # likewise

    with told():
        shown.path(chosen(config, ledger), as_json=as_json)


@verbs.command()
def stats(
    config: ConfigOption = None,
    ledger: LedgerOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Count rows, files and bytes, and what waits or was put aside."""
    one_ledger(config, ledger)
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.ledgers import chosen  # noqa: PLC0415  # likewise

    with told():
        shown.show_stats(config, chosen(config, ledger), as_json=as_json)


@verbs.command()
def verify(config: ConfigOption = None, ledger: LedgerOption = None) -> None:
    """Read all of it, and say in a line each what is wrong; changes nothing."""
    one_ledger(config, ledger)
    from proxy.cli import ledger as shown  # noqa: PLC0415  # only these verbs wait for DuckDB
    from proxy.cli.ledgers import chosen  # noqa: PLC0415  # likewise

    with told():
        shown.verify(chosen(config, ledger))


def one_ledger(config: object, ledger: object) -> None:
    """Refuse two answers to one question."""
    if config is not None and ledger is not None:
        raise typer.BadParameter("give --config or --ledger, not both")
