"""When a share changed: cumulative sums of log likelihood ratios, looked at after each bucket.

Who asks again every hour whether an interval has left a bound finds a change sooner or later where
there is none. This may be asked as often as one likes: the sum rises where rows speak for the other
share, is never below 0, and tells a change where it passes `H`. Source: Page 1954; estimators 6.12.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.stats.proportions import Count

H: Final = 5.0
WORSE: Final = 3.0  # odds of a failure, by which a change is one


@dataclass(frozen=True, slots=True)
class Change:
    """Where a share went from one to another.

    Attributes:
        began: The bucket with which it probably began.
        found: The bucket after which it was known.
        is_up: The share rose.
    """

    began: int
    found: int
    is_up: bool


def usual(count: Count) -> float:
    """Return a share to compare with, that is neither 0 nor 1."""
    return (count.k + 0.5) / (count.n + 1)


def odds_times(share: float, factor: float) -> float:
    """Return the share whose odds are `factor` times as large."""
    odds = share / (1 - share) * factor
    return odds / (1 + odds)


def changes(counts: Sequence[Count], was: float, other: float) -> Iterator[Change]:
    """Return where a share went from `was` to `other`, back, and so on.

    Args:
        counts: Buckets, oldest first.
        was: The share at the beginning; above 0 and below 1.
        other: The one that it may change to, likewise.
    """
    total, began = 0.0, 0
    for place, count in enumerate(counts):
        if total == 0:
            began = place
        total = max(total + _speaks(count, was, other), 0.0)
        if total > H:
            yield Change(began, place, other > was)
            was, other = other, was
            total = 0.0


def _speaks(count: Count, was: float, other: float) -> float:
    """Return how much a bucket speaks for the other share."""
    misses = count.n - count.k
    return count.k * math.log(other / was) + misses * math.log((1 - other) / (1 - was))
