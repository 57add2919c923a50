"""What each policy would have cost, against how long one waits or how evenly places are used.

Of a simulation, not of a ledger alone: so it is a function of one, and in no list of figures.
A policy below and to the left of another is better in both; the dotted line joins those that no
other one beats. Bars: how much dearer than the policy compared with it may be, by sessions drawn
again; nothing beside a policy says how sure its waiting time is, the rows do.
"""

from typing import Final, Literal

import polars as pl
from plotly import graph_objects as go

from analysis.figures.chart import Chart, Drawing, shown
from analysis.figures.theme import COLOURS, MUTED, Mode
from analysis.figures.whiskers import whiskers
from analysis.simulate import Simulation

Against = Literal["first content, p95", "busiest place over mean"]

_AXES: Final = {
    "first content, p95": "seconds until 95 % had first content",
    "busiest place over mean": "tokens of the busiest place over the mean",
}
_TITLE: Final = "What does each policy cost, and what does it give?"


def frontier(
    found: Simulation, against: Against = "first content, p95", mode: Mode = "light"
) -> Chart:
    """Draw a simulation; of waiting times that nobody knows, the load is drawn instead."""
    wide = _rows(found.result)
    known = wide.filter(pl.col(against).is_not_null())
    axis: Against = against if len(known) else "busiest place over mean"
    doubt = "" if found.doubt is None else f"<br><sub>NOT CALIBRATED: {found.doubt}</sub>"
    drawing = Drawing("frontier", _TITLE + doubt, "", lambda rows: _draw(rows, axis))
    return shown(drawing, wide.drop_nulls([axis, "usd"]), mode)


def _rows(result: pl.DataFrame) -> pl.DataFrame:
    """Return one row per policy: policy, usd, lo, hi, and what each axis says."""
    values = {
        "usd": pl.col("what") == "cost (list)",
        **{name: pl.col("what") == name for name in _AXES},
    }
    more = pl.col("what").str.starts_with("costs more than ") & pl.col("what").str.ends_with(
        "(list)"
    )
    picked = [pl.col("value").filter(one).first().alias(name) for name, one in values.items()]
    ends = [
        (pl.col("value").filter(values["usd"]).first() + pl.col(end) - pl.col("value"))
        .filter(more)
        .first()
        .alias(end)
        for end in ("lo", "hi")
    ]
    wide = result.group_by("policy", maintain_order=True).agg(*picked, *ends)
    return wide.with_columns(pl.col("first content, p95") / 1000)


def _draw(rows: pl.DataFrame, axis: Against) -> go.Figure:
    figure = go.Figure()
    best = _best(rows, axis)
    figure.add_scatter(
        x=best[axis].to_list(),
        y=best["usd"].to_list(),
        mode="lines",
        line={"color": MUTED, "dash": "dot"},
        name="nobody does better in both",
    )
    sticky = pl.col("policy").str.starts_with("sticky")
    places = _labelled(rows, axis)
    for colour, name, some in (
        (COLOURS[0], "sessions stay", places.filter(sticky)),
        (COLOURS[1], "sessions move", places.filter(~sticky)),
    ):
        figure.add_scatter(
            x=some[axis].to_list(),
            y=some["usd"].to_list(),
            text=some["policy"].to_list(),
            name=name,
            mode="markers+text",
            textposition=some["side"].to_list(),
            marker={"color": colour, "size": 10},
            error_y=whiskers(some["usd"], some["lo"], some["hi"]),
        )
    figure.update_xaxes(title=_AXES[axis])
    return figure.update_yaxes(title="USD at list prices", rangemode="tozero")


def _labelled(rows: pl.DataFrame, axis: Against) -> pl.DataFrame:
    """Return each place once, with all who are there, neighbours' names above and below."""
    sides = ("top center", "bottom center")
    each = rows.group_by(axis, "usd", "lo", "hi", maintain_order=True)
    places = each.agg(pl.col("policy").str.join(", ")).sort(axis, "usd")
    return places.with_columns(
        side=pl.Series([sides[number % 2] for number in range(len(places))], dtype=pl.String)
    )


def _best(rows: pl.DataFrame, axis: Against) -> pl.DataFrame:
    """Return the policies that no other one beats in both, from left to right."""
    ordered = rows.sort(axis, "usd")
    before = pl.col("usd").cum_min().shift(1)
    return ordered.filter(before.is_null() | (pl.col("usd") < before))
