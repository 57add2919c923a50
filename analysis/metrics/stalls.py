"""Silences in the middle of an answer: the longest wait between two pieces of each.

Of attempts that came to first content in two pieces or more, whole or not. A piece is not a token.
"over 10 s" is the share whose longest wait was longer; clusters are hours. Source: estimators 6.5.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.waits import quantiles
from analysis.stats.proportions import clustered

LONG_MS: Final = 10_000


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        gaps = part.group_by("gap_ms").agg(pl.col("times").sum())
        gaps = gaps.select((pl.col("gap_ms") / 1000).alias("value"), "times")
        yield from quantiles(about, "longest gap", "s", gaps)
        by_hour = part.group_by("hour").agg(
            pl.col("times").filter(pl.col("gap_ms") > LONG_MS).sum().alias("long"),
            pl.col("times").sum(),
        )
        share = clustered(hours.counts(by_hour, "long", "times"))
        yield Line(about, f"over {LONG_MS // 1000} s", "share", share)


METRIC: Final = Metric(
    name="stalls",
    unit="s",
    grain="attempt",
    keys=("provider",),
    query="stalls",
    needs=(
        "attempts.max_gap_us",
        "attempts.first_content_us",
        "attempts.provider",
        "attempts.started_at",
    ),
    estimate=_lines,
)
