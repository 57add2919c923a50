"""By level; among equals each session has its own, the same on every proxy."""

import hashlib
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from proxy.routing.candidates import Candidate
from proxy.routing.policies.ranking import Context, Ranking
from proxy.routing.policies.rendezvous import shuffled

_level = attrgetter("level")


def rank(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return the candidates by level."""
    scores = {one.id: float(one.level) for one in candidates}
    ordered = sorted(candidates, key=_level)
    if len(set(scores.values())) == len(ordered):  # the usual case: nobody has an equal
        return Ranking(tuple(ordered), scores)
    levels = groupby(ordered, key=_level)
    order = (one for _, equals in levels for one in _agreed(tuple(equals), context))
    return Ranking(tuple(order), scores)


def _agreed(equals: tuple[Candidate, ...], context: Context) -> tuple[Candidate, ...]:
    return (
        equals
        if context.key is None
        else shuffled(equals, hashlib.blake2b(context.key.encode()).digest())
    )
