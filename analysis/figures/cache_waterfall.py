"""What cache misses cost, by cause, adding up to all that could have been saved."""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing
from analysis.figures.theme import BAD, MUTED


def _draw(rows: pl.DataFrame) -> go.Figure:
    costs = rows.filter((pl.col("what") == "cost (list)") & pl.col("value").is_not_null())
    causes = costs.group_by("cause").agg(pl.col("value", "n").sum()).sort("value", descending=True)
    names = [f"{cause} (n = {n:,})" for cause, n in causes.select("cause", "n").iter_rows()]
    figure = go.Figure()
    figure.add_waterfall(
        x=[*names, "all of it"],
        y=[*causes["value"].to_list(), 0],
        measure=[*["relative"] * len(names), "total"],
        increasing={"marker": {"color": BAD}},
        totals={"marker": {"color": MUTED}},
    )
    return figure.update_yaxes(title="USD at list prices")


DRAWING: Final = Drawing(
    name="cache_waterfall",
    title="What did cache misses cost, and why?",
    query="cache_misses",
    draw=_draw,
    is_metric=True,
)
