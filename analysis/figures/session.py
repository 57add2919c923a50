"""How a conversation grew: tokens of each request by what the cache did, and who answered."""

from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Drawing
from analysis.figures.theme import COLOURS

_PARTS: Final = (("read", COLOURS[2]), ("written", COLOURS[1]), ("fresh", COLOURS[0]))


def _draw(rows: pl.DataFrame) -> go.Figure:
    """Draw the longest conversation in the rows."""
    longest = rows.group_by("session").len().sort("len", "session", descending=[True, False])
    turns = rows.filter(pl.col("session") == longest["session"][0]).sort("received_at")
    figure = go.Figure()
    for name, colour in _PARTS:
        figure.add_bar(
            x=list(range(1, len(turns) + 1)),
            y=turns[name].to_list(),
            name=name,
            marker_color=colour,
            customdata=turns["provider"].to_list(),
            hovertemplate="%{y:,} tokens<br>%{customdata}<extra></extra>",
        )
    moved = (turns["provider"] != turns["provider"].shift(1)).fill_null(value=False)
    for turn, provider in zip(range(1, len(turns) + 1), turns["provider"], strict=True):
        if moved[turn - 1]:
            figure.add_vline(x=turn - 0.5, line_dash="dot", annotation_text=provider)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="request of the conversation")
    return figure.update_yaxes(title="tokens of the prompt")


DRAWING: Final = Drawing(
    name="session", title="How did a conversation grow?", query="turns", draw=_draw
)
