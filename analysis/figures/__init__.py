"""Figures: from a frame to a Plotly figure, in one theme, dark and light, with no network.

A figure takes what one metric or query gives; what it shows can be kept as CSV beside it.
"""

from collections.abc import Mapping
from typing import Final

from analysis.figures import (
    cache_waterfall,
    cost_over_time,
    explanation,
    latency,
    session,
    success,
    timeline,
)
from analysis.figures.chart import Chart, Drawing, draw

FIGURES: Final[Mapping[str, Drawing]] = {
    "success": success.DRAWING,
    "timeline": timeline.DRAWING,
    "latency": latency.DRAWING,
    "cost_over_time": cost_over_time.DRAWING,
    "cache_waterfall": cache_waterfall.DRAWING,
    "session": session.DRAWING,
    "explanation": explanation.DRAWING,
}

__all__ = ["FIGURES", "Chart", "Drawing", "draw"]
