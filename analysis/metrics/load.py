"""How much traffic there is, and whether the log has all of it.

Rate: requests for answers over the time from the first to the end of the last, in a minute, by
clusters of an hour. Concurrency: the sum of known durations over that time; by Little's law it is
rate times mean duration. Requests whose end is not known (crashed) are in the rate but have no
duration, so the mismatch shows rows that were lost: above 10 % look for them. Peak: the most under
way at once. Source: estimators 6.6; Little 1961.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import fsum
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import Estimate
from analysis.stats.resampling import ratio


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "app"):
        n = int(part["requests"].sum())
        yield from _rates(about, part, n)
        yield from _concurrency(about, part, n)


def _rates(about: tuple[str | None, ...], part: pl.DataFrame, n: int) -> Iterator[Line]:
    for what, column in (("requests", "requests"), ("tokens", "tokens")):
        rate = replace(ratio(part[column], part["open_s"] / 60), n=n)
        yield Line(about, what, f"{what}/min", rate)


def _concurrency(about: tuple[str | None, ...], part: pl.DataFrame, n: int) -> Iterator[Line]:
    # Exact sums: hours come in whatever order DuckDB's threads hand them over.
    open_s, total_s, known = fsum(part["open_s"]), fsum(part["total_s"]), int(part["known"].sum())
    if not open_s or not known:
        return
    seen = total_s / open_s
    by_law = n / open_s * (total_s / known)
    mean = Estimate(seen, n=known, method="sum of durations over time")
    yield Line(about, "concurrency", "requests", mean.of(n))
    peak = Estimate(_peak(part["moves"]), n=known, method="largest seen")
    yield Line(about, "peak concurrency", "requests", peak.of(n))
    off = Estimate(by_law / seen - 1 if seen else None, n=n, method="Little's law over the sum")
    yield Line(about, "mismatch", "share", off)


def _peak(moves: pl.Series) -> float:
    """Return the most under way at once; odd numbers are starts, even ones ends."""
    ordered = moves.drop_nulls().explode().sort()
    at_once = (ordered % 2 * 2 - 1).cum_sum()
    return float(at_once.sort()[-1])


METRIC: Final = Metric(
    name="load",
    unit="requests/min",
    grain="request",
    keys=("app",),
    query="load",
    needs=(
        "requests.received_at",
        "requests.total_us",
        "requests.prompt_tokens",
        "requests.output_tokens",
        "requests.app",
    ),
    estimate=_lines,
)
