"""Finds the list price of a model: in our own overlay, then in genai-prices."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, PriceCalculation, TieredPrices, Usage
    from genai_prices.types import Provider as Vendor


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Prices(_Table):
    """USD for a million tokens, up to a prompt of `to` tokens, or of any size."""

    to: int | None = None
    input_mtok: Decimal
    output_mtok: Decimal
    cache_read_mtok: Decimal | None = None
    cache_write_mtok: Decimal | None = None


class _Period(_Table):
    """Prices from a day on; or those of another model, whose own changes count."""

    since: date | None = None
    like: str | None = None
    tiers: Annotated[list[_Prices], Field(default_factory=list)]


class _Entry(_Table):
    """A model that the lists do not have, or have wrong."""

    models: list[str]
    source: str
    read: date  # when the source was
    evidence: str  # documented, measured, assumed
    periods: list[_Period]


class _Vendor(_Table):
    """`[[vendor]]` of the overlay."""

    id: str
    names: list[str]  # that a provider of it may have in the configuration
    entry: list[_Entry]


class _Overlay(_Table):
    vendor: list[_Vendor]


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as a price list has it, and which list."""

    vendor: "Vendor"
    model: "ModelInfo"
    source: str

    def cost(self, usage: "Usage", at: datetime | None) -> "PriceCalculation":
        """Return what `usage` costs at a time, now if `None`.

        Raises:
            ValueError: It contradicts itself.
        """
        return self.model.calc_price(usage, self.vendor, genai_request_timestamp=at)

    def edges(self) -> tuple[set[date], set[time]]:
        """Return the days and the times of day (UTC) at which its prices may change."""
        from genai_prices import types  # noqa: PLC0415  # loaded already: it made this model

        several = self.model.prices if isinstance(self.model.prices, list) else []
        conditions = [one.constraint for one in (*several, *(self.model.price_variants or ()))]
        days: set[date] = set()
        times: set[time] = set()
        for condition in conditions:
            if isinstance(condition, types.StartDateConstraint):
                days.add(condition.start_date)
            if isinstance(condition, types.TimeOfDateConstraint):
                times |= {condition.start_time, condition.end_time}
        return days, times

    def prices(self, at: datetime, tier: str | None = None) -> "ModelPrice":
        """Return the prices at a time, of the service tier that the provider says it served."""
        known = any(self.model is one for one in self.vendor.models)
        context = {"service_tier": tier, "processing": tier} if tier and known else None
        return self.model.get_prices(at, context)


def listed(vendor: str, model: str) -> Listed | None:
    """Look `model` up with `vendor`, then with its maker, then without what stands before it.

    Args:
        vendor: As the configuration calls the provider. Where that is no known vendor, or one
            without this model, the maker's list counts: of relays none is known.
        model: That was sent.
    """
    lists, ours = _lists()
    for name, ref in ((vendor, model), (None, model), (None, model.rpartition("/")[2])):
        try:
            found, info = lists.find_provider_model(ref, None, name, None)
        except LookupError:
            continue
        source = ours.get(f"{found.id}/{info.id}")
        return Listed(found, info, source or _theirs())
    return None


@cache
def _theirs() -> str:
    return f"genai-prices {version('genai-prices')}"


@cache
def _lists() -> tuple["DataSnapshot", dict[str, str]]:
    """Return all lists as one, and of what we added the source, by vendor and model."""
    from genai_prices.data import providers  # noqa: PLC0415  # 0.2 s, for who asks for prices
    from genai_prices.data_snapshot import DataSnapshot  # noqa: PLC0415  # the same

    text = resources.files("proxy.price_list").joinpath("overlay.toml").read_text("utf-8")
    overlay = _Overlay.model_validate(tomllib.loads(text))
    known = {vendor.id: vendor for vendor in providers}
    for vendor in overlay.vendor:
        known[vendor.id] = _mended(vendor, known.get(vendor.id))
    sources = {
        f"{vendor.id}/{name}": f"overlay: {entry.source}, read {entry.read}, {entry.evidence}"
        for vendor in overlay.vendor
        for entry in vendor.entry
        for name in entry.models
    }
    # New ones come first: a maker is found by the first whose models look so.
    new = [known.pop(one.id) for one in overlay.vendor if one.id not in {v.id for v in providers}]
    return DataSnapshot(providers=[*new, *known.values()], from_auto_update=False), sources


def _mended(ours: _Vendor, theirs: "Vendor | None") -> "Vendor":
    """Return a vendor with our models before its own."""
    from dataclasses import replace  # noqa: PLC0415  # beside the next, which waits

    from genai_prices import types  # noqa: PLC0415  # 0.2 s, for who asks for prices

    if theirs is None:
        names = types.ClauseOr([types.ClauseEquals(name) for name in (ours.id, *ours.names)])
        makes = types.ClauseOr(
            [types.ClauseStartsWith(n) for one in ours.entry for n in one.models]
        )
        theirs = types.Provider(
            id=ours.id, name=ours.id, api_pattern="(?!)", model_match=makes, provider_match=names
        )
    models = [_model(entry, name, theirs) for entry in ours.entry for name in entry.models]
    return replace(theirs, models=[*models, *theirs.models])


def _model(entry: _Entry, name: str, vendor: "Vendor") -> "ModelInfo":
    from genai_prices import types  # noqa: PLC0415  # 0.2 s, for who asks for prices

    conditions: list[Any] = []
    for period in entry.periods:
        start = None if period.since is None else types.StartDateConstraint(period.since)
        if period.like is None:
            conditions.append(types.ConditionalPrice(start, prices=_prices(period.tiers)))
            continue
        other = vendor.find_model(period.like)
        if other is None or isinstance(other.prices, types.ModelPrice):
            raise LookupError(f"overlay.toml: {name} is like {period.like}, which has no periods")
        first, *later = other.prices
        conditions += [types.ConditionalPrice(start, prices=first.prices), *later]
    # Dated names of a model are the model, and other models are not.
    match = types.ClauseRegex(rf"(?i)^{name.replace('.', '[.]')}(-latest|-\d{{4}}-?\d\d-?\d\d)?$")
    return types.ModelInfo(id=name, match=match, prices=conditions)


def _prices(tiers: list[_Prices]) -> "ModelPrice":
    from genai_prices import types  # noqa: PLC0415  # 0.2 s, for who asks for prices

    names = [n for n in _Prices.model_fields if n != "to" and getattr(tiers[0], n) is not None]
    return types.ModelPrice(**{name: _tiered(tiers, name) for name in names})


def _tiered(tiers: list[_Prices], name: str) -> "TieredPrices | Decimal":
    from genai_prices import types  # noqa: PLC0415  # 0.2 s, for who asks for prices

    first, *later = tiers
    if not later:
        price: Decimal = getattr(first, name)
        return price
    starts = [tier.to for tier in tiers if tier.to is not None]
    steps = [
        types.Tier(start, getattr(tier, name)) for start, tier in zip(starts, later, strict=True)
    ]
    return types.TieredPrices(getattr(first, name), steps)
