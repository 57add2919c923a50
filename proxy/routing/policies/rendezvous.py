"""An order among equals on which several proxies agree without talking.

Source: Thaler and Ravishankar, "Using name-based mappings to increase hit rates" (1998), highest
random weight; with weights as in Efraimidis and Spirakis, "Weighted random sampling with a
reservoir" (2006): the first one is each with a probability in proportion to its weight, and so on
among the rest. If one goes, only what it had is given to others.
"""

import math
from collections.abc import Mapping, Sequence

from proxy.routing.candidates import Candidate
from proxy.routing.policies.ranking import draw


def shuffled(candidates: Sequence[Candidate], seed: bytes) -> tuple[Candidate, ...]:
    """Return the order that `seed` gives; those without weight come last."""
    marks = {one.id: _mark(one, seed) for one in candidates}
    return tuple(sorted(candidates, key=lambda one: marks[one.id]))


def chances(candidates: Sequence[Candidate]) -> Mapping[str, float]:
    """Return how probable each is to come first, over all seeds."""
    total = sum(one.weight for one in candidates)
    if total <= 0:
        return {one.id: 1 / len(candidates) for one in candidates}
    return {one.id: one.weight / total for one in candidates}


def _mark(candidate: Candidate, seed: bytes) -> tuple[bool, float]:
    number = -math.log1p(-draw(seed, candidate.id))
    idle = candidate.weight <= 0
    return idle, number if idle else number / candidate.weight
