"""What every estimator returns: a number is not shown without what it rests on."""

from dataclasses import dataclass, replace
from typing import Final

CONFIDENCE: Final = 0.95
Z: Final = 1.959963984540054  # of the normal distribution, two-sided, at that confidence


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    Attributes:
        value: `None` is not known: nothing could be counted, or the quantile was not reached.
        lo: Lower end of the interval; `None` where the data allow none.
        hi: Upper end, likewise.
        n: How many rows (or tokens, where it says so) it rests on.
        n_clusters: How many independent groups they fall into; `None` if they were not grouped.
        method: How the interval was made, in words to print beside the number.
        coverage: The share of the rows in question that could be counted, from 0 to 1.
    """

    value: float | None
    lo: float | None = None
    hi: float | None = None
    n: int = 0
    n_clusters: int | None = None
    method: str = "exact"
    coverage: float | None = None

    def of(self, all_rows: float) -> "Estimate":
        """Return it with its coverage: that of `n` in `all_rows`."""
        return replace(self, coverage=self.n / all_rows if all_rows else None)


NO_ROWS: Final = Estimate(None, method="no rows")
"""Of nothing, nothing is known."""
