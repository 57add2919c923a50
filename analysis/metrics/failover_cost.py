"""What a failover costs beyond time: the new provider's cache is cold.

Of requests answered elsewhere than their first attempt was sent, where the earlier request that
shares most of the prompt was answered by that first provider within the lifetime of its cache (an
hour where it wrote for an hour, else as `analysis/caches` has it): what the answer cost, minus what
it would have cost had the shared part been read. Source: estimators 6.3.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.money import BASES, total
from analysis.stats.resampling import ratio


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        n, tokens = len(part), float(part["prompt_tokens"].sum())
        for basis in BASES:
            cold = part[f"{basis}_cold_usd"]
            priced = float(part.filter(cold.is_not_null())["prompt_tokens"].sum())
            sums = total(cold, n, priced, tokens)
            yield Line(about, f"cold cost ({basis})", "USD", sums)
            known = cold.drop_nulls()
            each = ratio(known, pl.Series([1.0] * len(known)))
            yield Line(about, f"each ({basis})", "USD", replace(each, coverage=sums.coverage))


METRIC: Final = Metric(
    name="failover_cost",
    unit="USD",
    grain="request",
    keys=("app",),
    query="failover_cost",
    needs=(
        "requests.parent_request",
        "requests.lcp_chars",
        "requests.prompt_chars",
        "requests.provider",
        "requests.received_at",
        "requests.cache_write_1h_tokens",
        "attempts.provider",
        "attempts.prompt_tokens",
        "attempts.cache_read_tokens",
    ),
    estimate=_lines,
    is_priced=True,
)
