"""The price book: what each token of each model in a ledger costs when, by the list and as paid.

Its rows of one model do not overlap: each is about one period, one part of the day and one size of
prompt, so an attempt finds exactly one, by equality of names and six comparisons.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from analysis.asking import answer
from analysis.prices import kept
from analysis.prices.listing import CLASSES, Bounds, Found, Named, Prices
from analysis.selection import Selection
from analysis.sources import Source
from proxy.price_list import Pricing

_PRICES: Final = dict.fromkeys(CLASSES, "DOUBLE")
COLUMNS: Final[Mapping[str, str | dict[str, str]]] = {
    "provider": "VARCHAR",
    "model": "VARCHAR",  # as sent
    "service_tier": "VARCHAR",
    "since": "TIMESTAMP",
    "until": "TIMESTAMP",  # itself not
    "from_us": "BIGINT",  # of the day, UTC
    "to_us": "BIGINT",  # itself not
    "over_tokens": "BIGINT",  # of the prompt; itself not
    "upto_tokens": "BIGINT",
    "listed": _PRICES,  # USD for a million tokens; request: USD for one
    "paid": _PRICES,
    "price_source": "VARCHAR",
}
"""One row per model, period, part of the day and size of prompt."""

_SHAPE: Final = json.dumps([COLUMNS])

Entry = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Sold:
    """What a ledger has attempts of."""

    provider: str
    model: str
    tier: str | None


def put(source: Source, rows: Iterable[Entry]) -> None:
    """Put the rows of a book where queries find it: `price_book`."""
    # As JSON: handing over a frame makes DuckDB import pandas where there is one, for a second.
    text = json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], default=str)
    source.connection.execute(
        "CREATE OR REPLACE TEMP TABLE price_book AS "
        "SELECT row.* FROM (SELECT unnest(from_json(?, ?)) AS row)",
        [text, _SHAPE],
    )


def entries(source: Source, pricing: Pricing, selection: Selection) -> list[Entry]:
    """Return the book of every model that a selection has attempts of, in the order of `COLUMNS`.

    Those that nobody knows are left out.
    """
    sold = [_Sold(*row) for row in answer(source, "sold", selection)]
    named = {one: _named(one, pricing) for one in sold}
    lists = kept.looked_up(named.values())
    return [row for one in sold for row in _entries(one, lists[named[one]], pricing)]


def entries_of(provider: str, model: str, tier: str | None, pricing: Pricing) -> list[Entry]:
    """Return the rows of one model at one provider, in the order of `COLUMNS`; none if unknown."""
    sold = _Sold(provider, model, tier)
    named = _named(sold, pricing)
    return list(_entries(sold, kept.looked_up([named])[named], pricing))


def _named(sold: _Sold, pricing: Pricing) -> Named:
    return Named(pricing.provider(sold.provider).base or sold.provider, sold.model, sold.tier)


def _entries(sold: _Sold, found: Found | None, pricing: Pricing) -> Iterator[Entry]:
    """Return the rows of one model, in the order of `COLUMNS`."""
    names = (sold.provider, sold.model, sold.tier)
    if found is None:
        unknown: Prices = dict.fromkeys(CLASSES)
        paid = _paid(unknown, sold, pricing)
        if paid["input"] is not None:
            yield (*names, *msgspec.structs.astuple(Bounds()), unknown, paid, "[pricing]")
        return
    for step in found.steps:
        bounds = msgspec.structs.astuple(step.bounds)
        yield (*names, *bounds, step.prices, _paid(step.prices, sold, pricing), found.source)


def _paid(prices: Prices, sold: _Sold, pricing: Pricing) -> Prices:
    """Return what is paid where the list says `prices`."""
    said = pricing.provider(sold.provider)
    if said.billing in {"subscription", "free"}:
        return dict.fromkeys(CLASSES, 0.0)  # one token more costs nothing
    factor, exception = said.factor(sold.model), said.of(sold.model)
    paid = {name: None if usd is None else usd * factor for name, usd in prices.items()}
    paid["request"] = paid["request"] or 0.0
    if exception is not None:
        paid |= exception.usd_per_million
        paid["reasoning"] = exception.usd_per_million.get("output", paid["reasoning"])
    wider = {name: paid["input"] for name in CLASSES if name.startswith("cache_")}
    return paid | {name: usd for name, usd in wider.items() if paid[name] is None}
