"""What attempts that did not serve the client cost: tokens and money for nothing.

An attempt served if it was the one passed on and its content reached the client. Most that failed
say nothing of tokens, and most providers ask nothing for them: what is not reported is not in the
sum, and coverage is the tokens with a price over those reported. Wasted share is over all that was
paid; clusters are hours. Source: estimators 6.8.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.money import BASES, totals
from analysis.stats import Estimate
from analysis.stats.resampling import ratio


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        unserved = part.filter(~pl.col("served"))
        n = int(unserved["attempts"].sum())
        yield Line(about, "attempts", "count", Estimate(float(n), n=n, method="count"))
        spent = Estimate(float(unserved["total_s"].sum()), n=n, method="sum")
        yield Line(about, "time", "s", spent)
        yield from totals(about, "cost", unserved)
        for basis in BASES:
            yield Line(about, f"wasted share ({basis})", "share", _share(part, basis))


def _share(part: pl.DataFrame, basis: str) -> Estimate:
    usd = f"{basis}_usd"
    hours = part.group_by("hour").agg(
        pl.col(usd).filter(~pl.col("served")).sum().alias("wasted"), pl.col(usd).sum()
    )
    found = ratio(hours["wasted"], hours[usd])
    tokens, priced = float(part["tokens"].sum()), float(part[f"{basis}_tokens"].sum())
    coverage = priced / tokens if tokens else None
    return replace(found, n=int(part["attempts"].sum()), coverage=coverage) if found.n else found


METRIC: Final = Metric(
    name="waste",
    unit="USD",
    grain="attempt",
    keys=("provider",),
    query="waste",
    needs=(
        "attempts.committed",
        "attempts.outcome",
        "attempts.total_us",
        "attempts.prompt_tokens",
        "attempts.output_tokens",
        "attempts.provider",
    ),
    estimate=_lines,
    is_priced=True,
)
