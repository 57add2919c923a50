"""A notebook's first step: its parameters become an open ledger and which rows are asked about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from analysis.asking import with_macros
from analysis.figures import FIGURES, draw
from analysis.figures.chart import Wanted
from analysis.load import Ledger
from analysis.measuring import measure
from analysis.notebook import places, words
from analysis.notebook.answer import EMPTY, Answer, Headline, headlines
from analysis.notebook.showing import Panel, Table, numbers
from analysis.reports import showing
from analysis.selection import Selection
from analysis.sources import Source
from proxy.price_list import LIST_PRICES, Pricing, ProviderPricing

DEMO: Final = "demo"
OWN: Final = "own"
DEMO_PRICING: Final = Pricing(providers={"relay": ProviderPricing(multiplier=0.6)})
"""Its relay asks for less than the makers do, as relays say of themselves."""


@dataclass(frozen=True, slots=True)
class Span:
    """How much there is of what was asked about."""

    requests: int
    sessions: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """An open ledger, and what of it is asked about; each metric is computed once."""

    ledger: Ledger
    selection: Selection
    pricing: Pricing
    seed: int
    is_demo: bool
    _known: dict[str, pl.DataFrame] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        """How many requests of how many sessions, from when to when."""
        asked = "count(*), count(DISTINCT session_id), min(received_at), max(received_at)"
        (row,) = self.ledger.relation("requests", self.selection).aggregate(asked).fetchall()
        return Span(*row)

    @property
    def is_empty(self) -> bool:
        """Whether there is no request to ask about."""
        return self.span.requests == 0

    @property
    def window(self) -> str:
        """Which rows these are, in one sentence."""
        span, place = self.span, self.ledger.source.place
        where = f"the demo ledger ({place})" if self.is_demo else place
        if span.first_at is None or span.last_at is None:
            return f"no request in {where}."
        return (
            f"{words.count(span.requests, 'request')} of {words.count(span.sessions, 'session')}, "
            f"{span.first_at:%Y-%m-%d %H:%M} to {span.last_at:%Y-%m-%d %H:%M} UTC, in {where}."
        )

    def measure(self, name: str) -> pl.DataFrame:
        """Return a metric of these rows."""
        if name not in self._known:
            self._known[name] = measure(self.ledger, name, self.selection, self.pricing)
        return self._known[name]

    def headlines(self, metric: str, what: str) -> list[Headline]:
        """Return each number of that kind in a metric."""
        return headlines(metric, self.measure(metric), what)

    def numbers(self, metric: str, *what: str, title: str = "") -> Table:
        """Return a metric as a table; of all its numbers, or of those named."""
        return numbers(self.measure(metric), what, title)

    def chart(self, name: str, metric: str = "", what: Sequence[str] = ()) -> Panel:
        """Return a figure of `analysis.figures`, and what it shows as a table.

        Args:
            name: Of the figure.
            metric: For the table, where the figure's own rows are too many to read.
            what: Which numbers of that metric; none is all.
        """
        drawing = FIGURES[name]
        made = draw(self.ledger, drawing, Wanted(self.selection, self.pricing))
        if metric or drawing.is_metric:
            return Panel(made.figure, self.numbers(metric or drawing.query, *what))
        return Panel(made.figure, Table(made.rows.sort(made.rows.columns[0])))

    def ask(self, query: str) -> pl.DataFrame:
        """Return what `analysis/queries/<query>.sql` gives for these rows."""
        return self.ledger.ask(query, self.selection)

    def answer(self, question: str, said: str, rests_on: Sequence[Headline], caveat: str) -> Answer:
        """Return the opening cell; of an empty ledger, one that says so."""
        if self.is_empty:
            return Answer(
                question, EMPTY, (), self.window, "give another ledger, or make requests."
            )
        return Answer(question, said, tuple(rests_on), self.window, caveat)


def opened(ledger: str = DEMO, since: str = "", until: str = "", seed: int = 1) -> Page:
    """Open what a notebook's parameters name.

    Args:
        ledger: `demo`; `own`, as the configuration has it, with what it says is paid; or a folder,
            a snapshot, a folder of Parquet, an address of a shared ledger.
        since: As in `--since`: 7d, or a day of UTC; empty is no limit.
        until: Likewise.
        seed: Of what is drawn.

    Raises:
        AnalysisError: It cannot be opened, or the range holds nothing.
        SetupError: The configuration cannot be read.
    """
    is_demo = ledger == DEMO
    place = str(places.demo()) if is_demo else None if ledger == OWN else ledger
    source = _source(place)
    with_macros(source)
    pricing = LIST_PRICES
    if is_demo:
        pricing = DEMO_PRICING
    elif place is None:
        pricing = showing.pricing_of(showing.Places())
    limits = showing.Limits(since or None, until or None)
    asked = showing.selection(limits, showing.zone_named("UTC"))
    return Page(Ledger(source), asked, pricing, seed, is_demo)


def _source(place: str | None) -> Source:
    return showing.opened(showing.Places(None, place))
