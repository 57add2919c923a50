"""How reliable each provider is: its two rates, each with its interval, and n beside the name."""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing
from analysis.figures.theme import COLOURS
from analysis.figures.whiskers import whiskers

_RATES: Final = ("availability", "usable rate")


def _draw(rows: pl.DataFrame) -> go.Figure:
    figure = go.Figure()
    for colour, what in zip(COLOURS, _RATES, strict=False):
        part = rows.filter((pl.col("what") == what) & pl.col("value").is_not_null())
        names = [f"{name} (n = {n:,})" for name, n in part.select("provider", "n").iter_rows()]
        figure.add_scatter(
            x=part["value"].to_list(),
            y=names,
            name=what,
            mode="markers",
            marker={"color": colour, "size": 10},
            error_x=whiskers(part["value"], part["lo"], part["hi"]),
            customdata=part["method"].to_list(),
            hovertemplate="%{x:.4f}<br>%{customdata}<extra>%{y}</extra>",
        )
    return figure.update_xaxes(title="share of attempts", tickformat=".2%")


DRAWING: Final = Drawing(
    name="success",
    title="How reliable is each provider?",
    query="success",
    draw=_draw,
    is_metric=True,
)
