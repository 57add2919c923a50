"""What conversions between wire formats could not carry, by the pair of formats.

Of attempts whose client speaks another wire than the provider: the share of which something was
lost, and the share of which a certain thing was. Between equal wires bytes pass untouched. Clusters
are hours. Source: the ledger's losses.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.stats.proportions import clustered

ANYTHING: Final = "anything"


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "client_wire", "provider_wire"):
        every = part.filter(pl.col("what").is_null()).select("hour", "converted")
        whats = [ANYTHING, *sorted(set(part["what"].drop_nulls()) - {ANYTHING})]
        for what in whats:
            lost = part.filter(pl.col("what") == what).select("hour", "lossy")
            counts = every.join(lost, on="hour", how="left").fill_null(0)
            share = clustered(hours.counts(counts, "lossy", "converted"))
            yield Line((*about, what), "lost", "share", share)


METRIC: Final = Metric(
    name="fidelity",
    unit="share",
    grain="loss",
    keys=("client_wire", "provider_wire", "loss"),
    query="fidelity",
    needs=("losses.what", "requests.client_wire", "attempts.provider_wire", "attempts.started_at"),
    estimate=_lines,
)
