"""How much of the input came from the prompt cache, by tokens.

Hit ratio: tokens read over tokens of the whole prompt (fresh, read and written), of attempts whose
provider reports reads: NULL is not 0, and coverage is the share of prompt tokens with a report.
Sums over sums, never a mean of ratios. "after the first" leaves the first request of each session
out: nothing of it could be there. "of reachable" is tokens read over those that an earlier request
shares with this one, as far as the ledger knows. "requests with a hit" counts attempts with any
read. Clusters are sessions. Source: estimators 6.7.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import Estimate
from analysis.stats.proportions import Count, clustered
from analysis.stats.resampling import ratio

_RATIOS: Final = (
    ("hit ratio", "read", "prompt", "reported"),
    ("after the first", "later_read", "later_prompt", "later"),
    ("of reachable", "reach_read", "reach", "reachable"),
)


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider"):
        every = float(part["all_prompt"].sum())
        coverage = float(part["prompt"].sum()) / every if every else None
        for what, over, under, n in _RATIOS:
            found = ratio(part[over], part[under])
            yield Line(about, what, "share", _counted(found, int(part[n].sum()), coverage))
        counts = [Count(k, n) for k, n in part.select("with_hit", "reported").iter_rows()]
        found = replace(clustered(counts), coverage=coverage)
        yield Line(about, "requests with a hit", "share", found)


def _counted(found: Estimate, n: int, coverage: float | None) -> Estimate:
    return replace(found, n=n, coverage=coverage) if found.value is not None else found


METRIC: Final = Metric(
    name="cache_hit",
    unit="share",
    grain="attempt",
    keys=("provider",),
    query="cache_hit",
    needs=(
        "attempts.cache_read_tokens",
        "attempts.prompt_tokens",
        "attempts.provider",
        "requests.session_id",
        "requests.lcp_chars",
        "requests.prompt_chars",
    ),
    estimate=_lines,
)
