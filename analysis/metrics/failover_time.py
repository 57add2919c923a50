"""How long clients waited for attempts that failed, before the one that answered began.

Lost time of a rescued request: from the start of its first attempt to that of its last. Quantiles
are over rescued requests, by the class of their first failure and over all. Share of waiting is the
sum of lost time over the sum of what all requests for answers took. Clusters are hours. Source:
estimators 6.3.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import Estimate
from analysis.stats.quantiles import quantile
from analysis.stats.resampling import ratio

ALL_CLASSES: Final = "all"


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        by_hour = part.filter(pl.col("failure").is_null())
        share = ratio(by_hour["lost_us"], by_hour["total_us"])
        share = replace(share, n=int(by_hour["requests"].sum()))
        rescued = part.filter(pl.col("failure").is_not_null())
        yield Line((*about, ALL_CLASSES), "share of waiting", "share", share)
        yield from _quantiles((*about, ALL_CLASSES), rescued)
        for (failure,), some in groups(rescued, "failure"):
            yield from _quantiles((*about, failure), some)


def _quantiles(about: tuple[str | None, ...], rescued: pl.DataFrame) -> Iterator[Line]:
    waits = rescued["lost_us"] / 1e6
    for q in (0.5, 0.95):
        yield Line(about, f"p{q * 100:.0f}", "s", quantile(waits, q))
    longest = waits.max()
    if isinstance(longest, float):
        yield Line(about, "longest", "s", Estimate(longest, n=len(waits), method="largest seen"))


METRIC: Final = Metric(
    name="failover_time",
    unit="s",
    grain="request",
    keys=("app", "failure"),
    query="failover_time",
    needs=(
        "requests.outcome",
        "requests.total_us",
        "requests.n_attempts",
        "requests.app",
        "attempts.started_at",
        "attempts.failure",
        "attempts.outcome",
    ),
    estimate=_lines,
)
