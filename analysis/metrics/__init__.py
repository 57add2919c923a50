"""Every metric, by name; its definition, denominator and source are in its file."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from analysis.errors import UnknownMetric
from analysis.metrics import (
    blocks,
    cache_hit,
    cache_misses,
    cache_savings,
    changes,
    decode_speed,
    failover,
    failover_cost,
    failover_time,
    fidelity,
    first_content,
    independence,
    load,
    outages,
    overhead,
    ranks,
    request_success,
    spend,
    stalls,
    success,
    tails,
    waste,
)
from analysis.metrics.metric import ESTIMATE, Line, Metric

METRICS: Final[Mapping[str, Metric]] = {
    "success": success.METRIC,
    "ranks": ranks.METRIC,
    "outages": outages.METRIC,
    "changes": changes.METRIC,
    "request_success": request_success.METRIC,
    "failover": failover.METRIC,
    "failover_time": failover_time.METRIC,
    "failover_cost": failover_cost.METRIC,
    "independence": independence.METRIC,
    "first_content": first_content.METRIC,
    "decode_speed": decode_speed.METRIC,
    "stalls": stalls.METRIC,
    "tails": tails.METRIC,
    "overhead": overhead.METRIC,
    "load": load.METRIC,
    "fidelity": fidelity.METRIC,
    "spend": spend.METRIC,
    "blocks": blocks.METRIC,
    "cache_hit": cache_hit.METRIC,
    "cache_savings": cache_savings.METRIC,
    "cache_misses": cache_misses.METRIC,
    "waste": waste.METRIC,
}


def metric(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        UnknownMetric: There is none; the message says which are meant, or all.
    """
    found = METRICS.get(name)
    if found is None:
        near = get_close_matches(name, METRICS, n=1)
        guess = f' (did you mean "{near[0]}"?)' if near else ""
        raise UnknownMetric(f'there is no metric "{name}"{guess}: want one of {", ".join(METRICS)}')
    return found


__all__ = ["ESTIMATE", "METRICS", "Line", "Metric", "metric"]
