"""What the proxy itself adds to a request, in milliseconds.

On the way in: from the request's last byte to the start of its first attempt. On the way out: from
content at the proxy to content at the client. Waiting for a place or for a second attempt is not in
it (`failover_time` has that), nor is the network. Of requests for answers where both are known;
coverage is their share. Source: estimators 6.5.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.waits import quantiles


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app", "what"):
        every = int(part["times"].sum())
        known = part.filter(pl.col("us10").is_not_null())
        waits = known.select((pl.col("us10") / 100).alias("value"), "times")
        for line in quantiles(about[:1], str(about[1]), "ms", waits):
            yield Line(line.about, line.what, line.unit, line.estimate.of(every))


METRIC: Final = Metric(
    name="overhead",
    unit="ms",
    grain="request",
    keys=("app",),
    query="overhead",
    needs=("requests.overhead_in_us", "requests.overhead_out_us", "requests.app"),
    estimate=_lines,
)
