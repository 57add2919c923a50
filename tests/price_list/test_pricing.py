"""What is really paid: which saying counts."""

from datetime import date

import pytest

from proxy.price_list import LIST_PRICES, ModelPricing, Pricing, ProviderPricing, Rate

RELAY = ProviderPricing(
    multiplier=0.3,
    models=(
        ModelPricing("claude-*", multiplier=0.4),
        ModelPricing("Claude-Opus-5", multiplier=0.5),
        ModelPricing("claude-opus-*", multiplier=0.6),
        ModelPricing("*-mini", usd_per_million={"input": 0.1}),
    ),
)


@pytest.mark.parametrize(
    ("pricing", "model", "factor"),
    [
        pytest.param(RELAY, "gpt-6", 0.3, id="the provider's own"),
        pytest.param(RELAY, "claude-haiku-5", 0.4, id="a pattern that fits"),
        pytest.param(RELAY, "claude-opus-4", 0.6, id="the last of two"),
        pytest.param(RELAY, "claude-opus-5", 0.5, id="its very name before any pattern"),
        pytest.param(RELAY, "gpt-6-mini", 0.3, id="prices alone leave the multiplier"),
        pytest.param(ProviderPricing(), "gpt-6", 1.0, id="nothing is said"),
        pytest.param(ProviderPricing(billing="subscription"), "x", 0.0, id="a subscription"),
        pytest.param(ProviderPricing(billing="free"), "x", 0.0, id="what is free"),
        pytest.param(ProviderPricing(billing="prepaid"), "x", 1.0, id="prepaid is paid as well"),
        pytest.param(
            ProviderPricing(multiplier=7.2, top_up_ratio=7.2), "x", 1.0, id="credits are not USD"
        ),
    ],
)
def test_factor(pricing: ProviderPricing, model: str, factor: float) -> None:
    assert pricing.factor(model) == pytest.approx(factor)


def test_without_a_rate_amounts_stay_in_usd() -> None:
    old = Rate("USD", "EUR", 0.9, date(2026, 1, 1))
    new = Rate("USD", "EUR", 0.92, date(2026, 10, 1))
    pricing = Pricing(currency="EUR", rates=(old, new))
    assert pricing.rate(date(2025, 12, 31)) is None
    assert pricing.rate(date(2026, 9, 30)) == old
    assert pricing.rate(date(2026, 10, 1)) == new
    assert LIST_PRICES.rate(date(2026, 10, 1)) is None
    assert LIST_PRICES.provider("any") == ProviderPricing()
