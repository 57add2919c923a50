"""Counts by hour as clusters: failures come in outages, and an outage is in one of them."""

import math
from datetime import timedelta
from typing import Final

import polars as pl

from analysis.stats.proportions import Count

_BROKEN: Final = 0.5  # of an hour's rows failed


def counts(rows: pl.DataFrame, k: str, n: str, every: str = "1h") -> list[Count]:
    """Return the counts of clusters.

    Args:
        rows: One per `hour`, with how many rows were so (column k) of how many (column n).
        k: Name of a column.
        n: Name of a column.
        every: How long a cluster is: see `length`.
    """
    used = rows.filter(pl.col(n) > 0).sort("hour")
    if every != "1h":
        used = used.group_by_dynamic("hour", every=every).agg(pl.col(k).sum(), pl.col(n).sum())
    return [Count(int(one), int(of)) for one, of in used.select(k, n).iter_rows()]


def length(rows: pl.DataFrame, ok: str, n: str) -> str:
    """Return how long clusters must be: an hour, or as long as three outages in the mean."""
    outage_h = _mean_outage_h(rows.filter(pl.col(n) > 0).sort("hour"), ok, n)
    return f"{math.ceil(3 * outage_h)}h" if outage_h > 1 else "1h"


def broken(rows: pl.DataFrame, k: str, n: str) -> int:
    """Return in how many hours most rows failed."""
    used = rows.filter(pl.col(n) > 0)
    return int((used[k] < _BROKEN * used[n]).sum()) if len(used) else 0


def _mean_outage_h(rows: pl.DataFrame, k: str, n: str) -> float:
    """Return for how many hours in a row most rows failed, in the mean."""
    bad = rows.filter(pl.col(k) < _BROKEN * pl.col(n))["hour"]
    if bad.is_empty():
        return 0.0
    begins = (bad.diff() != timedelta(hours=1)).fill_null(value=True)
    return len(bad) / int(begins.sum())
