"""What `pointsman usage` does: which ledger, which rows, which form."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import typer

from analysis.errors import AnalysisError, BadRange, NoFrames
from analysis.five_hours import LASTS
from analysis.reports import page
from analysis.reports.usage import VIEWS, Report, Wish, usage
from analysis.selection import Selection
from analysis.sources import Source, source_of
from proxy.cli.ledgers import chosen
from proxy.cli.options import told as told_of_proxy
from proxy.cli.spans import seconds
from proxy.cli.tables import printed
from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger.asking import sentence
from proxy.price_list import LIST_PRICES, Pricing

_FRAMES: Final = {"polars", "pyarrow", "numpy", "scipy", "plotly"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Which requests, as it was typed."""

    since: str | None = None
    until: str | None = None
    timezone: str | None = None
    app: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the configuration and the ledger are, if it was said."""

    config: Path | None = None
    ledger: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report."""

    view: str
    breaks_down: bool = False
    with_cost: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """How it is shown; `last`: only so many rows of the table."""

    last: int | None = None
    as_json: bool = False
    compact: bool = False


@contextmanager
def told() -> Iterator[None]:
    """Tell a failure that was expected in one line, without a traceback."""
    try:
        with told_of_proxy():
            yield
    except AnalysisError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@contextmanager
def frames() -> Iterator[None]:
    """Say what to install where what estimates is missing.

    Raises:
        NoFrames: It is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in _FRAMES:
            raise
        raise NoFrames(
            f'this report needs {error.name}: pip install "pointsman[analysis]"'
        ) from error


def show(asked: Asked, limits: Limits, places: Places, form: Form) -> None:
    """Print a report.

    Raises:
        AnalysisError: There is nothing that was asked about, or the range holds nothing.
        SetupError: The configuration or the ledger cannot be read.
    """
    zone = zone_named(limits.timezone)
    pricing = pricing_of(places) if asked.with_cost else None
    wish = Wish(asked.view, selection(limits, zone), zone, pricing, asked.breaks_down)
    with reading(places) as source:
        report = usage(source, wish)
        ahead = [] if form.as_json else _ahead(source, wish, report)
    if form.as_json:
        typer.echo(page.json_of(report, limits.timezone, with_cost=asked.with_cost))
        return
    last = form.last or VIEWS[asked.view].most
    printed(page.table(report, last, compact=form.compact, with_cost=asked.with_cost))
    for line in (*page.notes(report, last, with_cost=asked.with_cost), *ahead):
        typer.echo(line)


def _ahead(source: Source, wish: Wish, report: Report) -> list[str]:
    """Return where the block under way will end; nothing where there is none."""
    now = datetime.fromtimestamp(REAL.wall_us() / 1e6, UTC).replace(tzinfo=None)
    began = report.groups[-1].key
    if wish.view != "blocks" or wish.selection.until is not None:
        return []
    if not isinstance(began, datetime) or now >= began + LASTS:
        return []
    try:
        with frames():
            from analysis.reports import ahead  # noqa: PLC0415  # it waits for Polars and SciPy
    except NoFrames as missing:
        return [f"where the block under way will end is not known: {missing}"]
    return list(ahead.lines(source, wish.selection, now))


def opened(places: Places) -> Source:
    """Open the ledger; if it is named, a configuration beside it says what is paid."""
    return source_of(chosen(None if places.ledger else places.config, places.ledger))


@contextmanager
def reading(places: Places) -> Iterator[Source]:
    """Open the ledger, and say in one line what of it cannot be read.

    Raises:
        SetupError: It cannot be opened or read.
    """
    source = opened(places)
    with source.connection:
        try:
            yield source
        except duckdb.Error as error:
            raise LedgerUnusable(f"{source.place} cannot be read: {sentence(error)}") from error


def selection(limits: Limits, zone: tzinfo | None) -> Selection:
    """Return which requests are asked about; a day begins at midnight in `zone`.

    Raises:
        BadRange: What was typed is no time, or the range holds nothing.
    """
    now = datetime.fromtimestamp(REAL.wall_us() / 1e6, UTC)
    since = _moment(limits.since, "--since", zone, now)
    return Selection(since, _moment(limits.until, "--until", zone, now), limits.app)


def _moment(text: str | None, option: str, zone: tzinfo | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    back_s = seconds(text)
    try:
        if back_s is not None:
            return now - timedelta(seconds=back_s)
        moment = datetime.fromisoformat(text)
        # Without a zone, `astimezone` takes it as the system's.
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRange(
            f"{option}: got {text!r}, want a span like 7d, or a day like 2026-11-01"
        ) from None


def zone_named(name: str | None) -> tzinfo | None:
    """Return the zone of a name; `None` is the system's.

    Raises:
        BadRange: There is none.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRange(f"--timezone: got {name!r}, want a name like Europe/Berlin or UTC") from None


def pricing_of(places: Places) -> Pricing:
    """Return what is paid by the configuration; a ledger that was named alone has list prices."""
    if places.ledger is not None and places.config is None:
        return LIST_PRICES
    from proxy.config import config_file, prices  # noqa: PLC0415  # pydantic takes a while

    return prices(config_file(places.config, os.environ))
