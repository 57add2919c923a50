"""Quantiles of waits that are counted in milliseconds or the like, as several metrics give them."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line
from analysis.stats.quantiles import quantile

QUANTILES: Final = (0.5, 0.95, 0.99)


def quantiles(
    about: tuple[str | None, ...],
    what: str,
    unit: str,
    rows: pl.DataFrame,
    quantiles: tuple[float, ...] = QUANTILES,
) -> Iterator[Line]:
    """Return the quantiles of the column `value`, each of its values `times` times.

    Null is a value later than any that is known: of what failed.
    """
    known = rows.filter(pl.col("value").is_not_null())
    never = int(rows["times"].sum()) - int(known["times"].sum())
    for q in quantiles:
        found = quantile(known["value"], q, unreached=never, counts=known["times"])
        yield Line(about, f"{what} p{q * 100:g}", unit, found)
