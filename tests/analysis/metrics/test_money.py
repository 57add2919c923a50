"""Sums of money."""

import polars as pl

from analysis.metrics.money import total


def test_the_order_of_groups_does_not_matter() -> None:
    usd = pl.Series([0.1 * n + 1e-9 for n in range(200)] + [1e7, None])
    found = total(usd, rows=202, priced=201.0, tokens=202.0)
    for seed in range(5):
        assert total(usd.shuffle(seed), rows=202, priced=201.0, tokens=202.0) == found
