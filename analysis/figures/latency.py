"""How long until first content: the share that had it by then, failures included.

A curve ends below 1 by the share that never got there.
"""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing


def _draw(rows: pl.DataFrame) -> go.Figure:
    figure = go.Figure()
    for name in rows["provider"].unique().sort():
        part = rows.filter((pl.col("provider") == name) & (pl.col("ends") != "left"))
        n = int(part["times"].sum())
        got = part.filter(pl.col("ends") == "content").sort("wait_ms")
        figure.add_scatter(
            x=(got["wait_ms"] / 1000).to_list(),
            y=(got["times"].cum_sum() / n).to_list() if n else [],
            name=f"{name} (n = {n:,})",
            mode="lines",
            line={"shape": "hv"},
        )
    figure.update_xaxes(title="seconds to first content", type="log")
    return figure.update_yaxes(title="share of attempts", tickformat=".0%", range=[0, 1.02])


DRAWING: Final = Drawing(
    name="latency", title="How long until first content?", query="first_content", draw=_draw
)
