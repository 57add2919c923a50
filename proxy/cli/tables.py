"""Tables on a terminal, and what is in their cells."""

import io
from collections.abc import Iterable
from typing import Final

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNKNOWN: Final = "–"  # noqa: RUF001  # what a table has where nothing is known
_WIDEST: Final = 10_000  # of a table that no terminal limits
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def cell(text: str | None, style: str = "") -> Text:
    """Return what others wrote (clients, providers) so that it cannot act on the terminal."""
    if not text:
        return Text(UNKNOWN)
    return Text(safe(text), style=style)


def safe(text: str) -> str:
    """Return `text` without what a terminal obeys."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def span(seconds: float) -> str:
    """Return a length of time as `45 s`, `12 min` or `2 h 5 min`."""
    whole = round(seconds)
    if whole < 2 * _MINUTE_S:
        return f"{max(whole, 1)} s"
    if whole < _HOUR_S:
        return f"{round(whole / _MINUTE_S)} min"
    if whole < 2 * _DAY_S:
        hours, rest_s = divmod(whole, _HOUR_S)
        minutes = rest_s // _MINUTE_S
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{round(whole / _DAY_S)} days"


def headed(first: str, others: Iterable[str | Text]) -> Table:
    """Return a table without rows: names in the first column, numbers in the others."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    made.add_column(first, overflow="fold")
    for name in others:
        made.add_column(name, justify="right", overflow="fold")
    return made


def printed(made: Table) -> None:
    """Print as wide as the terminal, or, where there is none, as wide as it gets."""
    terminal = Console()
    if terminal.is_terminal:
        terminal.print(made)
        return
    page = io.StringIO()
    Console(file=page, width=_WIDEST).print(made)
    for line in page.getvalue().splitlines():
        typer.echo(line.rstrip())
