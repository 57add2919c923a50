"""By how soon first content comes; those of which that is not known are tried now and then."""

from collections.abc import Sequence

from proxy.routing.candidates import Candidate
from proxy.routing.latency import known_ms
from proxy.routing.policies.ranking import Context, Ranking, draw


def rank(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return the fastest first, or with a probability of `explore` one of the unknown ones."""
    scores = {
        one.id: mean_ms
        for one in candidates
        if (mean_ms := known_ms(context.latencies.get(one.id), context.now_us)) is not None
    }
    known = sorted((one for one in candidates if one.id in scores), key=lambda one: scores[one.id])
    unknown = [one for one in candidates if one.id not in scores]
    if not unknown:
        return Ranking(tuple(known), scores)
    explore = context.explore if known else 1.0
    if draw(context.seed, "explore") >= explore:
        return Ranking((*known, *unknown), scores, 1 - explore)
    tried = unknown.pop(int(draw(context.seed, "which") * len(unknown)))
    return Ranking((tried, *known, *unknown), scores, explore / (len(unknown) + 1))
