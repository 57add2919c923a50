"""Drawn anew with every request."""

from collections.abc import Sequence
from dataclasses import replace

from proxy.routing.candidates import Candidate
from proxy.routing.policies.ranking import Context, Ranking
from proxy.routing.policies.rendezvous import chances, shuffled


def rank_weighted(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return an order drawn by weight; one without any comes last."""
    if not candidates:
        return Ranking(())
    order, chance = shuffled(candidates, context.seed), chances(candidates)
    return Ranking(order, chance, chance[order[0].id])


def rank_uniform(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return an order drawn without regard to weights."""
    if all(one.weight == 1.0 for one in candidates):
        return rank_weighted(candidates, context)
    by_id = {one.id: one for one in candidates}
    ranking = rank_weighted([replace(one, weight=1.0) for one in candidates], context)
    return replace(ranking, order=tuple(by_id[one.id] for one in ranking.order))
