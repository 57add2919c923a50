"""`04_latency_tails`: first content, speed, stalls, end to end, by hour, and what proxying adds."""

from typing import Final

import polars as pl

from analysis.notebook.answer import Answer, best
from analysis.notebook.charts import Lane, intervals, lines
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table

QUESTION: Final = "How long do the slowest wait, at which provider and hour, and what do we add?"
_CAVEAT: Final = (
    "an attempt that failed has no latency and is later than any: where too many failed, a "
    "quantile is not reached, and that is said. A demo in virtual time has no overhead at all."
)


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    waits = page.headlines("first_content", "waits p95")
    tails = page.headlines("tails", "first content p95")
    added = page.headlines("overhead", "both p95")
    slow, quick = best(waits), best(waits, least=True)
    said = ""
    if slow is not None and quick is not None:
        said = f"One attempt in twenty at {slow.about[0]} has no content after {slow}"
        said += f"; at {quick.about[0]} it is {quick}. " if quick != slow else ". "
    for one in tails:
        reached = f"{one}" if one.value is not None else f"never: {one.method}"
        said += f"For {one.about[0]} as clients see it, failed attempts included: {reached}. "
    most = best(added)
    if most is not None:
        said += f"The proxy itself adds {most} or less to nineteen in twenty requests."
    return page.answer(QUESTION, said.strip(), [*waits, *tails, *added], _CAVEAT)


def by_hour(page: Page) -> Panel:
    """Return how long first content took at each hour of the day."""
    rows = page.ask("hourly_waits")
    lanes = [
        Lane(str(name), part["hour"].to_list(), part["p95_s"].to_list())
        for (name,), part in rows.group_by("provider", maintain_order=True)
    ]
    title = "Which hour is slow? (95 in 100 answered attempts had content by then)"
    worst = rows.sort("p95_s", descending=True).head(12)
    return Panel(
        lines(lanes, title, "hour of the day, UTC", "s"), Table(worst, "The slowest hours")
    )


def of(page: Page, metric: str, what: tuple[str, ...], title: str) -> Panel:
    """Return numbers of a metric as points with intervals, and all of them as a table."""
    return Panel(intervals(page.measure(metric), what, title), page.numbers(metric))


def speeds(page: Page) -> Panel:
    """Return how fast answers come once they have begun."""
    rows = page.measure("decode_speed")
    known = rows.filter(pl.col("value").is_not_null())
    title = "How fast do tokens come, once they come?"
    figure = intervals(known, ("speed p5", "speed p50", "speed p95"), title)
    return Panel(figure, page.numbers("decode_speed"))
