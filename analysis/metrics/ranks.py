"""Which provider is most available, where some are hardly known: for ranks and leader boards.

Of the attempts that `success` counts for availability, each provider's share is drawn to that of
all (empirical Bayes); beside it its probability to be the best. Rows are taken as independent
here, so for one provider look at `success`. Source: estimators 6.1 and 6.12.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric
from analysis.stats import Estimate
from analysis.stats.proportions import Count
from analysis.stats.ranks import chances_of_best, shrunk


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    fleet = rows.group_by("provider").agg(pl.col("whole", "failed", "attempts").sum())
    fleet = fleet.sort("provider")
    counts = [Count(k, k + f) for k, f in fleet.select("whole", "failed").iter_rows()]
    found = zip(fleet.rows(named=True), shrunk(counts), chances_of_best(counts), strict=True)
    for row, share, chance in found:
        about = (str(row["provider"]),)
        yield Line(about, "availability", "share", share.of(row["attempts"]))
        best = Estimate(chance, n=share.n, method="20,000 draws of the posterior")
        yield Line(about, "chance to be best", "share", best.of(row["attempts"]))


METRIC: Final = Metric(
    name="ranks",
    unit="share",
    grain="attempt",
    keys=("provider",),
    query="success",
    needs=("attempts.outcome", "attempts.failure", "attempts.provider"),
    estimate=_lines,
)
