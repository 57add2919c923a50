"""What each day cost, by class of tokens, at list prices; what is paid is a line across."""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing
from analysis.figures.theme import COLOURS, MUTED

_CLASSES: Final = ("fresh input", "cache reads", "cache writes", "output")


def _draw(rows: pl.DataFrame) -> go.Figure:
    days = rows.sort("day")
    figure = go.Figure()
    for colour, name in zip(COLOURS, _CLASSES, strict=False):
        column = name.replace(" ", "_")
        figure.add_bar(x=days["day"], y=days[column].to_list(), name=name, marker_color=colour)
    figure.add_scatter(
        x=days["day"],
        y=days["paid"].to_list(),
        name="paid",
        mode="lines+markers",
        line={"color": MUTED, "dash": "dot"},
    )
    priced = float(days["priced_tokens"].sum()) / max(float(days["tokens"].sum()), 1)
    figure.update_layout(barmode="stack")
    return figure.update_yaxes(title=f"USD ({priced:.0%} of tokens have a price)")


DRAWING: Final = Drawing(
    name="cost_over_time",
    title="What did each day cost?",
    query="cost_by_day",
    draw=_draw,
    is_priced=True,
)
