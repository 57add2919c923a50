"""Each in its turn."""

from collections.abc import Sequence

from proxy.routing.candidates import Candidate
from proxy.routing.policies.ranking import Context, Ranking


def rank(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return the candidates beginning with the one whose turn it is, the others after it."""
    if not candidates:
        return Ranking(())
    start = context.turn % len(candidates)
    return Ranking((*candidates[start:], *candidates[:start]))
