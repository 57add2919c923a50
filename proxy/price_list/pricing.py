"""What is really paid, as the user says: `[pricing]` of the configuration. Knows no list.

Which saying counts for a model of a provider: of the provider's `[[…model]]` tables one that names
it exactly, else the last whose pattern fits, else the provider's own, else the list price.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from proxy.routing.globs import matches_any

Billing = Literal["api", "prepaid", "subscription", "free"]
CLASSES: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


@dataclass(frozen=True, slots=True)
class ModelPricing:
    """What one provider charges for the models that `match`.

    Attributes:
        match: Their names as sent, `*` for any text.
        multiplier: Of the list price; `None`: the provider's.
        usd_per_million: What is paid for a class of tokens, whatever the list says.
    """

    match: str
    multiplier: float | None = None
    usd_per_million: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProviderPricing:
    """What one provider charges.

    Attributes:
        base: Whose list prices; `None`: its own, or those of the model's maker.
        multiplier: Of them, for every class of tokens.
        billing: Of a subscription or what is free, one more token costs nothing.
        top_up_ratio: Credits that one paid USD buys; apart from the multiplier, which says how many
            credits are asked for.
        models: Exceptions.
    """

    base: str | None = None
    multiplier: float = 1.0
    billing: Billing = "api"
    top_up_ratio: float = 1.0
    models: tuple[ModelPricing, ...] = ()

    def of(self, model: str) -> ModelPricing | None:
        """Return the exception that counts for a model."""
        exact = [one for one in self.models if one.match.lower() == model.lower()]
        fitting = exact or [one for one in self.models if matches_any([one.match], model)]
        return fitting[-1] if fitting else None

    def factor(self, model: str) -> float:
        """Return what the list price of a model is multiplied by to give what is paid."""
        if self.billing in {"subscription", "free"}:
            return 0.0
        exception = self.of(model)
        own = exception.multiplier if exception is not None else None
        return (self.multiplier if own is None else own) / self.top_up_ratio


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `source` was worth `rate` of `target` on a day."""

    source: str
    target: str
    rate: float
    as_of: date


@dataclass(frozen=True, slots=True)
class Subscription:
    """A flat fee each month for some providers: shown apart, never as the price of a token."""

    name: str
    providers: tuple[str, ...]
    monthly: float
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Pricing:
    """All of `[pricing]`; without it, what is paid is the list price.

    Attributes:
        currency: To show amounts in, where a rate is known; all else is USD.
        rates: Oldest first.
        providers: By name.
        subscriptions: Flat fees.
    """

    currency: str = "USD"
    rates: tuple[Rate, ...] = ()
    providers: Mapping[str, ProviderPricing] = field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()

    def provider(self, name: str) -> ProviderPricing:
        """Return what a provider charges."""
        return self.providers.get(name, ProviderPricing())

    def rate(self, day: date) -> Rate | None:
        """Return the newest rate from USD to the currency as of a day; `None`: USD are shown."""
        known = [
            one
            for one in self.rates
            if one.source == "USD" and one.target == self.currency and one.as_of <= day
        ]
        return max(known, key=lambda one: one.as_of) if known else None


LIST_PRICES: Final = Pricing()
"""Of who says nothing."""
