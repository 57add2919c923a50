"""How long clients waited, for first content and for all of it, failed requests included.

Of the requests that `request_success` counts, by app: a request that did not end whole is later
than any that did, so a quantile may be not reached. Failed attempts, waits and our own overhead are
in it: it is the client's clock. Source: estimators 6.5.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.waits import quantiles


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app", "what"):
        waits = part.select((pl.col("wait_ms") / 1000).alias("value"), "times")
        yield from quantiles(about[:1], str(about[1]), "s", waits)


METRIC: Final = Metric(
    name="tails",
    unit="s",
    grain="request",
    keys=("app",),
    query="tails",
    needs=("requests.first_content_us", "requests.total_us", "requests.outcome", "requests.app"),
    estimate=_lines,
)
