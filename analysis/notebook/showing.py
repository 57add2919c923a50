"""What cells show: a table, and a figure with its table, in Jupyter and in a page.

A figure is handed over as Plotly's JSON: JupyterLab draws it with Plotly's own extension, and
`rendering` with the copy inside the page; neither asks the network.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

import polars as pl
from plotly import graph_objects as go

from analysis.notebook import words

PLOTLY: Final = "application/vnd.plotly.v1+json"
MOST_ROWS: Final = 40


@dataclass(frozen=True, slots=True)
class Table:
    """A few rows, as text; `frame` has them as they are."""

    frame: pl.DataFrame
    title: str = ""

    def __str__(self) -> str:
        return "\n".join([" | ".join(self.frame.columns), *(" | ".join(r) for r in self._cells())])

    def _cells(self) -> list[list[str]]:
        return [[_told(one) for one in row] for row in self.frame.head(MOST_ROWS).iter_rows()]

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self.frame.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(one)}</td>' for one in row)}</tr>" for row in self._cells()
        )
        more = len(self.frame) - MOST_ROWS
        note = f"<p>and {more:,} rows more</p>" if more > 0 else ""
        title = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return (
            f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"
            if len(self.frame)
            else f"<p>{escape(self.title or 'This table')}: no rows.</p>"
        )


def _told(value: Any) -> str:
    match value:
        case None:
            return words.UNKNOWN
        case float():
            return words.number(value)
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure, and beside it what it shows, to be read without it."""

    figure: go.Figure
    table: Table

    def __str__(self) -> str:
        return f"{self.figure.layout.title.text}\n{self.table}"

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415  # only a notebook has it

        show: Callable[..., object] = display
        show({PLOTLY: json.loads(self.figure.to_json()), "text/plain": str(self)}, raw=True)
        show(self.table)


def numbers(rows: pl.DataFrame, what: Sequence[str] = (), title: str = "") -> Table:
    """Return the rows of a metric for a person: each value with its interval, n and method."""
    chosen = rows.filter(pl.col("what").is_in(list(what))) if what else rows
    chosen = chosen.filter((pl.col("n") > 0) | pl.col("value").is_not_null())
    keys = rows.columns[: rows.columns.index("what")]
    told = [
        {
            **{key: row[key] for key in keys},
            "number": row["what"],
            "value": words.number(row["value"], row["unit"]),
            "95 % interval": words.interval(row) or None,
            "n": row["n"],
            "clusters": row["n_clusters"],
            "coverage": None if row["coverage"] is None else words.number(row["coverage"], "share"),
            "how": row["method"],
        }
        for row in chosen.iter_rows(named=True)
    ]
    return Table(pl.DataFrame(told, infer_schema_length=None), title)
