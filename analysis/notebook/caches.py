"""`05_cache_economics`: hits by tokens, net savings, why misses missed, and which lifetime pays."""

from typing import Final

import polars as pl

from analysis.notebook import words
from analysis.notebook.answer import Answer, Headline
from analysis.notebook.charts import Lane, bars, intervals
from analysis.notebook.opening import Page
from analysis.notebook.showing import Panel, Table

QUESTION: Final = "What did prompt caches save, and what did their misses cost?"
_CAVEAT: Final = (
    "what could have been read is what a prompt shares with an earlier one, by length: a provider "
    "that caches only at marks cannot read all of it. Providers that hide cache fields are out."
)
_WRITE_5M, _WRITE_1H, _READ = 1.25, 2.0, 0.1  # of a token of fresh input: Anthropic's list, 2026


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    hits = page.headlines("cache_hit", "hit ratio")
    saved = page.headlines("cache_savings", "net saving (list)")
    shares = page.headlines("cache_savings", "saved share (list)")
    missed = page.headlines("cache_misses", "cost (list)")
    said = ""
    total = [one.value for one in saved if one.value is not None]
    if total:
        said = f"By the list caches saved {words.number(sum(total), 'USD')}, writes paid for: "
        told = (f"{one.about[0]} {one} of what it would have cost" for one in shares)
        said += f"{', '.join(told)}. "
    by_cause = _by_cause(missed)
    if by_cause:
        cause, usd = max(by_cause.items(), key=lambda item: item[1])
        every = words.number(sum(by_cause.values()), "USD")
        said += f"Misses cost {every}, most of it for {cause}: {words.number(usd, 'USD')}."
    return page.answer(QUESTION, said.strip(), [*hits, *saved, *shares], _CAVEAT)


def _by_cause(missed: list[Headline]) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in missed:
        cause = str(one.about[1]).partition(" (")[0].replace("_", " ")
        found[cause] = found.get(cause, 0.0) + (one.value or 0.0)
    return found


def hits(page: Page) -> Panel:
    """Return how much of their prompts providers read from caches, by tokens."""
    rows, what = page.measure("cache_hit"), ("hit ratio", "of reachable")
    return Panel(
        intervals(rows, what, "How much of the prompts came from caches?"),
        page.numbers("cache_hit"),
    )


def savings(page: Page) -> Panel:
    """Return what caches saved and cost at each provider."""
    what = ("read discount (list)", "write premium (list)", "net saving (list)")
    lanes = []
    for name in what:
        told = page.headlines("cache_savings", name)
        sign = -1 if name.startswith("write") else 1
        lanes.append(
            Lane(
                name,
                [one.about[0] for one in told],
                [None if one.value is None else sign * one.value for one in told],
            )
        )
    figure = bars([one for one in lanes if one.x], "What did caches save?", "USD")
    return Panel(figure, page.numbers("cache_savings"))


def misses(page: Page) -> Table:
    """Return what misses cost by cause, over all providers, the dearest first."""
    causes = _by_cause(page.headlines("cache_misses", "cost (list)"))
    rows = sorted(causes.items(), key=lambda item: -item[1])
    every = sum(causes.values()) or 1.0
    frame = pl.DataFrame(
        {
            "cause": [name for name, _ in rows],
            "USD at list prices": [usd for _, usd in rows],
            "share of it": [words.number(usd / every, "share") for _, usd in rows],
        }
    )
    return Table(frame, "What misses cost, by cause")


def lifetimes(page: Page) -> Panel:
    """Return of each session how often what it wrote was read, beside where a write pays."""
    rows = page.ask("break_even")
    known = rows.filter(pl.col("reads_per_write").is_not_null())
    figure = bars(
        [Lane("reads per write", known["session"].to_list(), known["reads_per_write"].to_list())]
        if len(known)
        else (),
        "How often was a written token read again, by session?",
        "reads of each token written",
    )
    for name, write in (("five minutes", _WRITE_5M), ("an hour", _WRITE_1H)):
        pays = (write - 1) / (1 - _READ)
        figure.add_hline(y=pays, line_dash="dot", annotation_text=f"{name} pays from {pays:.2f} on")
    return Panel(figure, Table(rows))
