"""How often a provider's attempts come to a whole answer.

Availability: whole of (whole + failed). Usable rate: a rate limit (429) is a failure as well;
throttled is their share of the same. None counts attempts that say nothing of the provider: the
client left or was at fault, the account was (401, 402, 403, a model it has not), or the proxy was;
coverage is the share that stays. Clusters are hours, longer where outages are. Source: estimators
6.1; Wilson 1927, Kish 1965.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import Estimate
from analysis.stats.proportions import clustered


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    counted = rows.with_columns(
        judged=pl.col("whole") + pl.col("failed"),
        usable=pl.col("whole") + pl.col("failed") + pl.col("throttled"),
    )
    for about, part in groups(counted, "provider"):
        yield Line(about, "availability", "share", _share(part, "judged"))
        yield Line(about, "usable rate", "share", _share(part, "usable"))
        throttled = clustered(hours.counts(part, "throttled", "usable"))
        yield Line(about, "throttled", "share", throttled.of(int(part["attempts"].sum())))


def _share(part: pl.DataFrame, n: str) -> Estimate:
    found = clustered(hours.counts(part, "whole", n, hours.length(part, "whole", n)))
    bad = hours.broken(part, "whole", n)
    method = f"{found.method}, {bad} hours mostly failed" if found.n else found.method
    return replace(found, method=method).of(int(part["attempts"].sum()))


METRIC: Final = Metric(
    name="success",
    unit="share",
    grain="attempt",
    keys=("provider",),
    query="success",
    needs=("attempts.outcome", "attempts.failure", "attempts.provider", "attempts.started_at"),
    estimate=_lines,
)
