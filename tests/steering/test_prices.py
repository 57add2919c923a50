"""What answers cost by the lists that are bundled, at dates whose prices stay as they are."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from proxy.canonical import Usage
from proxy.steering.prices import cost_usd, list_price

SONNET = "claude-sonnet-4-5-20250929"
AT = round(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1e6)
PLAIN = Usage(prompt=1000, output=100)
CACHED = Usage(
    prompt=50_000,
    uncached_input=1000,
    cache_read=45_000,
    cache_write=4000,
    cache_write_5m=1000,
    cache_write_1h=3000,
    output=800,
)
OPUS = "claude-opus-4-6"


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        pytest.param("anthropic", SONNET, PLAIN, 0.0045, id="a vendor"),
        pytest.param("relay", SONNET, PLAIN, 0.0045, id="of a relay, what the maker charges"),
        pytest.param("relay", "anthropic/" + SONNET, PLAIN, 0.0045, id="a name with its maker"),
        pytest.param(
            "openrouter", SONNET, PLAIN, 0.0045, id="a vendor that calls the model otherwise"
        ),
        pytest.param(
            "anthropic", SONNET, CACHED, 0.05025, id="reads and writes of a cache, by lifetime"
        ),
        pytest.param(
            "anthropic",
            SONNET,
            Usage(prompt=4000, cache_write_1h=3000, output=0),
            0.003 + 0.018,
            id="writes that are told by lifetime only",
        ),
        pytest.param(
            "anthropic", SONNET, Usage(prompt=200_000, output=0), 0.6, id="a prompt of 200,000"
        ),
        pytest.param(
            "anthropic", SONNET, Usage(prompt=200_001, output=0), 1.200006, id="a token more"
        ),
        pytest.param("anthropic", SONNET, Usage(prompt=1000), 0.003, id="an answer that broke off"),
        pytest.param("anthropic", SONNET, Usage(output=100), None, id="a prompt of unknown size"),
        pytest.param("anthropic", SONNET, Usage(), None, id="nothing is known"),
        pytest.param(
            "anthropic",
            SONNET,
            Usage(prompt=10, cache_read=20, output=1),
            None,
            id="usage that contradicts itself",
        ),
        pytest.param("relay", "some-model", PLAIN, None, id="a model that nobody knows"),
        pytest.param("anthropic", "claude-0-0", PLAIN, None, id="one that its maker does not know"),
        pytest.param("openai", "text-embedding-3-small", PLAIN, None, id="output without a price"),
    ],
)
def test_cost(provider: str, model: str, usage: Usage, usd: float | None) -> None:
    found = cost_usd(provider, model, usage, AT)
    assert found == (None if usd is None else pytest.approx(usd))


@pytest.mark.parametrize(("month", "usd"), [(3, 2.5375), (4, 1.275)])
def test_prices_change(month: int, usd: float) -> None:
    at_us = round(datetime(2026, month, 1, tzinfo=UTC).timestamp() * 1e6)
    usage = Usage(prompt=250_000, output=1000)
    assert cost_usd("anthropic", OPUS, usage, at_us) == pytest.approx(usd)


def test_without_a_question_nothing_is_loaded() -> None:
    code = "import proxy.steering.prices, sys; print('genai_prices' in sys.modules)"
    ran = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


def test_models_without_number_are_not_all_remembered() -> None:
    assert list_price.cache_info().maxsize == 1024
