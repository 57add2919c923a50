"""What a metric is: a value, computed from what one query gives, with an interval each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from analysis.stats import NO_ROWS, Estimate

Grain = Literal["request", "attempt", "loss"]

ESTIMATE = {
    "what": pl.String(),
    "unit": pl.String(),
    "value": pl.Float64(),
    "lo": pl.Float64(),
    "hi": pl.Float64(),
    "n": pl.Int64(),
    "n_clusters": pl.Int64(),
    "method": pl.String(),
    "coverage": pl.Float64(),
}
"""The columns of every result, after those that say what it is about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a result.

    Attributes:
        about: One name for each of the metric's keys.
        what: Which number it is.
        unit: Of it.
        estimate: Itself.
    """

    about: tuple[str | None, ...]
    what: str
    unit: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric.

    Attributes:
        name: As it is asked for.
        unit: Of its main number.
        grain: What its rows are.
        keys: What each number is about: the first columns of the result.
        query: The file in `queries/` that gives what it needs.
        needs: Columns of the ledger that it rests on.
        estimate: From what the query gives to numbers; pure. Of no rows it is not asked.
        is_priced: The query joins the price book, or the policies of caches.
    """

    name: str
    unit: str
    grain: Grain
    keys: tuple[str, ...]
    query: str
    needs: tuple[str, ...]
    estimate: Callable[[pl.DataFrame], Iterable[Line]]
    is_priced: bool = False

    @property
    def schema(self) -> pl.Schema:
        """The columns of its result."""
        return pl.Schema([*((key, pl.String()) for key in self.keys), *ESTIMATE.items()])

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the result; of no rows, one line that says so."""
        lines = [] if rows.is_empty() else list(self.estimate(rows))
        if not lines:
            lines = [Line((None,) * len(self.keys), self.name, self.unit, NO_ROWS)]
        return table(self.schema, lines)


def table(schema: pl.Schema, lines: Iterable[Line]) -> pl.DataFrame:
    """Return numbers as a frame, after what they are about."""
    told = [
        (
            *line.about,
            line.what,
            line.unit,
            line.estimate.value,
            line.estimate.lo,
            line.estimate.hi,
            line.estimate.n,
            line.estimate.n_clusters,
            line.estimate.method,
            line.estimate.coverage,
        )
        for line in lines
    ]
    return pl.DataFrame(told, schema=schema, orient="row")


def groups(rows: pl.DataFrame, *keys: str) -> Iterable[tuple[tuple[str | None, ...], pl.DataFrame]]:
    """Return the rows of each combination of names, in their order."""
    ordered = rows.sort(keys, nulls_last=True)
    for names, part in ordered.group_by(keys, maintain_order=True):
        yield tuple(None if name is None else str(name) for name in names), part
