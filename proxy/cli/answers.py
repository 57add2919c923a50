"""`pointsman sql`: what the ledger answers, as a table, as JSON lines or as CSV."""

import csv
import io
from datetime import date, datetime, time
from typing import Literal

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proxy.cli.tables import cell, printed, safe
from proxy.ledger import query
from proxy.ledger.lake.address import Store

Form = Literal["table", "json", "csv"]


def show(store: Store, text: str, form: Form) -> None:
    """Print what a ledger answers.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be opened.
        LedgerRefused: It cannot be asked that.
    """
    answer = query.ask(store, text)
    match form:
        case "json":
            for row in answer.rows:
                named = dict(zip(answer.columns, row, strict=True))
                typer.echo(msgspec.json.encode(named, enc_hook=str))
        case "csv":
            typer.echo(_csv(answer), nl=False)
        case "table":
            printed(_table(answer))


def _table(answer: query.Answer) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    first = answer.rows[0] if answer.rows else ()
    for at, name in enumerate(answer.columns):
        numeric = at < len(first) and isinstance(first[at], int | float)
        side: Literal["left", "right"] = "right" if numeric else "left"
        made.add_column(Text(safe(name)), justify=side, overflow="fold")
    for row in answer.rows:
        made.add_row(*(cell(None if value is None else _text(value)) for value in row))
    return made


def _csv(answer: query.Answer) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows(["" if one is None else _text(one) for one in row] for row in answer.rows)
    return page.getvalue()


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case dict() | list():
            return msgspec.json.encode(value, enc_hook=str).decode()
        case _:
            return str(value)
