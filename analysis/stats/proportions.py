"""Shares: how often something was so.

Failures come in outages, so rows are not independent: at a nominal 95 % the plain Wilson interval
covers the truth of an outage-ridden provider less than half the time. `clustered` is the default.
Sources: Wilson 1927; Brown, Cai and DasGupta 2001; Kish 1965 for the design effect.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analysis.stats.distributions import beta_quantile
from analysis.stats.estimate import NO_ROWS, Estimate, Z

FEWEST_CLUSTERS: Final = 10
_HALF: Final = 0.025


@dataclass(frozen=True, slots=True)
class Count:
    """`k` of `n` rows were so."""

    k: int
    n: int


def wilson(k: float, n: float) -> tuple[float, float]:
    """Return the Wilson score interval of k successes in n, n > 0; both may be effective sizes."""
    share = k / n
    spread = 1 + Z * Z / n
    centre = (share + Z * Z / (2 * n)) / spread
    half = Z / spread * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    # At the ends the exact interval touches them: rounding must not leave a hair's breadth.
    lo = 0.0 if k <= 0 else max(0.0, centre - half)
    hi = 1.0 if k >= n else min(1.0, centre + half)
    return lo, hi


def plain(count: Count) -> Estimate:
    """Estimate a share of rows that are independent of each other, by Wilson's interval."""
    if not count.n:
        return NO_ROWS
    lo, hi = wilson(count.k, count.n)
    return Estimate(count.k / count.n, lo, hi, count.n, None, "Wilson")


def clustered(counts: Sequence[Count]) -> Estimate:
    """Estimate a share of rows that come in clusters (hours, sessions), by an effective size.

    The variance between clusters gives how many independent rows they are worth, at most as many as
    there are; Wilson's interval of that many follows. With few clusters that variance is hardly
    known: below ten the plain interval is given, and the method says so.
    """
    used = [count for count in counts if count.n]
    n, k, clusters = sum(c.n for c in used), sum(c.k for c in used), len(used)
    if not n:
        return NO_ROWS
    share = k / n
    if clusters < FEWEST_CLUSTERS:
        lo, hi = wilson(k, n)
        method = f"Wilson, too few clusters ({clusters}) to allow for outages"
        return Estimate(share, lo, hi, n, clusters, method)
    off = sum((c.k - share * c.n) ** 2 for c in used)
    variance = clusters / (clusters - 1) * off / (n * n)
    effective = n if variance == 0 else min(n, share * (1 - share) / variance)
    lo, hi = wilson(share * effective, effective)
    method = f"clustered Wilson, design effect {n / effective:.1f}"
    return Estimate(share, lo, hi, n, clusters, method)


def jeffreys(count: Count) -> Estimate:
    """Estimate a share of few rows by the quantiles of Beta(k + 1/2, n - k + 1/2)."""
    if not count.n:
        return NO_ROWS
    return beta(count, count.k + 0.5, count.n - count.k + 0.5, "Jeffreys")


def beta(count: Count, a: float, b: float, method: str) -> Estimate:
    """Return the mean and the quantiles of Beta(a, b), which is known from `count`."""
    lo, hi = beta_quantile(_HALF, a, b), beta_quantile(1 - _HALF, a, b)
    return Estimate(a / (a + b), lo, hi, count.n, None, method)


def most_failures(n: int) -> float:
    """Return the share of failures that n rows without one do not rule out (95 %, one-sided)."""
    return 1.0 if n == 0 else 1.0 - 0.05 ** (1.0 / n)
