"""`pointsman report`: what was used, how reliable it was and what it cost, as one page."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import typer

from analysis.asking import with_macros
from analysis.figures import FIGURES, draw
from analysis.figures.chart import Wanted
from analysis.load import Ledger
from analysis.measuring import measure
from analysis.reports import gains, page, reliable, writing
from analysis.reports.html import Page, Tile
from analysis.reports.showing import (
    Limits,
    Places,
    pricing_of,
    reading,
    selection,
    zone_named,
)
from analysis.reports.usage import Wish, usage
from proxy.cli.tables import UNKNOWN

_MOST_ROWS: Final = 200  # of a figure's data
_USAGE: Final = {"daily": "By day", "models": "By model", "providers": "By provider"}
_LEFT_OUT: Final = {"explanation"}  # of one request: pointsman explain


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page is about."""

    ledger: Ledger
    wanted: Wanted
    wish: Wish

    def measured(self, name: str) -> pl.DataFrame:
        return measure(self.ledger, name, self.wanted.selection, self.wanted.pricing)


def write(file: Path, limits: Limits, places: Places) -> None:
    """Write the page.

    Raises:
        AnalysisError: There is nothing that was asked about, or the file cannot be written.
        SetupError: The configuration or the ledger cannot be read.
    """
    zone, pricing = zone_named(limits.timezone), pricing_of(places)
    chosen = selection(limits, zone)
    writing.refuse(file)
    with reading(places) as source:
        with_macros(source)
        ledger = Ledger(source)
        ledger.refuse_empty(chosen)
        wish = Wish("daily", chosen, zone, pricing)
        text = _page(_Asked(ledger, Wanted(chosen, pricing), wish), limits)
    writing.write(file, text)
    typer.echo(str(file))


def _page(asked: _Asked, limits: Limits) -> str:
    made = Page("pointsman")
    told = [f"app {limits.app}"] if limits.app else []
    told += [f"since {limits.since}"] if limits.since else []
    told += [f"until {limits.until}"] if limits.until else []
    made.paragraph(", ".join(told or ["all requests"]))
    made.paragraph(str(asked.ledger.freshness()))
    sections: tuple[Callable[[Page, _Asked], None], ...] = (
        *(_tiles, _used, _reliability, _saved),
        *(_figure(name) for name in FIGURES if name not in _LEFT_OUT),
    )
    with typer.progressbar(sections, label="sections", file=sys.stderr) as bar:
        for section in bar:
            section(made, asked)
    return made.text()


def _tiles(made: Page, asked: _Asked) -> None:
    total = usage(asked.ledger.source, asked.wish).total
    success = asked.measured("request_success").filter(pl.col("what") == "success")
    made.tiles(
        [
            ("requests", f"{total.requests or 0:,}", f"{total.attempts or 0:,} attempts"),
            ("tokens in", _count(total.prompt), f"{_percent(total.hit_share)} from caches"),
            ("tokens out", _count(total.output), ""),
            ("list price", _usd(total.list_usd), _of(total.list_coverage)),
            ("paid", _usd(total.paid_usd), _of(total.paid_coverage)),
            *_successes(success),
        ]
    )


def _successes(success: pl.DataFrame) -> Iterator[Tile]:
    for row in success.iter_rows(named=True):
        if row["value"] is not None and row["lo"] is not None and row["hi"] is not None:
            ends = f"{row['lo'] * 100:.2f}–{row['hi'] * 100:.2f}, n = {row['n']:,}"  # noqa: RUF001  # a range
            yield f"{row['app'] or UNKNOWN} ended well", f"{row['value']:.2%}", ends


def _used(made: Page, asked: _Asked) -> None:
    made.heading("What was used")
    for view, heading in _USAGE.items():
        wish = Wish(view, asked.wish.selection, asked.wish.zone, asked.wish.pricing)
        report = usage(asked.ledger.source, wish)
        made.paragraph(heading)
        made.table(page.table(report, None, compact=False, with_cost=True))
        for note in page.notes(report, None, with_cost=True):
            made.paragraph(note)


def _reliability(made: Page, asked: _Asked) -> None:
    made.heading("How reliable is each provider?")
    made.table(reliable.table(asked.measured("success"), asked.measured("ranks")))
    made.paragraph(reliable.NOTE)


def _saved(made: Page, asked: _Asked) -> None:
    made.heading("What did caches and failover gain?")
    found = {name: asked.measured(name) for name in gains.ASKED}
    made.table(gains.caches(found))
    made.table(gains.failover(found))
    made.lines(gains.NOTES.splitlines())


def _figure(name: str) -> Callable[[Page, _Asked], None]:
    def section(made: Page, asked: _Asked) -> None:
        drawing = FIGURES[name]
        chart = draw(asked.ledger, drawing, asked.wanted)
        made.heading(drawing.title)
        made.figure(chart.figure)
        rows = chart.rows.select(~pl.selectors.struct() & ~pl.selectors.list())
        some = rows.head(_MOST_ROWS)
        few = "" if len(some) == len(rows) else f", the first {len(some):,} of {len(rows):,} rows"
        made.details(f"data{few}", some.columns, some.iter_rows())

    return section


def _count(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def _usd(usd: float | None) -> str:
    return UNKNOWN if usd is None else f"{usd:,.2f} USD"


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share:.1%}"


def _of(coverage: float | None) -> str:
    return "" if coverage is None else f"of {coverage:.1%} of the tokens"
