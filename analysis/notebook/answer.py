"""What a notebook says in its first cell: question, answer, numbers, window and what to mind.

Nothing of it is typed: sentences are made of the same rows that the tables below show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import polars as pl

from analysis.notebook import words

EMPTY: Final = "There is no request in it, so there is no answer."


@dataclass(frozen=True, slots=True)
class Headline:
    """One number of an answer, with everything that a metric says of it.

    Attributes:
        metric: Where it comes from: a metric's name, or another source.
        about: Which of the metric's rows: its keys, in their order.
        what: Which number of those.
    """

    metric: str
    about: tuple[str | None, ...]
    what: str
    unit: str
    value: float | None
    lo: float | None = None
    hi: float | None = None
    n: int = 0
    n_clusters: int | None = None
    method: str = "exact"

    def __str__(self) -> str:
        return words.with_interval(self.row)

    @property
    def row(self) -> words.Row:
        """As a row of a metric."""
        return {"value": self.value, "lo": self.lo, "hi": self.hi, "unit": self.unit}

    @property
    def name(self) -> str:
        """What it is, in words."""
        return ", ".join([self.what, *(one for one in self.about if one is not None)])


def headlines(metric: str, rows: pl.DataFrame, what: str) -> list[Headline]:
    """Return each number of that kind in a metric's result, in its order."""
    keys = rows.columns[: rows.columns.index("what")]
    return [
        Headline(
            metric,
            tuple(row[key] for key in keys),
            what,
            *(row[name] for name in ("unit", "value", "lo", "hi", "n", "n_clusters", "method")),
        )
        for row in rows.filter((pl.col("what") == what) & (pl.col("n") > 0)).iter_rows(named=True)
    ]


def best(of: Sequence[Headline], *, least: bool = False) -> Headline | None:
    """Return the one with the highest value, or the lowest; `None` where none is known."""
    known = [one for one in of if one.value is not None]
    return (min if least else max)(known, key=lambda one: one.value or 0.0) if known else None


@dataclass(frozen=True, slots=True)
class Answer:
    """The opening of a notebook.

    Attributes:
        said: The answer, in sentences.
        rests_on: The numbers in it.
        window: Which requests, how many, from when to when, out of which ledger.
        caveat: What it does not say.
    """

    question: str
    said: str
    rests_on: tuple[Headline, ...]
    window: str
    caveat: str

    def __str__(self) -> str:
        lines = [self.question, self.said, *(f"{one.name}: {one}" for one in self.rests_on)]
        return "\n".join([*lines, self.window, self.caveat])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.name)}</td><td><b>{escape(words.number(one.value, one.unit))}</b>"
            f"</td><td>{escape(words.interval(one.row)) or words.UNKNOWN}</td><td>{one.n:,}</td>"
            f"<td>{escape(one.method)}</td></tr>"
            for one in self.rests_on
        )
        table = (
            "<table><thead><tr><th>number</th><th>value</th><th>95 % interval</th><th>n</th>"
            f"<th>how</th></tr></thead><tbody>{rows}</tbody></table>"
            if rows
            else ""
        )
        return (
            f'<div class="answer"><p>{escape(self.question)}</p>'
            f"<p><b>{escape(self.said)}</b></p>{table}"
            f"<p>Window: {escape(self.window)}</p><p>Mind: {escape(self.caveat)}</p></div>"
        )
