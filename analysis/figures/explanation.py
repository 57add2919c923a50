"""One request: which attempts it made when, and how the price of each comes about.

Above, a bar for each attempt, paler until its first content; below, a bar for each class of tokens,
with the arithmetic beside it. Of several requests, that with the most attempts is drawn.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl
from plotly import graph_objects as go
from plotly.subplots import make_subplots

from analysis.figures.chart import Drawing
from analysis.figures.theme import BAD, COLOURS, GOOD, WAITING
from analysis.prices.parts import Row, parts

_TOLD: Final = ("outcome", "failure", "status", "model_sent", "reason", "error_message")
_PALE: Final = 0.45


def _draw(rows: pl.DataFrame) -> go.Figure:
    order = rows.group_by("request_id").len().sort("len", "request_id", descending=[True, False])
    attempts = rows.filter(pl.col("request_id") == order["request_id"][0]).sort("attempt_no")
    figure = make_subplots(
        rows=2,
        cols=1,
        vertical_spacing=0.34,
        subplot_titles=("attempts", "price at list prices"),
    )
    found = attempts.to_dicts()
    _times(figure, found)
    _prices(figure, found)
    figure.update_layout(barmode="overlay", showlegend=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(title="seconds since the first attempt began", row=1, col=1)
    return figure.update_xaxes(title="USD", row=2, col=1)


def _times(figure: go.Figure, attempts: Sequence[Row]) -> None:
    began: datetime = min(attempt["started_at"] for attempt in attempts)
    for attempt in attempts:
        at_s = (attempt["started_at"] - began).total_seconds()
        total_s, first_us = attempt["total_us"] / 1e6, attempt["first_content_us"]
        first_s = total_s if first_us is None else min(first_us / 1e6, total_s)
        spans = [(at_s, first_s, _PALE), (at_s + first_s, total_s - first_s, 1.0)]
        if first_us is None:
            spans = [(at_s, total_s, 1.0)]
        for base, length, opacity in spans:
            figure.add_bar(
                base=[base],
                x=[length],
                y=[f"{attempt['attempt_no']}. {attempt['provider']}"],
                orientation="h",
                opacity=opacity,
                marker={"color": _colour(attempt), "line": {"width": 0}},
                hovertext=_told(attempt),
                hoverinfo="text",
                row=1,
                col=1,
            )


def _colour(attempt: Row) -> str:
    if attempt["failure"] == "rate_limited":
        return WAITING
    return GOOD if attempt["outcome"] == "whole" and attempt["failure"] is None else BAD


def _told(attempt: Row) -> str:
    told = "<br>".join(str(attempt[name]) for name in _TOLD if attempt[name] is not None)
    return f"{told}<br>{attempt['total_us'] / 1e6:,.2f} s"


def _prices(figure: go.Figure, attempts: Sequence[Row]) -> None:
    lines = [line for attempt in attempts for line in _lines(attempt)]
    figure.add_bar(
        x=[line["usd"] for line in lines],
        y=[line["what"] for line in lines],
        text=[line["sum"] for line in lines],
        textposition="auto",
        orientation="h",
        marker={"color": COLOURS[0]},
        hoverinfo="text+y",
        row=2,
        col=1,
    )
    if not lines:
        figure.add_annotation(text="nothing has a price", showarrow=False, x=0, y=0, row=2, col=1)


def _lines(attempt: Row) -> Iterator[dict[str, Any]]:
    for part in parts(attempt):
        price = "" if part.list_price is None else f" × {part.list_price:,.4g} a million"  # noqa: RUF001  # a product
        usd = 0.0 if part.list_usd is None else part.list_usd
        paid = "" if part.paid_usd in {None, part.list_usd} else f", paid {part.paid_usd:,.6f}"
        yield {
            "what": f"{attempt['attempt_no']}. {part.what}",
            "usd": usd,
            "sum": f"{part.tokens:,}{price} = {usd:,.6f}{paid}",
        }


DRAWING: Final = Drawing(
    name="explanation",
    title="What did one request do, and what did it cost?",
    query="explained",
    draw=_draw,
    is_priced=True,
)
