"""Times between events, and until they are over, seen for a while: exponential, right-censored.

Source: Epstein and Sobel 1953. An episode that is not over adds its time, and no event.
"""

from typing import Final

from analysis.stats.distributions import chi2_quantile
from analysis.stats.estimate import NO_ROWS, Estimate

_HALF: Final = 0.025


def mean_time(total: float, events: int) -> Estimate:
    """Estimate the mean time of `events` that took `total` together; `None` without an event.

    Without one only a lower end is known: so long, and nothing happened yet.
    """
    if total <= 0:
        return NO_ROWS
    hi = 2 * total / chi2_quantile(_HALF, 2 * events) if events else None
    lo = 2 * total / chi2_quantile(1 - _HALF, 2 * events + (0 if events else 2))
    value = total / events if events else None
    method = "exponential" if events else "no event: only a lower end"
    return Estimate(value, lo, hi, events, None, method)
