"""How long until an attempt's first content, failures included.

From the start of the attempt to the first event with text, thinking or a tool call, whole answers
as well. "waits" is Kaplan-Meier: who ran out of time, whose connection broke or whose client left
before content has waited that long at least, and is censored there; who was refused waited for
nothing, and is not in it (coverage is the share that is). "or never" is the plainer question of who
needs an answer: of all attempts that say something of the provider, any that failed before content
is later than all that did not. Source: estimators 6.5.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.waits import QUANTILES, quantiles
from analysis.stats.survival import kaplan_meier, waiting


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        every = int(part["times"].sum())
        waited = part.filter(pl.col("ends") != "refused")
        curve = kaplan_meier(waited["wait_ms"] / 1000, waited["ends"] == "content", waited["times"])
        for q in QUANTILES:
            yield Line(about, f"waits p{q * 100:g}", "s", waiting(curve, q).of(every))
        judged = part.filter(pl.col("ends") != "left").select(
            pl.when(pl.col("ends") == "content").then(pl.col("wait_ms") / 1000).alias("value"),
            "times",
        )
        yield from quantiles(about, "or never", "s", judged)


METRIC: Final = Metric(
    name="first_content",
    unit="s",
    grain="attempt",
    keys=("provider",),
    query="first_content",
    needs=(
        "attempts.first_content_us",
        "attempts.total_us",
        "attempts.outcome",
        "attempts.failure",
        "attempts.provider",
    ),
    estimate=_lines,
)
