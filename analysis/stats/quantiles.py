"""Quantiles with intervals by order statistics: no assumption on the distribution.

Source: David and Nagaraja, Order Statistics, section 7.1. Rows are taken as independent.
"""

import math
from typing import Final

import polars as pl

from analysis.stats.distributions import binomial_quantile
from analysis.stats.estimate import NO_ROWS, Estimate

_HALF: Final = 0.025


def quantile(
    values: pl.Series, q: float, *, unreached: int = 0, counts: pl.Series | None = None
) -> Estimate:
    """Estimate the quantile q of values, of which `unreached` more lie beyond all that are known.

    A failure has no latency, and is later than any: counted so, a quantile may be not reached,
    which is `None`. Where too few rows lie beyond the quantile there is no upper end.

    Args:
        values: Any order; null is left out.
        q: Above 0 and below 1.
        unreached: How many values are larger than any known.
        counts: How often each value is there; once if not told.
    """
    ranked = _ranked(values, counts)
    n = (int(ranked["rank"][-1]) if len(ranked) else 0) + unreached
    if not n:
        return NO_ROWS
    low = binomial_quantile(_HALF, n, q)
    high = binomial_quantile(1 - _HALF, n, q) + 1
    value = _at(ranked, max(math.ceil(q * n), 1))
    method = f"order statistics, n = {n}" if high <= n else f"no upper end with n = {n}"
    if value is None:
        method = "not reached: too many failed"
    return Estimate(value, _at(ranked, low), _at(ranked, high), n, None, method)


def _ranked(values: pl.Series, counts: pl.Series | None) -> pl.DataFrame:
    """Return each value with the rank of its last, from 1."""
    frame = pl.DataFrame({"value": values.cast(pl.Float64)})
    times = pl.lit(1, pl.Int64) if counts is None else counts.cast(pl.Int64).alias("times")
    known = frame.with_columns(times.alias("times")).drop_nulls().sort("value")
    return known.with_columns(rank=pl.col("times").cum_sum())


def _at(ranked: pl.DataFrame, rank: int) -> float | None:
    """Return the value of that rank, from 1; `None` if it is not known."""
    place = int(ranked["rank"].search_sorted(rank)) if rank >= 1 else len(ranked)
    return float(ranked["value"][place]) if place < len(ranked) else None
