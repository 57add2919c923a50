"""What may stand in `[pricing]` and in the tables in it."""

from datetime import date
from typing import Annotated, Final, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from proxy.config.problems import Want, Wrong, one_of, quoted
from proxy.config.tables import Label, ModelPattern, Table, known
from proxy.price_list import Billing
from proxy.price_list.pricing import CLASSES

BILLINGS: Final[tuple[str, ...]] = get_args(Billing)
_FACTOR: Final = "a number above 0, as in 0.3"


def _currency(text: str) -> str:
    if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper():  # noqa: PLR2004  # ISO 4217
        return text
    raise Wrong(quoted(text), 'three capital letters, as in "EUR"')


def _another(text: str, info: ValidationInfo) -> str:
    if text == info.data.get("from_"):
        raise Wrong(f"{quoted(text)} on both sides", "two currencies")
    return text


Currency = Annotated[str, AfterValidator(_currency), Want('a currency, as in "EUR"')]
Factor = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False), Want(_FACTOR)]
BillingName = Annotated[Billing, BeforeValidator(known(BILLINGS)), Want(one_of(BILLINGS))]
UsdPerMillion = Annotated[
    float | None,
    Field(ge=0, le=1e6, allow_inf_nan=False),
    Want("USD for a million tokens, at least 0"),
]


class RateTable(Table):
    """One of `fx`: what a currency was worth on a day."""

    from_: Annotated[Currency, Field(alias="from"), Want('a currency, as in "USD"')]
    to: Annotated[Currency, AfterValidator(_another), Want('a currency, as in "EUR"')]
    rate: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False), Want("a number above 0")]
    as_of: Annotated[date, Want("a date without quotes, as in 2026-10-01")]


class ModelPricingTable(Table):
    """`[[pricing.provider.<name>.model]]`: what some models of it cost."""

    match: Annotated[ModelPattern, Want('the name of a model, as in "claude-*"')]
    multiplier: Annotated[Factor | None, Want(_FACTOR)] = None
    input: UsdPerMillion = None
    cache_read: UsdPerMillion = None
    cache_write_5m: UsdPerMillion = None
    cache_write_1h: UsdPerMillion = None
    output: UsdPerMillion = None

    @model_validator(mode="after")
    def _says_something(self) -> "ModelPricingTable":
        if len(self.given()) == 1:
            raise Wrong("no price", f"a multiplier, or a price for one of {', '.join(CLASSES)}")
        return self


class ProviderPricingTable(Table):
    """`[pricing.provider.<name>]`."""

    base: Annotated[Label | None, Want('a vendor whose list counts, as in "anthropic"')] = None
    multiplier: Annotated[Factor | None, Want(_FACTOR)] = None
    billing: BillingName = "api"
    top_up_ratio: Annotated[Factor, Want("credits for one paid USD, above 0")] = 1.0
    model: Annotated[
        list[ModelPricingTable],
        Want(
            "tables, each as in [[pricing.provider.relay.model]]",
            "a table",
            tables=ModelPricingTable,
        ),
    ] = Field(default_factory=list)


class SubscriptionTable(Table):
    """`[pricing.subscription.<name>]`: a flat fee each month."""

    providers: Annotated[
        list[Label], Field(min_length=1), Want('a list of providers, as in ["main"]', "a name")
    ]
    monthly: Annotated[
        float, Field(ge=0, le=1e9, allow_inf_nan=False), Want("an amount of money, at least 0")
    ]
    currency: Currency = "USD"


class PricingTable(Table):
    """`[pricing]`, without the tables of providers and subscriptions in it."""

    currency: Currency = "USD"
    fx: Annotated[
        list[RateTable],
        Want(
            'tables, as in { from = "USD", to = "EUR", rate = 0.92, as_of = 2026-10-01 }',
            "a table",
            tables=RateTable,
        ),
    ] = Field(default_factory=list)
