"""Ratios of sums, and comparisons, whose rows come in clusters: whole clusters are drawn again.

Sources: Efron and Tibshirani, An Introduction to the Bootstrap, chapters 8 and 13; for many
clusters the linearised ratio, Cochran, Sampling Techniques, section 6.3, which agrees with it.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.stats.estimate import NO_ROWS, Estimate, Z

DRAWS: Final = 2_000
MOST_DRAWN: Final = 2_000  # clusters; of more the linearised interval is the same, and at once
SEED: Final = 20_261_001


def ratio(over: pl.Series, under: pl.Series, *, seed: int = SEED) -> Estimate:
    """Estimate sum(over) / sum(under), where each row is a cluster, in whatever order they come.

    Never a mean of ratios: a small cluster would count as much as a large one.
    """
    y, x = _floats(over), _floats(under)
    order = np.lexsort((y, x))  # DuckDB groups on several threads: else draws would hit others
    y, x = y[order], x[order]
    total = float(x.sum()) if len(x) else 0.0
    if not total:
        return NO_ROWS
    clusters, value = len(x), float(y.sum()) / total
    if clusters == 1:
        return Estimate(value, None, None, 1, 1, "one cluster: no interval")
    if clusters > MOST_DRAWN:
        spread = float(((y - value * x) ** 2).sum())
        half = Z * math.sqrt(clusters / (clusters - 1) * spread) / total
        return Estimate(value, value - half, value + half, clusters, clusters, "linearised ratio")
    drawn = draws(clusters, seed)
    below = drawn @ x
    lo, hi = _middle(np.divide(drawn @ y, below, out=np.full(DRAWS, np.nan), where=below > 0))
    return Estimate(value, lo, hi, clusters, clusters, f"cluster bootstrap, {DRAWS} draws")


def of_sums(
    clusters: pl.DataFrame,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    seed: int = SEED,
) -> Estimate:
    """Estimate a statistic of the sums of columns, where each row is a cluster.

    Args:
        clusters: Numbers only; rows in their order, for of very many neighbours are put together.
        statistic: Takes rows of sums, one for each draw, and returns a number for each.
        seed: Of the draws.
    """
    if clusters.is_empty():
        return NO_ROWS
    sums = np.asarray(clusters.cast(pl.Float64).to_numpy(), dtype=np.float64)
    step = math.ceil(len(sums) / MOST_DRAWN)
    merged = np.add.reduceat(sums, range(0, len(sums), step), axis=0)
    value = float(statistic(merged.sum(axis=0, keepdims=True))[0])
    if not math.isfinite(value):
        return NO_ROWS
    if len(merged) == 1:
        return Estimate(value, None, None, 1, 1, "one cluster: no interval")
    lo, hi = _middle(statistic(draws(len(merged), seed) @ merged))
    method = f"cluster bootstrap, {DRAWS} draws"
    return Estimate(value, lo, hi, len(sums), len(sums), method)


def paired(first: pl.Series, second: pl.Series, *, seed: int = SEED) -> Estimate:
    """Estimate mean(first - second) over pairs, each measured under both: same day, same session.

    What the two have in common cancels, so far smaller differences show than between two groups.
    """
    both = pl.DataFrame({"a": first, "b": second}).drop_nulls()
    if both.is_empty():
        return NO_ROWS
    off = _floats(both["a"]) - _floats(both["b"])
    pairs = len(off)
    if pairs == 1:
        return Estimate(float(off[0]), None, None, 1, 1, "one pair: no interval")
    if pairs > MOST_DRAWN:
        half = Z * float(off.std(ddof=1)) / math.sqrt(pairs)
        mean = float(off.mean())
        return Estimate(mean, mean - half, mean + half, pairs, pairs, "paired, normal")
    lo, hi = _middle(draws(pairs, seed) @ off / pairs)
    return Estimate(float(off.mean()), lo, hi, pairs, pairs, f"paired bootstrap, {DRAWS} draws")


@lru_cache(maxsize=4)  # several numbers of one metric are over the same clusters
def draws(clusters: int, seed: int) -> NDArray[np.float64]:
    """Return how often each cluster (column) is in each draw (row)."""
    rng = np.random.default_rng(seed)
    even = np.full(clusters, 1.0 / clusters)
    return rng.multinomial(clusters, even, size=DRAWS).astype(np.float64)


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    kept = values[np.isfinite(values)]  # a draw without any of what is below the line
    lo, hi = np.quantile(kept, [0.025, 0.975])
    return float(lo), float(hi)


def _floats(values: pl.Series) -> NDArray[np.float64]:
    return np.asarray(values.cast(pl.Float64).to_numpy(), dtype=np.float64)
