"""The section `[pricing]`."""

from datetime import date
from pathlib import Path

import pytest

from proxy.config import load, prices
from proxy.errors import ConfigError
from proxy.price_list import (
    LIST_PRICES,
    ModelPricing,
    Pricing,
    ProviderPricing,
    Rate,
    Subscription,
)
from tests.config.provider_cases import MAIN, QUEUES

WHOLE = """
[pricing]
currency = "EUR"
fx = [
  { from = "USD", to = "EUR", rate = 0.92, as_of = 2026-10-01 },
  { from = "USD", to = "EUR", rate = 0.9, as_of = 2026-01-01 },
]
[pricing.provider.relay]
base = "anthropic"
multiplier = 0.3
billing = "prepaid"
top_up_ratio = 7.2
[[pricing.provider.relay.model]]
match = "claude-opus-*"
multiplier = 0.45
[[pricing.provider.relay.model]]
match = "claude-haiku-*"
cache_write_5m = 0.0
cache_read = 0.08
[pricing.subscription.max]
providers = ["main"]
monthly = 100.0
[providers.other]
price_factor = 0.5
key = "${NOT_SET}"
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pointsman.toml"
    path.write_text(text)
    return path


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    assert prices(_file(tmp_path, WHOLE)) == Pricing(
        currency="EUR",
        rates=(
            Rate("USD", "EUR", 0.9, date(2026, 1, 1)),
            Rate("USD", "EUR", 0.92, date(2026, 10, 1)),
        ),
        providers={
            "other": ProviderPricing(multiplier=0.5),
            "relay": ProviderPricing(
                base="anthropic",
                multiplier=0.3,
                billing="prepaid",
                top_up_ratio=7.2,
                models=(
                    ModelPricing("claude-opus-*", multiplier=0.45),
                    ModelPricing(
                        "claude-haiku-*", usd_per_million={"cache_read": 0.08, "cache_write_5m": 0}
                    ),
                ),
            ),
        },
        subscriptions=(Subscription("max", ("main",), 100.0),),
    )


def test_without_a_file_or_a_section_list_prices_count(tmp_path: Path) -> None:
    assert prices(None) == LIST_PRICES
    assert prices(_file(tmp_path, "[server]\n")) == LIST_PRICES


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            '[pricing]\ncurrency = "euro"',
            'pricing.currency: found "euro", want three capital letters, as in "EUR"',
            id="a currency by its name",
        ),
        pytest.param(
            '[pricing]\nfx = [{ from = "USD", to = "USD", rate = 1.0, as_of = 2026-10-01 }]',
            'pricing.fx[0].to: found "USD" on both sides, want two currencies',
            id="a rate of a currency to itself",
        ),
        pytest.param(
            '[pricing]\nfx = [{ from = "USD", to = "EUR", rate = 0.9 }]',
            "pricing.fx[0].as_of: found nothing, want a date without quotes, as in 2026-10-01",
            id="a rate of no day",
        ),
        pytest.param(
            "[pricing.provider.relay]\nmultiplier = 0",
            "pricing.provider.relay.multiplier: found 0, want a number above 0, as in 0.3",
            id="a multiplier that would make everything free",
        ),
        pytest.param(
            '[pricing.provider.relay]\nbilling = "monthly"',
            'pricing.provider.relay.billing: found "monthly", '
            "want one of api, prepaid, subscription, free",
            id="billing that does not exist",
        ),
        pytest.param(
            "[pricing.provider.relay]\nfactor = 0.3",
            "pricing.provider.relay.factor: ",
            id="an unknown key",
        ),
        pytest.param(
            '[[pricing.provider.relay.model]]\nmatch = "claude-*"',
            "pricing.provider.relay.model[0]: found no price, want a multiplier, or a price for",
            id="a model without a price",
        ),
        pytest.param(
            "[providers.relay]\nprice_factor = 0.5\n[pricing.provider.relay]\nmultiplier = 0.3",
            "pricing.provider.relay.multiplier: found 0.3 beside providers.relay.price_factor, "
            "which is 0.5, want one of the two",
            id="two multipliers of one provider",
        ),
        pytest.param(
            "[pricing]\nprovider = 3",
            "pricing.provider: found 3, want tables, each as in [pricing.provider.NAME]",
            id="providers that are no tables",
        ),
        pytest.param(
            "[pricing.subscription.max]\nproviders = []\nmonthly = 100",
            "pricing.subscription.max.providers: found an empty list, want a list of providers",
            id="a fee for nobody",
        ),
    ],
)
def test_one_line_says_what_is_wrong(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        prices(_file(tmp_path, text))
    assert f"pointsman.toml: {says}" in str(raised.value)


def test_the_check_of_the_file_tells_it_too(tmp_path: Path) -> None:
    path = _file(tmp_path, f"{MAIN}{QUEUES}\n[pricing]\ncurrency = 3\n")
    with pytest.raises(ConfigError, match=r"pricing\.currency"):
        load(path, {"KEY": "s3cret"})
