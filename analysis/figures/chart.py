"""A figure with the data it shows, and how one is drawn from a ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from plotly import graph_objects as go

from analysis.figures.theme import Mode, template
from analysis.load import Ledger
from analysis.measuring import measure
from analysis.prices.frame import with_prices
from analysis.selection import ALL, Selection
from proxy.price_list import LIST_PRICES, Pricing


@dataclass(frozen=True, slots=True)
class Drawing:
    """A kind of figure.

    Attributes:
        name: As it is asked for.
        title: The question that it answers.
        query: In `queries/`: what `draw` is given.
        draw: From such a frame to a figure; pure.
        is_metric: `query` is the name of a metric instead, and `draw` is given its result.
        is_priced: The query joins the price book.
    """

    name: str
    title: str
    query: str
    draw: Callable[[pl.DataFrame], go.Figure]
    is_metric: bool = False
    is_priced: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, and the rows that it shows."""

    figure: go.Figure
    rows: pl.DataFrame

    def save_csv(self, path: Path) -> None:
        """Write the rows; what has parts of its own (prices) as JSON."""
        self.rows.with_columns(pl.selectors.struct().struct.json_encode()).write_csv(path)

    def save_html(self, path: Path) -> None:
        """Write a page that needs nothing from anywhere else."""
        path.write_text(self.figure.to_html(include_plotlyjs=True, full_html=True), "utf-8")


def shown(drawing: Drawing, rows: pl.DataFrame, mode: Mode = "light") -> Chart:
    """Draw rows; where there are none the figure says so."""
    has_none = rows.is_empty() or (drawing.is_metric and rows["n"].sum() == 0)
    figure = go.Figure() if has_none else drawing.draw(rows)
    figure.update_layout(template=template(mode), title=drawing.title)
    if has_none:
        figure.add_annotation(
            text="no rows", showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
        )
    return Chart(figure, rows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is drawn of, and how."""

    selection: Selection = ALL
    pricing: Pricing = LIST_PRICES
    mode: Mode = "light"


_AS_IS = Wanted()


def draw(ledger: Ledger, drawing: Drawing, wanted: Wanted = _AS_IS) -> Chart:
    """Draw what a ledger has."""
    if drawing.is_metric:
        rows = measure(ledger, drawing.query, wanted.selection, wanted.pricing)
        return shown(drawing, rows, wanted.mode)
    if drawing.is_priced:
        with_prices(ledger, wanted.pricing, wanted.selection)
    return shown(drawing, ledger.ask(drawing.query, wanted.selection), wanted.mode)
