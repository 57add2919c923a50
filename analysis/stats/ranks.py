"""Who is best, where some are hardly known: empirical Bayes, for ranks and leader boards.

Source: Casella, An Introduction to Empirical Bayes Data Analysis, 1985.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.stats.estimate import NO_ROWS, Estimate
from analysis.stats.proportions import Count, beta

_DRAWS: Final = 20_000
_SEED: Final = 20_261_001
_LEAST: Final = 2.0  # rows that the prior is worth
_MOST: Final = 500.0


def shrunk(counts: Sequence[Count]) -> list[Estimate]:
    """Estimate the shares of several providers, each drawn to that of all.

    A beta prior with the fleet's share as its mean; its weight is found by moments from how the
    providers differ, within 2 and 500 rows.
    """
    prior = _prior(counts)
    if prior is None:
        return [NO_ROWS for _ in counts]
    method = f"shrunk to the fleet's {prior.fleet:.4f}, worth {prior.weight:.0f} rows"
    return [beta(c, *prior.after(c), method) for c in counts]


def chances_of_best(counts: Sequence[Count]) -> list[float | None]:
    """Return each one's probability to have the largest share; `None` of who has no rows.

    By draws with a fixed seed, under the same prior.
    """
    prior = _prior(counts)
    if prior is None:
        return [None for _ in counts]
    rng = np.random.default_rng(_SEED)
    known = [c for c in counts if c.n]
    drawn = np.stack([rng.beta(*prior.after(c), size=_DRAWS) for c in known])
    wins = iter(np.bincount(drawn.argmax(axis=0), minlength=len(known)))
    return [float(next(wins)) / _DRAWS if c.n else None for c in counts]


@dataclass(frozen=True, slots=True)
class _Prior:
    """What is thought of a provider before its rows are seen."""

    fleet: float  # share of all
    weight: float  # rows it is worth

    def after(self, count: Count) -> tuple[float, float]:
        """Return the parameters of the beta distribution once they are."""
        a = count.k + self.weight * self.fleet
        return a, count.n - count.k + self.weight * (1 - self.fleet)


def _prior(counts: Sequence[Count]) -> _Prior | None:
    n, k = sum(c.n for c in counts), sum(c.k for c in counts)
    if not n:
        return None
    fleet = min(max(k / n, 0.5 / n), 1 - 0.5 / n)
    return _Prior(fleet, _prior_weight([c for c in counts if c.n], fleet))


def _prior_weight(counts: Sequence[Count], fleet: float) -> float:
    if len(counts) < 2:  # noqa: PLR2004  # one provider does not differ
        return _LEAST
    shares = [c.k / c.n for c in counts]
    noise = sum(fleet * (1 - fleet) / c.n for c in counts) / len(counts)
    mean = sum(shares) / len(shares)
    between = sum((s - mean) ** 2 for s in shares) / (len(shares) - 1) - noise
    if between <= 0:
        return _MOST
    return min(max(fleet * (1 - fleet) / between - 1, _LEAST), _MOST)
