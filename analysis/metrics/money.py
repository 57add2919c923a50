"""Sums of money, by the list and as paid, with the share of tokens that had a price."""

from collections.abc import Iterator
from math import fsum

import polars as pl

from analysis.metrics.metric import Line
from analysis.stats import Estimate

BASES = ("list", "paid")


def total(usd: pl.Series, rows: int, priced: float, tokens: float) -> Estimate:
    """Return what amounts add up to: no sample, so no interval.

    Args:
        usd: Null where a price is not known.
        rows: How many rows they are of.
        priced: How many tokens had a price.
        tokens: How many there were.
    """
    if not usd.count():
        return Estimate(None, n=rows, method="no price known", coverage=0.0 if tokens else None)
    share = priced / tokens if tokens else None
    # Exact, so that it does not hang on the order in which DuckDB's threads hand over groups.
    return Estimate(fsum(usd.drop_nulls()), n=rows, method="sum", coverage=share)


def totals(about: tuple[str | None, ...], what: str, part: pl.DataFrame) -> Iterator[Line]:
    """Return both sums of columns `list_usd` and `paid_usd`.

    Besides, `part` has `attempts`, `tokens` and, for each basis, `<basis>_tokens`: those priced.
    """
    rows, tokens = int(part["attempts"].sum()), float(part["tokens"].sum())
    for basis in BASES:
        priced = float(part[f"{basis}_tokens"].sum())
        found = total(part[f"{basis}_usd"], rows, priced, tokens)
        yield Line(about, f"{what} ({basis})", "USD", found)
