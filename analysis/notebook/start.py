"""`00_quickstart`: what is in a ledger, and the first three figures of it."""

from typing import Final

import polars as pl

from analysis.notebook import words
from analysis.notebook.answer import Answer
from analysis.notebook.opening import Page
from analysis.notebook.showing import Table

QUESTION: Final = "What is in this ledger, and where does one begin?"
_CAVEAT: Final = (
    "these are the first numbers only; each notebook from 01 on asks one question, and says what "
    "its answer rests on."
)
_GRAINS: Final = ("requests", "attempts", "losses", "events")


def answer(page: Page) -> Answer:
    """Return the opening cell."""
    success = page.headlines("request_success", "success")
    asked = page.headlines("success", "availability")
    told = ", ".join(f"{one.about[0]} {one}" for one in success)
    said = f"Requests that were answered in full: {told or words.UNKNOWN}."
    return page.answer(QUESTION, said, [*success, *asked], _CAVEAT)


def rows(page: Page) -> Table:
    """Return how many rows each grain has, and how new they are."""
    counts = [
        page.ledger.relation(grain, page.selection).aggregate("count(*)").fetchall()[0][0]
        for grain in _GRAINS
    ]
    fresh = str(page.ledger.freshness())
    return Table(pl.DataFrame({"grain": _GRAINS, "rows": counts}), f"The ledger: {fresh}")


def newest(page: Page, most: int = 10) -> Table:
    """Return the newest requests: who asked, who answered, how it ended, how long it took."""
    asked = page.ledger.relation("requests", page.selection).order("received_at DESC").limit(most)
    columns = (
        "received_at, app, model_requested AS model, provider, outcome, n_attempts AS attempts"
    )
    waits = "first_content_us / 1e6 AS 'first content, s', prompt_tokens, output_tokens"
    return Table(asked.project(f"{columns}, {waits}").pl(), "The newest requests")
