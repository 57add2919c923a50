"""`01_spend_and_usage`: what was used, what it cost by the list and as paid, how much is priced."""

from datetime import UTC
from typing import Final

import polars as pl

from analysis.notebook import words
from analysis.notebook.answer import Answer, Headline, best
from analysis.notebook.charts import Lane, bars, intervals
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table
from analysis.reports.usage import VIEWS, Group, Report, Wish, usage

QUESTION: Final = "Where did the money and the tokens go, and how much of it is priced?"
_CAVEAT: Final = (
    "list prices are what an API would charge; what is paid is as [pricing] says. What has no "
    "price is left out, not counted as 0: coverage is the share of tokens that have one."
)


def total(page: Page, basis: str) -> Headline:
    """Return what everything cost by `list` or as `paid`; its n is in attempts.

    It is the sum of the metric's lines, which have no attempt in common.
    """
    parts = page.headlines("spend", f"cost ({basis})")
    known = [one.value for one in parts if one.value is not None]
    return Headline(
        "spend",
        (),
        f"cost ({basis})",
        "USD",
        sum(known) if known else None,
        n=sum(one.n for one in parts),
        method="sum over providers and models",
    )


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    listed, paid = total(page, "list"), total(page, "paid")
    parts = page.headlines("spend", "cost (paid)")
    dearest = best(parts)
    said = f"By the list {listed}, paid {paid}"
    if dearest is not None and dearest.value and paid.value:
        share = words.number(dearest.value / paid.value, "share")
        said += f"; {share} of what was paid went to {' with '.join(map(str, dearest.about))}"
    said += f". {words.number(covered(page), 'share')} of all tokens have a price."
    return page.answer(QUESTION, said, [listed, paid, *parts], _CAVEAT)


def covered(page: Page) -> float | None:
    """Return the share of all tokens that have a list price."""
    if page.is_empty:
        return None
    return _report(page, "providers").total.list_coverage


def _report(page: Page, view: str) -> Report:
    return usage(page.ledger.source, Wish(view, page.selection, UTC, page.pricing))


def _named(group: Group) -> str:
    return "not known" if group.key is None else str(group.key)


def by(page: Page, view: str) -> Panel:
    """Return usage by one of `analysis.reports.usage.VIEWS`: the rows of `pointsman usage`."""
    groups = [] if page.is_empty else _report(page, view).groups
    rows = [
        {
            VIEWS[view].heading: _named(group),
            "requests": group.sums.requests,
            "prompt tokens": group.sums.prompt,
            "from cache": words.number(group.sums.hit_share, "share"),
            "output tokens": group.sums.output,
            "list USD": group.sums.list_usd,
            "paid USD": group.sums.paid_usd,
            "priced": words.number(group.sums.list_coverage, "share"),
        }
        for group in groups
    ]
    keys = [_named(group) for group in groups]
    lanes = [
        Lane("by the list", keys, [group.sums.list_usd for group in groups]),
        Lane("paid", keys, [group.sums.paid_usd for group in groups]),
    ]
    title = f"What was spent, by {VIEWS[view].heading}"
    return Panel(
        bars(lanes if rows else (), title, "USD"),
        Table(pl.DataFrame(rows, infer_schema_length=None)),
    )


def input_prices(page: Page) -> Panel:
    """Return what a million tokens of input cost at each provider's own cache hits."""
    rows, what = page.measure("spend"), ("input price (list)", "input price (paid)")
    return Panel(
        intervals(rows, what, "What does a million tokens of input cost?"),
        page.numbers("spend", *what),
    )
