"""The section `[pricing]`: what is really paid."""

from collections.abc import Mapping

from proxy.config.pricing_tables import (
    ModelPricingTable,
    PricingTable,
    ProviderPricingTable,
    SubscriptionTable,
)
from proxy.config.problems import Key, shown
from proxy.config.sections import Sections
from proxy.price_list import ModelPricing, Pricing, ProviderPricing, Rate, Subscription
from proxy.price_list.pricing import CLASSES


def pricing(sections: Sections) -> Pricing:
    """Return what the file says of prices; of use only if no problem was noted.

    A provider's `price_factor` is its multiplier where `[pricing]` names none.
    """
    raw = sections.named("pricing")
    inside = {"provider", "subscription"}
    plain = {name: value for name, value in raw.items() if name not in inside}
    table = sections.table(PricingTable, ("pricing",), plain) or PricingTable()
    return Pricing(
        currency=table.currency,
        rates=tuple(
            sorted(
                (Rate(one.from_, one.to, one.rate, one.as_of) for one in table.fx),
                key=lambda one: one.as_of,
            )
        ),
        providers=_providers(sections, raw),
        subscriptions=_subscriptions(sections, raw),
    )


def _providers(sections: Sections, raw: Mapping[str, object]) -> dict[str, ProviderPricing]:
    factors = _factors(sections)
    found = {name: ProviderPricing(multiplier=factor) for name, factor in factors.items()}
    for name, each in _tables(sections, raw, "provider").items():
        key = ("pricing", "provider", name)
        table = sections.table(ProviderPricingTable, key, each)
        if table is None:
            continue
        factor = factors.get(name)
        if table.multiplier is not None and factor not in {None, table.multiplier}:
            sections.note(
                (*key, "multiplier"),
                f"{table.multiplier:g} beside providers.{name}.price_factor, which is {factor:g}",
                "one of the two",
            )
        found[name] = ProviderPricing(
            base=table.base,
            multiplier=next(one for one in (table.multiplier, factor, 1.0) if one is not None),
            billing=table.billing,
            top_up_ratio=table.top_up_ratio,
            models=tuple(_model(one) for one in table.model),
        )
    return found


def _model(table: ModelPricingTable) -> ModelPricing:
    return ModelPricing(table.match, table.multiplier, table.given(*CLASSES))


def _subscriptions(sections: Sections, raw: Mapping[str, object]) -> tuple[Subscription, ...]:
    found = []
    for name, each in _tables(sections, raw, "subscription").items():
        table = sections.table(SubscriptionTable, ("pricing", "subscription", name), each)
        if table is not None:
            providers = tuple(table.providers)
            found.append(Subscription(name, providers, table.monthly, table.currency))
    return tuple(found)


def _tables(sections: Sections, raw: Mapping[str, object], part: str) -> dict[str, object]:
    """Return the tables of a part whose names the user chose."""
    found = raw.get(part, {})
    if isinstance(found, dict):
        return found
    key: Key = ("pricing", part)
    sections.note(key, shown(found), f"tables, each as in [pricing.{part}.NAME]")
    return {}


def _factors(sections: Sections) -> dict[str, float]:
    """Return the `price_factor` of each provider that has one; what is wrong is told elsewhere."""
    found: dict[str, float] = {}
    raw = sections.raw.get("providers")
    for name, table in raw.items() if isinstance(raw, dict) else ():
        factor = table.get("price_factor") if isinstance(table, dict) else None
        if isinstance(factor, int | float) and not isinstance(factor, bool):
            found[name] = float(factor)
    return found
