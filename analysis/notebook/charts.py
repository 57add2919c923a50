"""Figures that several notebooks draw; those of one question each are in `analysis.figures`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from plotly import graph_objects as go

from analysis.figures.theme import COLOURS, template
from analysis.figures.whiskers import whiskers

_FORMATS: Final[Mapping[str, str]] = {"share": ".2~%", "USD": ",.2~f"}


@dataclass(frozen=True, slots=True)
class Lane:
    """What is drawn as one series: points of a name, each with its interval where it has one."""

    name: str
    x: Sequence[object]
    y: Sequence[float | None]
    lo: Sequence[float | None] | None = None
    hi: Sequence[float | None] | None = None


def blank(title: str) -> go.Figure:
    """Return a figure without anything in it."""
    figure = go.Figure()
    return figure.update_layout(template=template("light"), title=title)


def said_none(figure: go.Figure) -> go.Figure:
    """Say in a figure that there is nothing to draw, if so."""
    if not figure.data:
        figure.add_annotation(
            text="no rows", showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
        )
    return figure


def intervals(rows: pl.DataFrame, what: Sequence[str], title: str) -> go.Figure:
    """Draw numbers of a metric as points with their intervals, a line of the figure for each."""
    figure = blank(title)
    keys = rows.columns[: rows.columns.index("what")]
    for colour, name in zip(COLOURS, what, strict=False):
        part = rows.filter((pl.col("what") == name) & pl.col("value").is_not_null())
        part = part.with_columns(
            pl.col("hi").fill_null(pl.col("value")), pl.col("lo").fill_null(pl.col("value"))
        )
        if part.is_empty():
            continue
        labels = [", ".join(one for one in row if one) for row in part.select(keys).iter_rows()]
        figure.add_scatter(
            x=part["value"].to_list(),
            y=[f"{one} (n = {n:,})" for one, n in zip(labels, part["n"], strict=True)],
            name=name,
            mode="markers",
            marker={"color": colour, "size": 10},
            error_x=whiskers(part["value"], part["lo"], part["hi"]),
            customdata=part["method"].to_list(),
            hovertemplate="%{x}<br>%{customdata}<extra>%{y}</extra>",
        )
    unit = next(iter(rows.filter(pl.col("what").is_in(list(what)))["unit"]), "")
    figure.update_xaxes(title=unit, tickformat=_FORMATS.get(unit))
    return said_none(figure)


def bars(lanes: Sequence[Lane], title: str, unit: str, *, stacked: bool = False) -> go.Figure:
    """Draw a group of bars for each place on the axis, or one on top of the other."""
    figure = blank(title)
    for colour, lane in zip(COLOURS * 3, lanes, strict=False):
        figure.add_bar(
            x=list(lane.x),
            y=list(lane.y),
            name=lane.name,
            marker_color=colour,
            error_y=_whiskers(lane),
        )
    figure.update_layout(barmode="stack" if stacked else "group")
    return said_none(figure.update_yaxes(title=unit, tickformat=_FORMATS.get(unit)))


def lines(lanes: Sequence[Lane], title: str, x: str, unit: str) -> go.Figure:
    """Draw a line for each series."""
    figure = blank(title)
    for colour, lane in zip(COLOURS * 3, lanes, strict=False):
        figure.add_scatter(
            x=list(lane.x),
            y=list(lane.y),
            name=lane.name,
            mode="lines+markers",
            line={"color": colour},
            error_y=_whiskers(lane),
        )
    figure.update_xaxes(title=x)
    return said_none(figure.update_yaxes(title=unit, tickformat=_FORMATS.get(unit)))


def _whiskers(lane: Lane) -> dict[str, object] | None:
    if lane.lo is None or lane.hi is None:
        return None
    above = zip(lane.y, lane.hi, strict=True)
    below = zip(lane.y, lane.lo, strict=True)
    return {
        "type": "data",
        "symmetric": False,
        "array": [_apart(y, end) for y, end in above],
        "arrayminus": [_apart(end, y) for y, end in below],
    }


def _apart(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else max(0.0, high - low)
