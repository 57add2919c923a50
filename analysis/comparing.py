"""Two providers, or two spans of time, side by side: each number of both, and how far apart.

Two providers at the same time are compared hour by hour: what was slow or broken for both is no
difference. Shares at one of their ends have no spread to draw from: there the intervals of both are
put together (Newcombe 1998). Sources: estimators 6.1, 6.5, 6.7, 6.8.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from analysis.load import Ledger
from analysis.metrics import hours
from analysis.prices.frame import with_prices
from analysis.selection import Selection
from analysis.stats import NO_ROWS, Estimate
from analysis.stats.differences import quantile_difference, ratio_difference
from analysis.stats.proportions import clustered
from analysis.stats.quantiles import quantile
from analysis.stats.resampling import ratio
from proxy.price_list import LIST_PRICES, Pricing

_QUERIES = ("success", "first_content_by_hour", "cache_hit", "paid_by_hour")


@dataclass(frozen=True, slots=True)
class Compared:
    """One number of both, and the first one's minus the second one's."""

    what: str
    unit: str
    first: Estimate
    second: Estimate
    difference: Estimate


def compare(
    ledger: Ledger, first: Selection, second: Selection, pricing: Pricing = LIST_PRICES
) -> list[Compared]:
    """Return how two selections differ."""
    one, two = _asked(ledger, first, pricing), _asked(ledger, second, pricing)
    return [*_shares(one, two), *_waits(one, two), *_ratios(one, two)]


Side = dict[str, pl.DataFrame]  # what each query gives


def _asked(ledger: Ledger, selection: Selection, pricing: Pricing) -> Side:
    with_prices(ledger, pricing, selection)
    found = {query: ledger.ask(query, selection) for query in _QUERIES}
    found["success"] = found["success"].with_columns(
        judged=pl.col("whole") + pl.col("failed"),
        usable=pl.col("whole") + pl.col("failed") + pl.col("throttled"),
    )
    return found


def _shares(one: Side, two: Side) -> Iterator[Compared]:
    for what, n in (("availability", "judged"), ("usable rate", "usable")):
        first, second = _share(one["success"], n), _share(two["success"], n)
        drawn = ratio_difference(_table(one["success"], n), _table(two["success"], n))
        yield Compared(what, "share", first, second, _of_shares(first, second, drawn))


def _table(side: pl.DataFrame, n: str) -> pl.DataFrame:
    return side.filter(pl.col(n) > 0).select(cluster="hour", over="whole", under=n)


def _share(side: pl.DataFrame, n: str) -> Estimate:
    counted = side.group_by("hour").agg(pl.col("whole", n).sum())
    return clustered(hours.counts(counted, "whole", n, hours.length(counted, "whole", n)))


def _of_shares(one: Estimate, two: Estimate, drawn: Estimate) -> Estimate:
    """Return the difference of shares; where one is 0 or 1, from the intervals of both."""
    if one.value is None or two.value is None or drawn.value is None:
        return NO_ROWS
    n = one.n + two.n
    if 0 < one.value < 1 and 0 < two.value < 1:
        return replace(drawn, n=n)
    if None in {one.lo, one.hi, two.lo, two.hi}:
        return replace(drawn, lo=None, hi=None, n=n)
    down = math.hypot(one.value - (one.lo or 0), (two.hi or 0) - two.value)
    up = math.hypot((one.hi or 0) - one.value, two.value - (two.lo or 0))
    method = "Newcombe, of both intervals"
    return replace(drawn, lo=drawn.value - down, hi=drawn.value + up, n=n, method=method)


def _waits(one: Side, two: Side) -> Iterator[Compared]:
    first, second = _waited(one), _waited(two)
    for q in (0.5, 0.95):
        off = quantile_difference(first, second, q)
        what = f"first content p{q * 100:g}"
        yield Compared(what, "s", _quantile(first, q), _quantile(second, q), off)


def _waited(side: Side) -> pl.DataFrame:
    return side["first_content_by_hour"].select(
        cluster="hour", value=pl.col("wait_ms") / 1000, times="times"
    )


def _quantile(side: pl.DataFrame, q: float) -> Estimate:
    if side.is_empty():
        return NO_ROWS
    known = side.drop_nulls("value")
    never = int(side["times"].sum()) - int(known["times"].sum())
    return quantile(known["value"], q, unreached=never, counts=known["times"])


def _ratios(one: Side, two: Side) -> Iterator[Compared]:
    yield _ratio("cache hit, by tokens", "share", _hits(one), _hits(two))
    for basis in ("list", "paid"):
        what = f"a million tokens ({basis})"
        yield _ratio(what, "USD", _paid(one, basis), _paid(two, basis))


def _hits(side: Side) -> pl.DataFrame:
    return _summed(side["cache_hit"].select(cluster="session", over="read", under="prompt"))


def _paid(side: Side, basis: str) -> pl.DataFrame:
    tokens = pl.col(f"{basis}_tokens") / 1e6
    return _summed(side["paid_by_hour"].select(cluster="hour", over=f"{basis}_usd", under=tokens))


def _summed(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cluster of those that have something under the line."""
    used = rows.filter(pl.col("under") > 0)
    return used.group_by("cluster").agg(pl.col("over", "under").sum())


def _ratio(what: str, unit: str, one: pl.DataFrame, two: pl.DataFrame) -> Compared:
    first, second = ratio(one["over"], one["under"]), ratio(two["over"], two["under"])
    off = replace(ratio_difference(one, two), n=first.n + second.n)
    return Compared(what, unit, first, second, off)
