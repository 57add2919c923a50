"""`03_failover_value`: what failover rescued, what it cost in seconds, warmth and money."""

from typing import Final

import polars as pl

from analysis.metrics.failover_time import ALL_CLASSES
from analysis.notebook import words
from analysis.notebook.answer import Answer
from analysis.notebook.charts import intervals
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel

QUESTION: Final = "How many requests did failover rescue, and what did that cost?"
_CAVEAT: Final = (
    "the gain is against no second try at all: a client would have asked again by itself, later "
    "and of the same provider. What a client lost by a failure that it was told of is not counted."
)


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    gains = page.headlines("failover", "gain")
    rescued = page.headlines("failover", "rescue rate")
    waits = [
        one
        for what in ("p95", "share of waiting")
        for one in page.headlines("failover_time", what)
        if one.about[1] == ALL_CLASSES
    ]
    cold = page.headlines("failover_cost", "cold cost (list)")
    said = ""
    for gain in gains:
        app, rate = gain.about[0], next((r for r in rescued if r.about == gain.about), None)
        said += f"{app}: {gain} of {words.count(gain.n, 'request')} were answered only by failover"
        said += f", {rate} of those whose first try failed. " if rate is not None else ". "
    slow = [one for one in waits if one.what == "p95"]
    if slow:
        told = ", ".join(f"{one.about[0]} {words.number(one.value, 's')}" for one in slow)
        said += f"One in twenty of the rescued waited longer than that for it: {told}. "
    cost = [one.value for one in cold if one.value is not None]
    if cost:
        said += f"Caches that were cold elsewhere cost {words.number(sum(cost), 'USD')} more."
    return page.answer(QUESTION, said.strip(), [*gains, *rescued, *waits, *cold], _CAVEAT)


def gains(page: Page) -> Panel:
    """Return how often requests were answered at the first try, and at the last."""
    rows, what = page.measure("failover"), ("first success", "final success")
    return Panel(
        intervals(rows, what, "At the first try, and in the end"), page.numbers("failover")
    )


def waits(page: Page) -> Panel:
    """Return how long rescued requests waited, by what their first attempt failed of."""
    rows = page.measure("failover_time")
    apart = rows.filter(pl.col("failure") != ALL_CLASSES)
    title = "How long did a failed attempt keep a rescued request?"
    return Panel(intervals(apart, ("p50", "p95"), title), page.numbers("failover_time"))
