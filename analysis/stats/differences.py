"""How much later one group is than another, at a quantile: clusters are drawn again.

Where both groups have the same clusters (hours of one time), each draw takes the same ones of both:
what was slow for everybody is no difference. Sources: Efron and Tibshirani, An Introduction to the
Bootstrap, chapters 8 and 16; estimators 6.5.
"""

import math
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
    together = bool(set(first["cluster"].to_list()) & set(second["cluster"].to_list()))
    steps = _steps(pl.concat([first["value"], second["value"]]))
    if together:
        order = _order(pl.concat([first["cluster"], second["cluster"]]))
        tables = [_table(group, order, steps) for group in (first, second)]
    else:
        tables = [_table(group, _order(group["cluster"]), steps) for group in (first, second)]
    value = _off(*(_quantiles(table.sum(axis=0, keepdims=True), steps, q) for table in tables))
    clusters = len(tables[0]) if together else min(len(table) for table in tables)
    if not math.isfinite(value[0]):
        return Estimate(None, n=n, n_clusters=clusters, method="not reached: too many failed")
    if clusters == 1:
        return Estimate(float(value[0]), None, None, n, 1, "one cluster: no interval")
    seeds = (seed, seed if together else seed + 1)
    drawn = [
        _quantiles(draws(len(table), one) @ table, steps, q)
        for table, one in zip(tables, seeds, strict=True)
    ]
    lo, hi = _middle(_off(*drawn))
    how = "the same clusters of both" if together else "clusters of each"
    return Estimate(float(value[0]), lo, hi, n, clusters, f"bootstrap, {how}, {DRAWS} draws")


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
