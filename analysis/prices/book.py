"""The price book: what each token of each model in a ledger costs when, by the list and as paid.

Its rows of one model do not overlap: each is about one period, one part of the day and one size of
prompt, so an attempt finds exactly one, by equality of names and six comparisons. How genai-prices
decides at a moment is not written again here: it is asked once within each row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from analysis.asking import answer
from analysis.selection import Selection
from analysis.sources import Source
from proxy.price_list import Listed, Pricing, listed

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

_CLASSES: Final = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "request",
)
_PRICES: Final = dict.fromkeys(_CLASSES, "DOUBLE")
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

_FIRST: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # the ledger's times are UTC without saying so
_LAST: Final = datetime(9999, 1, 1)  # noqa: DTZ001  # likewise
_MOST: Final = 2**62
_DAY_US: Final = 86_400_000_000
# The most specific price counts; what has none of its own costs what the wider class does.
_FALLBACKS: Final = {
    "input": ("input_mtok",),
    "cache_read": ("cache_read_mtok", "input_mtok"),
    "cache_write_5m": ("cache_write_mtok", "input_mtok"),
    "cache_write_1h": ("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
    "output": ("output_mtok",),
    "reasoning": ("output_reasoning_mtok", "output_mtok"),
}

Prices = dict[str, float | None]
Entry = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Sold:
    """What a ledger has attempts of."""

    provider: str
    model: str
    tier: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    """When and for which prompts prices count; fields as in `COLUMNS`."""

    since: datetime = _FIRST
    until: datetime = _LAST
    from_us: int = 0
    to_us: int = _DAY_US
    over_tokens: int = -1
    upto_tokens: int = _MOST


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
    return [row for one in sold for row in _entries(one, pricing)]


def _entries(sold: _Sold, pricing: Pricing) -> Iterator[Entry]:
    """Return the rows of one model, in the order of `COLUMNS`."""
    found = listed(pricing.provider(sold.provider).base or sold.provider, sold.model)
    names = (sold.provider, sold.model, sold.tier)
    if found is None:
        unknown: Prices = dict.fromkeys(_CLASSES)
        paid = _paid(unknown, sold, pricing)
        if paid["input"] is not None:
            yield (*names, *_bounds(_Row()), unknown, paid, "[pricing]")
        return
    for row in _periods(found):
        inside = row.since + timedelta(microseconds=row.from_us)
        for step, prices in _steps(found.prices(inside.replace(tzinfo=UTC), sold.tier), row):
            yield (*names, *_bounds(step), prices, _paid(prices, sold, pricing), found.source)


def _bounds(row: _Row) -> tuple[object, ...]:
    return (row.since, row.until, row.from_us, row.to_us, row.over_tokens, row.upto_tokens)


def _periods(found: Listed) -> Iterator[_Row]:
    """Return the periods and parts of the day in which a model's prices stay as they are."""
    days, times = found.edges()
    starts = [_FIRST, *(datetime.combine(day, time()) for day in sorted(days))]
    parts = sorted({0, *(_us(one) for one in times)})
    for since, until in pairwise([*starts, _LAST]):
        for from_us, to_us in pairwise([*parts, _DAY_US]):
            yield _Row(since, until, from_us, to_us)


def _us(moment: time) -> int:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds * 1_000_000 + moment.microsecond


def _steps(found: "ModelPrice", row: _Row) -> Iterator[tuple[_Row, Prices]]:
    """Return the sizes of prompts between which prices stay as they are, with the prices."""
    names = set(chain.from_iterable(_FALLBACKS.values()))
    starts = {tier.start for name in names for tier in getattr(getattr(found, name), "tiers", ())}
    for over, upto in pairwise([-1, *sorted(starts), _MOST]):
        prices = {
            name: _first(_price(found, one, upto) for one in order)
            for name, order in _FALLBACKS.items()
        }
        fee = found.requests_kcount
        prices["request"] = 0.0 if fee is None else float(fee) / 1000  # type: ignore[arg-type]  # no steps
        yield replace(row, over_tokens=over, upto_tokens=upto), prices


def _price(found: "ModelPrice", name: str, tokens: int) -> float | None:
    """Return a price for prompts of so many tokens."""
    price = getattr(found, name)
    reached = [tier.price for tier in getattr(price, "tiers", ()) if tokens > tier.start]
    base = getattr(price, "base", price)
    return None if base is None else float(reached[-1] if reached else base)


def _first(prices: Iterable[float | None]) -> float | None:
    return next((price for price in prices if price is not None), None)


def _paid(prices: Prices, sold: _Sold, pricing: Pricing) -> Prices:
    """Return what is paid where the list says `prices`."""
    said = pricing.provider(sold.provider)
    if said.billing in {"subscription", "free"}:
        return dict.fromkeys(_CLASSES, 0.0)  # one token more costs nothing
    factor, exception = said.factor(sold.model), said.of(sold.model)
    paid = {name: None if usd is None else usd * factor for name, usd in prices.items()}
    paid["request"] = paid["request"] or 0.0
    if exception is not None:
        paid |= exception.usd_per_million
        paid["reasoning"] = exception.usd_per_million.get("output", paid["reasoning"])
    wider = {name: paid["input"] for name in _CLASSES if name.startswith("cache_")}
    return paid | {name: usd for name, usd in wider.items() if paid[name] is None}
