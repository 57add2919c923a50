"""The price book as a frame, and put beside an open ledger."""

from typing import Final

import polars as pl

from analysis.load import Ledger
from analysis.prices.book import COLUMNS, entries, put
from analysis.selection import ALL, Selection
from proxy.price_list import Pricing

_TYPES: Final = {"VARCHAR": pl.String(), "BIGINT": pl.Int64(), "TIMESTAMP": pl.Datetime("us")}
BOOK: Final = pl.Schema(
    {
        name: _TYPES[kind]
        if isinstance(kind, str)
        else pl.Struct(dict.fromkeys(kind, pl.Float64()))
        for name, kind in COLUMNS.items()
    }
)
"""One row per model, period, part of the day and size of prompt; see `COLUMNS`."""


def with_prices(ledger: Ledger, pricing: Pricing, selection: Selection = ALL) -> None:
    """Put the book of what a selection has attempts of where queries find it: `price_book`."""
    put(ledger.source, entries(ledger.source, pricing, selection))


def price_book(ledger: Ledger, pricing: Pricing, selection: Selection = ALL) -> pl.DataFrame:
    """Return the book of every model that a selection has attempts of; those unknown are left out.

    `BOOK` is its schema.
    """
    rows = entries(ledger.source, pricing, selection)
    return pl.DataFrame(rows, schema=BOOK, orient="row")
