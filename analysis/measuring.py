"""One question to a ledger: a metric of its rows."""

import polars as pl

from analysis.caches import with_policies
from analysis.load import Ledger
from analysis.metrics import metric
from analysis.prices.frame import with_prices
from analysis.selection import ALL, Selection
from proxy.price_list import LIST_PRICES, Pricing


def measure(
    ledger: Ledger, name: str, selection: Selection = ALL, pricing: Pricing = LIST_PRICES
) -> pl.DataFrame:
    """Return a metric of the rows of a selection; each number with its interval, n and method.

    Args:
        ledger: Open.
        name: In `analysis.metrics.METRICS`.
        selection: Which rows.
        pricing: What is really paid, as in `[pricing]`.

    Raises:
        UnknownMetric: There is none of that name.
    """
    asked = metric(name)
    if asked.is_priced:
        with_prices(ledger, pricing, selection)
        with_policies(ledger, selection)
    return asked.of(ledger.ask(asked.query, selection))
