# ruff: noqa: S608  # names come from schema.sql, and what was asked for goes through quoted()
"""Named queries, in `queries/`, put to the rows of a selection; it knows no frames.

What only adds up (the reports of the command line) asks here: to import Polars takes longer than
DuckDB takes for a million rows.
"""

import re
from functools import cache
from importlib import resources
from typing import Any, Final

from analysis.grains import GRAINS
from analysis.selection import ALL, Selection, rows
from analysis.sources import Source
from proxy.ledger.asking import again_if_gone

_DERIVED: Final = ("priced", "judged", "asked")
"""Queries that others build on, in `queries/`; what builds on another stands before it."""


def with_macros(source: Source) -> None:
    """Put the macros of the queries where they find them."""
    source.connection.execute(text_of("macros"))


def answer(source: Source, query: str, selection: Selection = ALL) -> list[tuple[Any, ...]]:
    """Return the rows that `queries/<query>.sql` gives for those of a selection."""
    text = question(query, selection)
    found: list[tuple[Any, ...]] = again_if_gone(lambda: source.connection.sql(text).fetchall())
    return found


def question(query: str, selection: Selection) -> str:
    """Return `queries/<query>.sql` as SQL that is asked about the rows of a selection."""
    text = text_of(query)
    return f"{_preamble(text, selection)}SELECT * FROM (\n{text}\n)"


def _preamble(text: str, selection: Selection) -> str:
    """Return the WITH that names the rows of a selection, as far as the query uses them."""
    named = []
    for name in _DERIVED:
        if _uses(text, name):
            named.append(f"{name} AS NOT MATERIALIZED (\n{text_of(name)}\n)")
            text += text_of(name)
    grains = [
        f"{grain} AS NOT MATERIALIZED ({rows(grain, selection)})"
        for grain in GRAINS
        if _uses(text, grain)
    ]
    return f"WITH {', '.join([*grains, *reversed(named)])}\n" if grains else ""


def _uses(text: str, name: str) -> bool:
    return re.search(rf"\b(FROM|JOIN)\s+{name}\b", text) is not None


@cache
def text_of(query: str) -> str:
    """Return what stands in `queries/<query>.sql`."""
    return resources.files("analysis.queries").joinpath(f"{query}.sql").read_text("utf-8")
