"""How two groups differ, in a quantile or in a ratio of sums: clusters are drawn again.

Where both groups have the same clusters (hours of one time), each draw takes the same ones of both:
what was slow or broken for everybody is no difference. Sources: Efron and Tibshirani, An
Introduction to the Bootstrap, chapters 8 and 16; estimators 6.5.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.stats.estimate import NO_ROWS, Estimate
from analysis.stats.resampling import DRAWS, MOST_DRAWN, SEED, draws

_MOST_VALUES: Final = 500  # steps that values are put on where there are more different ones
_Floats = NDArray[np.float64]


def quantile_difference(
    first: pl.DataFrame, second: pl.DataFrame, q: float, *, seed: int = SEED
) -> Estimate:
    """Estimate the quantile q of `first` minus that of `second`.

    Args:
        first: One row per cluster and value: cluster, value f64 (null: it never came, and is later
            than any), times i64.
        second: Likewise.
        q: Above 0 and below 1.
        seed: Of the draws.
    """
    n = sum(int(group["times"].sum()) for group in (first, second))
    if first.is_empty() or second.is_empty():
        return NO_ROWS
    steps = _steps(pl.concat([first["value"], second["value"]]))
    orders = _orders(first["cluster"], second["cluster"])
    tables = [
        _table(group, order, steps) for group, order in zip((first, second), orders, strict=True)
    ]
    found = _drawn(
        tables, lambda sums: _quantiles(sums, steps, q), seed, together=orders[0] is orders[1]
    )
    if found.value is None:
        return replace(found, n=n, method="not reached: too many failed")
    off = _exact(first, q) - _exact(second, q) - found.value  # the draws are on steps
    lo, hi = (None if end is None else end + off for end in (found.lo, found.hi))
    return replace(found, value=found.value + off, lo=lo, hi=hi, n=n)


def ratio_difference(first: pl.DataFrame, second: pl.DataFrame, *, seed: int = SEED) -> Estimate:
    """Estimate sum(over) / sum(under) of `first` minus that of `second`.

    Args:
        first: One row per cluster, or several: cluster, over, under, both numbers.
        second: Likewise.
        seed: Of the draws.
    """
    if first.is_empty() or second.is_empty():
        return NO_ROWS
    orders = _orders(first["cluster"], second["cluster"])
    tables = [_sums(group, order) for group, order in zip((first, second), orders, strict=True)]
    found = _drawn(tables, _ratios, seed, together=orders[0] is orders[1])
    return found if found.value is not None else NO_ROWS


def _drawn(
    tables: list[_Floats], statistic: Callable[[_Floats], _Floats], seed: int, *, together: bool
) -> Estimate:
    """Return the difference of a statistic of the sums of rows; `None` where it has no value."""
    value = _off(*(statistic(table.sum(axis=0, keepdims=True)) for table in tables))[0]
    clusters = len(tables[0]) if together else min(len(table) for table in tables)
    if not math.isfinite(value):
        return Estimate(None, n_clusters=clusters)
    if clusters == 1:
        return Estimate(float(value), None, None, 0, 1, "one cluster: no interval")
    seeds = (seed, seed if together else seed + 1)
    drawn = [
        statistic(draws(len(table), one) @ table) for table, one in zip(tables, seeds, strict=True)
    ]
    lo, hi = _middle(_off(*drawn))
    how = "the same clusters of both" if together else "clusters of each"
    return Estimate(float(value), lo, hi, 0, clusters, f"bootstrap, {how}, {DRAWS} draws")


def _orders(first: pl.Series, second: pl.Series) -> tuple[dict[object, int], dict[object, int]]:
    """Return the row of each cluster of both groups; one and the same where they share any."""
    if set(first.to_list()) & set(second.to_list()):
        order = _order(pl.concat([first, second]))
        return order, order
    return _order(first), _order(second)


def _sums(group: pl.DataFrame, order: dict[object, int]) -> _Floats:
    """Return what each cluster (row) has over and under the line."""
    made = np.zeros((max(order.values()) + 1, 2))
    rows = np.array([order[name] for name in group["cluster"].to_list()])
    for place, name in enumerate(("over", "under")):
        values = group[name].cast(pl.Float64).fill_null(0).to_numpy()
        made[:, place] = np.bincount(rows, values, minlength=len(made))
    return made


def _ratios(sums: _Floats) -> _Floats:
    over, under = sums[:, 0], sums[:, 1]
    none: _Floats = np.full(len(sums), np.nan)
    return np.divide(over, under, out=none, where=under > 0)


def _exact(group: pl.DataFrame, q: float) -> float:
    """Return the quantile of a group that reaches it."""
    ranked = group.with_columns(pl.col("value").fill_null(math.inf)).sort("value")
    place = ranked["times"].cum_sum().search_sorted(q * int(ranked["times"].sum()) - 1e-9)
    return float(ranked["value"][place])


def _steps(values: pl.Series) -> _Floats:
    """Return the values that there are, or as many as are told apart; the last is never."""
    known = values.drop_nulls().unique().sort().to_numpy().astype(np.float64)
    if len(known) > _MOST_VALUES:
        every = values.drop_nulls().sort().to_numpy().astype(np.float64)
        places = np.linspace(0, len(every) - 1, _MOST_VALUES).round().astype(np.int64)
        known = np.unique(every[places])
    return np.append(known, np.inf)


def _order(clusters: pl.Series) -> dict[object, int]:
    """Return the row of each cluster; of very many, neighbours share one."""
    names = clusters.unique().sort().to_list()
    share = math.ceil(len(names) / MOST_DRAWN)
    return {name: place // share for place, name in enumerate(names)}


def _table(group: pl.DataFrame, order: dict[object, int], steps: _Floats) -> _Floats:
    """Return how often each cluster (row) has a value of each step (column)."""
    shape = (max(order.values()) + 1, len(steps))
    rows = np.array([order[name] for name in group["cluster"].to_list()])
    values = group["value"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    places = rows * len(steps) + np.searchsorted(steps, values)
    counts = np.bincount(places, group["times"].to_numpy(), minlength=shape[0] * shape[1])
    return counts.astype(np.float64).reshape(shape)


def _quantiles(counts: _Floats, steps: _Floats, q: float) -> _Floats:
    """Return the quantile of each row of counts; nan where it has none."""
    upto = counts.cumsum(axis=1)
    every = upto[:, -1:]
    places = (upto >= q * every - 1e-9).argmax(axis=1)
    return np.where(every[:, 0] > 0, steps[places], np.nan)


def _off(first: _Floats, second: _Floats) -> _Floats:
    """Return the differences; nan where neither came."""
    with np.errstate(invalid="ignore"):
        return first - second


def _middle(values: _Floats) -> tuple[float | None, float | None]:
    kept = values[~np.isnan(values)]
    ends = (
        float(np.quantile(kept, 0.025, method="lower")),
        float(np.quantile(kept, 0.975, method="higher")),
    )
    lo, hi = (end if math.isfinite(end) else None for end in ends)
    return lo, hi
