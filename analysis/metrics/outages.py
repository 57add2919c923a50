"""Outages of a provider: how often, how long, and how much of the time it was there.

An outage is a run of at least three failed attempts (as `success` judges availability); runs with
less than a minute between them are one. It began between the last success and the first failure,
and ended between the last failure and the next success: times count from the middles. One that is
not over adds its length, but no end. Mean time to repair (MTTR) and between failures (MTBF) with
the exponential interval; time availability is up time over all time, which differs from the share
of attempts where traffic avoids a broken provider. Source: estimators 6.4; Epstein and Sobel 1953.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.stats import NO_ROWS, Estimate
from analysis.stats.distributions import beta_quantile
from analysis.stats.rates import mean_time

FEWEST_FAILURES: Final = 3
NEAR: Final = timedelta(seconds=60)
_HALF: Final = 0.025


@dataclass(frozen=True, slots=True)
class Outage:
    """One of a provider; `ended` is `None` while it is not over."""

    provider: str
    began: datetime
    ended: datetime | None
    failures: int
    last_failure: datetime


def outages(rows: pl.DataFrame) -> list[Outage]:
    """Return the outages in what `queries/outages.sql` gives, by provider and time."""
    found: list[Outage] = []
    runs = rows.filter(pl.col("failures") >= FEWEST_FAILURES).sort("provider", "first_failure")
    for row in runs.iter_rows(named=True):
        one = _outage(row)
        before = found[-1] if found else None
        if before is not None and _is_one(before, one):
            joined = replace(one, began=before.began, failures=before.failures + one.failures)
            found[-1] = joined
        else:
            found.append(one)
    return found


def _outage(row: Mapping[str, Any]) -> Outage:
    first: datetime = row["first_failure"]
    last: datetime = row["last_failure"]
    before: datetime | None = row["last_success"]
    after: datetime | None = row["next_success"]
    return Outage(
        provider=row["provider"],
        began=first if before is None else before + (first - before) / 2,
        ended=None if after is None else last + (after - last) / 2,
        failures=row["failures"],
        last_failure=last,
    )


def _is_one(before: Outage, after: Outage) -> bool:
    ended = before.ended
    return before.provider == after.provider and ended is not None and after.began - ended < NEAR


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    found = outages(rows)
    for about, part in groups(rows, "provider"):
        theirs = [one for one in found if one.provider == about[0]]
        yield from _of_provider(about, part, theirs)


def _of_provider(
    about: tuple[str | None, ...], part: pl.DataFrame, theirs: list[Outage]
) -> Iterator[Line]:
    first, last = part["seen_from"].min(), part["seen_until"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return
    down = sum(((one.ended or last) - one.began).total_seconds() for one in theirs)
    up = max((last - first).total_seconds() - down, 0.0)
    over = sum(one.ended is not None for one in theirs)
    attempts = int(part["attempts"].sum())
    seen = Estimate(float(len(theirs)), n=attempts, method="runs of 3 and more failures")
    yield Line(about, "outages", "count", seen)
    yield Line(about, "MTTR", "s", mean_time(down, over))
    yield Line(about, "MTBF", "s", mean_time(up, len(theirs)))
    yield Line(about, "time availability", "share", _availability(up, down, over))


def _availability(up: float, down: float, over: int) -> Estimate:
    """Return up time over all time; its interval from the ratio of two exponential means."""
    if up + down <= 0:
        return NO_ROWS
    value = up / (up + down)
    if not over:
        return Estimate(value, n=over, method="no outage that is over: no interval")
    # Of two means from r events each, estimate over truth is F(2r, 2r), which Beta(r, r) gives.
    x = beta_quantile(1 - _HALF, over, over)
    spread = x / (1 - x)
    ratio = down / up if up else float("inf")
    lo, hi = 1 / (1 + ratio * spread), 1 / (1 + ratio / spread)
    return Estimate(value, lo, hi, over, None, "exponential, F of two means")


METRIC: Final = Metric(
    name="outages",
    unit="s",
    grain="attempt",
    keys=("provider",),
    query="outages",
    needs=(
        "attempts.provider",
        "attempts.started_at",
        "attempts.outcome",
        "attempts.failure",
    ),
    estimate=_lines,
)
