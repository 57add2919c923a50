"""What the tokens cost, by the list and as really paid, and how much of them is priced.

Of all attempts whose prompt was counted, failed ones as well. Coverage is the tokens with a price
over all tokens: an unknown price is no price, never 0. Effective input price: what input cost over
input tokens, in USD for a million: the number to rank providers by, for it has the cache's hits and
writes in it; clusters are hours. What a provider itself says that an answer cost stands beside it,
in whatever currency it means. Source: estimators 2.3 and 6.8.
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
    for about, part in groups(rows, "provider", "model"):
        yield from totals(about, "cost", part)
        yield Line(about, "cost (reported)", "as reported", _reported(part))
        for basis in BASES:
            price = ratio(part[f"{basis}_input_usd"].fill_null(0), part[f"{basis}_prompt"] / 1e6)
            priced = float(part[f"{basis}_tokens"].sum())
            n, coverage = int(part["attempts"].sum()), priced / float(part["tokens"].sum())
            price = replace(price, n=n, coverage=coverage) if price.n else price
            yield Line(about, f"input price ({basis})", "USD/M tokens", price)


def _reported(part: pl.DataFrame) -> Estimate:
    n = int(part["reports"].sum())
    found = Estimate(float(part["reported"].sum()) if n else None, n=n, method="sum")
    return found.of(int(part["attempts"].sum()))


METRIC: Final = Metric(
    name="spend",
    unit="USD",
    grain="attempt",
    keys=("provider", "model"),
    query="spend",
    needs=(
        "attempts.prompt_tokens",
        "attempts.cache_read_tokens",
        "attempts.cache_write_tokens",
        "attempts.cache_write_1h_tokens",
        "attempts.output_tokens",
        "attempts.reported_cost",
        "attempts.provider",
        "attempts.model_sent",
        "attempts.started_at",
    ),
    estimate=_lines,
    is_priced=True,
)
