"""What the lists say of one model: its prices in each period, part of the day and size of prompt.

How genai-prices decides at a moment is not written again here: it is asked once within each of
those. Loads the lists, which takes its time: `kept` remembers what was found.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

import msgspec

from proxy.price_list import Listed, listed

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

CLASSES: Final = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "request",
)

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


class Named(msgspec.Struct, frozen=True):
    """A model as a ledger has it: with whose prices, and for which service tier."""

    vendor: str
    model: str
    tier: str | None


class Bounds(msgspec.Struct, frozen=True):
    """When and for which prompts prices count; fields as in `book.COLUMNS`."""

    since: datetime = _FIRST
    until: datetime = _LAST
    from_us: int = 0
    to_us: int = _DAY_US
    over_tokens: int = -1
    upto_tokens: int = _MOST


class Step(msgspec.Struct, frozen=True):
    """Prices that stay as they are within their bounds."""

    bounds: Bounds
    prices: Prices


class Found(msgspec.Struct, frozen=True):
    """A model that a list has, and which list."""

    source: str
    steps: tuple[Step, ...]


def found(named: Named) -> Found | None:
    """Return what the lists say of a model; `None` if they do not have it."""
    known = listed(named.vendor, named.model)
    if known is None:
        return None
    steps = (
        step
        for period in _periods(known)
        for step in _steps(known.prices(_inside(period), named.tier), period)
    )
    return Found(known.source, tuple(steps))


def _inside(period: Bounds) -> datetime:
    return (period.since + timedelta(microseconds=period.from_us)).replace(tzinfo=UTC)


def _periods(found: Listed) -> Iterator[Bounds]:
    """Return the periods and parts of the day in which a model's prices stay as they are."""
    days, times = found.edges()
    starts = [_FIRST, *(datetime.combine(day, time()) for day in sorted(days))]
    parts = sorted({0, *(_us(one) for one in times)})
    for since, until in pairwise([*starts, _LAST]):
        for from_us, to_us in pairwise([*parts, _DAY_US]):
            yield Bounds(since, until, from_us, to_us)


def _us(moment: time) -> int:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds * 1_000_000 + moment.microsecond


def _steps(found: "ModelPrice", period: Bounds) -> Iterator[Step]:
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
        yield Step(msgspec.structs.replace(period, over_tokens=over, upto_tokens=upto), prices)


def _price(found: "ModelPrice", name: str, tokens: int) -> float | None:
    """Return a price for prompts of so many tokens."""
    price = getattr(found, name)
    reached = [tier.price for tier in getattr(price, "tiers", ()) if tokens > tier.start]
    base = getattr(price, "base", price)
    return None if base is None else float(reached[-1] if reached else base)


def _first(prices: Iterable[float | None]) -> float | None:
    return next((price for price in prices if price is not None), None)
