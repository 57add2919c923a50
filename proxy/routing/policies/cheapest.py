"""By what a token of the prompt comes to, given how often it comes from the cache."""

from collections.abc import Sequence

from proxy.routing.candidates import Candidate, Price
from proxy.routing.policies.ranking import Context, Ranking


def rank(candidates: Sequence[Candidate], context: Context) -> Ranking:
    """Return the cheapest first; those without a price come last, as they are written."""
    scores = {
        one.id: usd
        for one in candidates
        if (usd := effective_usd(context.prices.get(one.id))) is not None
    }
    known = sorted((one for one in candidates if one.id in scores), key=lambda one: scores[one.id])
    return Ranking((*known, *(one for one in candidates if one.id not in scores)), scores)


def effective_usd(price: Price | None) -> float | None:
    """Return USD for a million tokens of prompt with the answers to them; `None` if unknown.

    A hit rate that is not known counts as none at all: nobody is preferred for a cache that was
    not seen to work. What is not read from a cache is written to it where that has a price.
    """
    if price is None or price.input_usd is None:
        return None
    hit = price.hit_rate or 0.0
    if hit and price.cache_read_usd is None:
        hit = 0.0
    fresh_usd = price.input_usd if price.cache_write_usd is None else price.cache_write_usd
    output_usd = (price.output_usd or 0.0) * (price.output_part or 0.0)
    return hit * (price.cache_read_usd or 0.0) + (1 - hit) * fresh_usd + output_usd
