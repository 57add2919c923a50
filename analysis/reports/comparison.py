"""`pointsman compare`: two providers, or two spans of time, as a table or as JSON."""

from dataclasses import asdict, dataclass, replace
from datetime import tzinfo
from typing import Final

import msgspec
import typer
from rich.table import Table

from analysis.asking import with_macros
from analysis.comparing import Compared, compare
from analysis.errors import BadRange
from analysis.load import Ledger
from analysis.reports.showing import (
    Limits,
    Places,
    pricing_of,
    reading,
    selection,
    zone_named,
)
from analysis.selection import Selection
from analysis.stats import Estimate
from proxy.cli.tables import UNKNOWN, cell, headed, printed

_BETWEEN: Final = ".."
_NOTE: Final = """\
95 % intervals; * 0 is not in it, which one of several numbers may show by chance.
First content counts what failed as later than all; hits and prices are of tokens that have them.
Two providers are compared hour by hour at the same time."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is compared, as it was typed."""

    first: str
    second: str


def show(pair: Pair, limits: Limits, places: Places, *, as_json: bool) -> None:
    """Print how the two differ.

    Raises:
        AnalysisError: One of them has no rows, or what was typed is no pair.
        SetupError: The configuration or the ledger cannot be read.
    """
    zone, pricing = zone_named(limits.timezone), pricing_of(places)
    first, second = (_side(one, pair, limits, zone) for one in (pair.first, pair.second))
    with reading(places) as source:
        with_macros(source)
        ledger = Ledger(source)
        for side in (first, second):
            ledger.refuse_without_attempts(side)
        found = compare(ledger, first, second, pricing)
    if as_json:
        said = {"first": pair.first, "second": pair.second, "rows": [asdict(one) for one in found]}
        typer.echo(msgspec.json.encode(said))
        return
    printed(table(found, pair))
    typer.echo(_NOTE)


def _side(text: str, pair: Pair, limits: Limits, zone: tzinfo | None) -> Selection:
    """Return which rows are meant: those of a provider, or of a span like 14d..7d."""
    spans = [_BETWEEN in one for one in (pair.first, pair.second)]
    if any(spans) and not all(spans):
        raise BadRange(
            f"got {pair.first!r} and {pair.second!r}, want two providers, or two spans like "
            "14d..7d 7d.. or 2026-11-01..2026-11-08 2026-11-08..2026-11-15"
        )
    if not any(spans):
        return replace(selection(limits, zone), provider=text)
    if limits.since is not None or limits.until is not None:
        raise BadRange("two spans have their own begin and end: leave --since and --until out")
    since, _, until = text.partition(_BETWEEN)
    return selection(replace(limits, since=since or None, until=until or None), zone)


def table(found: list[Compared], pair: Pair) -> Table:
    """Return one row per number, with its interval on each side and the difference."""
    sides = (cell(pair.first), cell(pair.second))
    made = headed("", (*sides, "difference (95 %)", "clusters", ""))
    for one in found:
        form = "{:.2%}" if one.unit == "share" else "{:,.3f}"
        signed = "{:+.2%}" if one.unit == "share" else "{:+,.3f}"
        unit = "" if one.unit == "share" else f" ({one.unit})"
        clusters = one.difference.n_clusters
        made.add_row(
            f"{one.what}{unit}",
            _shown(one.first, form),
            _shown(one.second, form),
            _shown(one.difference, signed),
            UNKNOWN if clusters is None else f"{clusters:,}",
            "*" if _differs(one.difference) else "",
        )
    return made


def _differs(difference: Estimate) -> bool:
    """Whether 0 is not in the interval."""
    lo, hi = difference.lo, difference.hi
    return (lo is not None and lo > 0) or (hi is not None and hi < 0)


def _shown(found: Estimate, form: str) -> str:
    if found.value is None:
        return UNKNOWN
    ends = [UNKNOWN if end is None else form.format(end) for end in (found.lo, found.hi)]
    value = form.format(found.value)
    return value if found.lo is found.hi is None else f"{value} ({ends[0]} to {ends[1]})"
