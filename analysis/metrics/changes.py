"""When a provider began to fail, or to be slow, and when that was over.

Compared with the first quarter of its hours (twelve at least): the odds of a failure, or of a slow
first content (later than nine of ten at this provider), are three times as high, or are back again.
Found by cumulative sums over hours, which may be looked at as often as one likes. The value is the
share from where the change probably began until the next one; `at` is that hour, UTC. An outage is
a change as well; at 40 requests an hour one week in six has one that is none. "at first" is the
share compared with. Clusters are hours. Source: estimators 6.12.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import polars as pl

from analysis.metrics import hours
from analysis.metrics.metric import Line, Metric, groups
from analysis.stats.cusum import WORSE, changes, odds_times, usual
from analysis.stats.proportions import Count, clustered

_FEWEST: Final = 12  # hours to compare with


@dataclass(frozen=True, slots=True)
class _Watched:
    """A share that may change, and what is said of it; it is worse if it is larger."""

    k: str
    n: str
    before: str
    worse: str
    better: str


_WATCHED: Final = (
    _Watched("failed", "judged", "failed at first", "fails more", "fails less again"),
    _Watched("slow", "timed", "slow at first", "slower", "faster again"),
)


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    counted = rows.with_columns(failed=pl.col("judged") - pl.col("whole"))
    for (provider,), part in groups(counted, "provider"):
        for one in _WATCHED:
            used = part.filter(pl.col(one.n) > 0).sort("hour")
            yield from _changes(provider, one, used)


def _changes(provider: str | None, one: _Watched, used: pl.DataFrame) -> Iterator[Line]:
    counts, moments = hours.counts(used, one.k, one.n), used["hour"].to_list()
    if not counts:
        return
    first = max(len(counts) // 4, _FEWEST)
    yield Line((provider, _hour(moments, 0)), one.before, "share", clustered(counts[:first]))
    was = usual(_sum(counts[:first]))
    other = odds_times(was, WORSE)
    found = list(changes(counts[first:], was, other))
    ends = [first + change.began for change in found[1:]] + [len(counts)]
    for change, end in zip(found, ends, strict=False):  # without a change there is one end
        share = clustered(counts[first + change.began : end])
        known = _hour(moments, first + change.found)
        told = f"{share.method}; CUSUM, {was:.4f} to {other:.4f}, known after {known}"
        about = (provider, _hour(moments, first + change.began))
        what = one.worse if change.is_up else one.better
        yield Line(about, what, "share", replace(share, method=told))


def _sum(counts: list[Count]) -> Count:
    return Count(sum(count.k for count in counts), sum(count.n for count in counts))


def _hour(moments: list[datetime], place: int) -> str:
    return moments[place].isoformat(sep=" ", timespec="minutes")


METRIC: Final = Metric(
    name="changes",
    unit="share",
    grain="attempt",
    keys=("provider", "at"),
    query="changes",
    needs=(
        "attempts.outcome",
        "attempts.failure",
        "attempts.first_content_us",
        "attempts.provider",
        "attempts.started_at",
    ),
    estimate=_lines,
)
