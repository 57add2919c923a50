"""What happened when: a lane for each provider, attempts as bars, breakers and cooldowns behind.

Of very many attempts the newest are shown. A request of one's own is the same figure of its rows.
"""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing
from analysis.figures.theme import BAD, GOOD, MUTED, WAITING

MOST: Final = 2_000
_COLOURS: Final = {"whole": GOOD, "failed": BAD, "throttled": WAITING}


def _draw(rows: pl.DataFrame) -> go.Figure:
    figure = go.Figure()
    attempts = rows.filter(pl.col("kind") == "attempt").sort("began").tail(MOST)
    for verdict in ("whole", "failed", "throttled", "client", "account", "proxy"):
        part = attempts.filter(pl.col("what") == verdict)
        if len(part):
            _bars(figure, part, verdict, _COLOURS.get(verdict, MUTED))
    first = attempts["began"].min()
    away = rows.filter((pl.col("kind") == "away") & (pl.col("ended") >= first))
    if len(away):
        _bars(figure, away, "left alone", MUTED, width=0.9, opacity=0.25)
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(type="date", title="UTC")
    return figure


def _bars(
    figure: go.Figure,
    part: pl.DataFrame,
    name: str,
    colour: str,
    *,
    width: float = 0.5,
    opacity: float = 1.0,
) -> None:
    lasts_ms = (part["ended"] - part["began"]).dt.total_milliseconds()
    figure.add_bar(
        base=part["began"].to_list(),
        x=lasts_ms.clip(lower_bound=1).to_list(),
        y=part["provider"].to_list(),
        orientation="h",
        name=name,
        width=width,
        opacity=opacity,
        marker={"color": colour, "line": {"width": 0}},
        customdata=part["told"].to_list(),
        hovertemplate="%{base}<br>%{customdata}<extra>%{y}</extra>",
    )


DRAWING: Final = Drawing(
    name="timeline", title="Who was asked, and who was left alone?", query="timeline", draw=_draw
)
