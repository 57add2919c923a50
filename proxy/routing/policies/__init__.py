"""In which order candidates are asked where no pin says so. All chance is in the seed."""

from collections.abc import Mapping
from typing import Final

from proxy.routing.policies import (
    cheapest,
    least_latency,
    priority,
    round_robin,
    weighted,
)
from proxy.routing.policies.ranking import Context, Rank, Ranking

POLICIES: Final[Mapping[str, Rank]] = {
    "priority": priority.rank,
    "weighted": weighted.rank_weighted,
    "round_robin": round_robin.rank,
    "random": weighted.rank_uniform,
    "least_latency": least_latency.rank,
    "cheapest": cheapest.rank,
}

__all__ = ["POLICIES", "Context", "Rank", "Ranking"]
