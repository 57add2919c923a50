"""Quantiles with intervals by order statistics: no assumption on the distribution.

Source: David and Nagaraja, Order Statistics, section 7.1. Rows are taken as independent.
"""

import math
from typing import Final

import polars as pl

from analysis.stats.distributions import binomial_quantile
from analysis.stats.estimate import NO_ROWS, Estimate

_HALF: Final = 0.025


def quantile(values: pl.Series, q: float, *, unreached: int = 0) -> Estimate:
    """Estimate the quantile q of values, of which `unreached` more lie beyond all that are known.

    A failure has no latency, and is later than any: counted so, a quantile may be not reached,
    which is `None`. Where too few rows lie beyond the quantile there is no upper end.

    Args:
        values: Any order; null is left out.
        q: Above 0 and below 1.
        unreached: How many values are larger than any known.
    """
    known = values.drop_nulls().sort()
    n = len(known) + unreached
    if not n:
        return NO_ROWS
    low = binomial_quantile(_HALF, n, q)
    high = binomial_quantile(1 - _HALF, n, q) + 1
    value = _at(known, max(math.ceil(q * n), 1))
    method = f"order statistics, n = {n}" if high <= n else f"no upper end with n = {n}"
    if value is None:
        method = "not reached: too many failed"
    return Estimate(value, _at(known, low), _at(known, high), n, None, method)


def _at(ordered: pl.Series, rank: int) -> float | None:
    """Return the value of that rank, from 1; `None` if it is not known."""
    return float(ordered[rank - 1]) if 1 <= rank <= len(ordered) else None
