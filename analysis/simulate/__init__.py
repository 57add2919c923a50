"""What other policies would have cost on the requests that came: counterfactual routing."""

from analysis.simulate.arrivals import Arrivals, arrivals, trace_arrivals
from analysis.simulate.simulating import (
    AS_IT_WAS,
    DEFAULT,
    SIMULATION,
    Simulation,
    Wish,
    decisions,
    replay,
    simulate,
)

__all__ = [
    "AS_IT_WAS",
    "DEFAULT",
    "SIMULATION",
    "Arrivals",
    "Simulation",
    "Wish",
    "arrivals",
    "decisions",
    "replay",
    "simulate",
    "trace_arrivals",
]
