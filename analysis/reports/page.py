"""A report as a table for a person, and as JSON for a program."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from analysis.reports.sums import Sums
from analysis.reports.usage import VIEWS, Key, Report
from proxy.cli.tables import UNKNOWN, cell

_TOKENS: Final = ("uncached in", "cache read", "cache write", "out", "cache hit")
_FEW_TOKENS: Final = ("in", "out", "cache hit")
_MONEY: Final = ("list USD", "paid USD")
_ALL: Final = 1.0


def table(report: Report, last: int | None, *, compact: bool, with_cost: bool) -> Table:
    """Return one row per group, and a total of all; only the `last` groups, if so many."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=True)
    total = [*_cells(report.total, compact=compact, with_cost=with_cost)]
    view = VIEWS[report.view]
    made.add_column(view.heading, footer="total", overflow="fold")
    if report.is_broken_down:
        made.add_column(view.part, overflow="fold")
    tokens = _FEW_TOKENS if compact else ("attempts", *_TOKENS)
    names = ("requests", *tokens, *(_MONEY if with_cost else ()))
    for name, sum_of_all in zip(names, total, strict=True):
        made.add_column(name, footer=sum_of_all, justify="right", overflow="fold")
    shown = report.groups[-last:] if last else report.groups
    for number, group in enumerate(shown):
        repeats = number > 0 and shown[number - 1].key == group.key
        key = Text("") if repeats else cell(label(report.view, group.key))
        part = [cell(group.part)] if report.is_broken_down else []
        made.add_row(key, *part, *_cells(group.sums, compact=compact, with_cost=with_cost))
    return made


def notes(report: Report, last: int | None, *, with_cost: bool) -> Iterator[str]:
    """Return what the table leaves out or cannot know."""
    if last and len(report.groups) > last:
        yield f"only the last {last:,} of {len(report.groups):,} rows; the total is of all"
    total = report.total
    shares = {"list": total.list_coverage, "paid": total.paid_coverage}
    missing = {name: share for name, share in shares.items() if share is not None and share < _ALL}
    if with_cost and missing:
        told = ", ".join(f"{_percent(share)} ({name})" for name, share in missing.items())
        yield f"of the tokens {told} have a price; the others are in no sum of money"


def label(view: str, key: Key) -> str | None:
    """Return what a row is about; `None` where that is not known."""
    if isinstance(key, datetime):
        return key.isoformat(sep=" ", timespec="minutes")
    if key is None or isinstance(key, str):
        return key
    return f"{key:%Y-%m}" if view == "monthly" else key.isoformat()


def json_of(report: Report, zone: str | None, *, with_cost: bool) -> str:
    """Return everything known; what is not known is null."""
    name, part = VIEWS[report.view].heading.split()[0], VIEWS[report.view].part
    rows = [
        {
            name: label(report.view, group.key),
            **({part: group.part} if report.is_broken_down else {}),
            **_numbers(group.sums, with_cost=with_cost),
        }
        for group in report.groups
    ]
    said = {
        "view": report.view,
        "timezone": "UTC" if report.view == "blocks" else zone or "local",
        "rows": rows,
        "total": _numbers(report.total, with_cost=with_cost),
    }
    return msgspec.json.encode(said).decode()


def _numbers(sums: Sums, *, with_cost: bool) -> dict[str, float | None]:
    money = {
        "list_usd": sums.list_usd,
        "list_coverage": sums.list_coverage,
        "paid_usd": sums.paid_usd,
        "paid_coverage": sums.paid_coverage,
    }
    return {
        "requests": sums.requests or 0,
        "attempts": sums.attempts or 0,
        "prompt_tokens": sums.prompt,
        "uncached_input_tokens": sums.uncached,
        "cache_read_tokens": sums.read,
        "cache_write_tokens": sums.written,
        "output_tokens": sums.output,
        "cache_hit_share": sums.hit_share,
        **(money if with_cost else {}),
    }


def _cells(sums: Sums, *, compact: bool, with_cost: bool) -> Sequence[str]:
    """Return the numbers of a row."""
    hits = UNKNOWN if sums.hit_share is None else _percent(sums.hit_share)
    tokens = (
        [_count(sums.prompt)]
        if compact
        else [
            f"{sums.attempts or 0:,}",
            *(_count(one) for one in (sums.uncached, sums.read, sums.written)),
        ]
    )
    money = [
        _usd(sums.list_usd, sums.list_coverage),
        _usd(sums.paid_usd, sums.paid_coverage),
    ]
    return [
        f"{sums.requests or 0:,}",
        *tokens,
        _count(sums.output),
        hits,
        *(money if with_cost else ()),
    ]


def _count(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def _usd(usd: float | None, coverage: float | None) -> str:
    """Return an amount, and of which share of the tokens it is if not of all."""
    if usd is None:
        return UNKNOWN
    share = "" if coverage is None or coverage >= _ALL else f" ({_percent(coverage)})"
    return f"{usd:,.2f}{share}"


def _percent(share: float) -> str:
    """Return a share; one that is nearly all does not look like all."""
    if 0.9995 <= share < 1:  # noqa: PLR2004  # it would be rounded to 100.0
        return "99.9 %"
    return f"{share * 100:.1f} %"
