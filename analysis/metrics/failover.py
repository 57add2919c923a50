"""What asking others gains: requests that ended well although their first attempt did not.

Of the requests that `request_success` counts: first success is the share whose first attempt came
to a whole answer, final success that of requests that did. Gain is rescued of all; rescue rate is
rescued of those whose first attempt did not. A rescue is elsewhere (another provider gave the
answer) or by the same one again (a repeat, another key, a mended request). Harmed are those whose
first attempt was whole and which failed: it must be 0.
The gain is against no retry at all: a CLI would ask again by itself. Clusters are hours. Source:
estimators 6.2.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.stats.proportions import clustered

_SHARES: Final = (
    ("first success", "first_whole", "judged"),
    ("final success", "whole", "judged"),
    ("gain", "rescued", "judged"),
    ("rescue rate", "rescued", "first_failed"),
    ("rescued elsewhere", "elsewhere", "rescued"),
    ("harmed", "harmed", "judged"),
)


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        requests = int(part["requests"].sum())
        every = hours.length(part, "first_whole", "judged")
        for what, k, n in _SHARES:
            share = clustered(hours.counts(part, k, n, every))
            yield Line(about, what, "share", share.of(requests) if n == "judged" else share)


METRIC: Final = Metric(
    name="failover",
    unit="share",
    grain="request",
    keys=("app",),
    query="failover",
    needs=(
        "requests.outcome",
        "requests.provider",
        "requests.app",
        "attempts.outcome",
        "attempts.failure",
        "attempts.provider",
    ),
    estimate=_lines,
)
