"""List prices: ours, theirs, and how a model is found."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers

from proxy.price_list import listed
from proxy.price_list.lists import _lists

AT = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("provider", "model", "prompt", "usd"),
    [
        pytest.param("alibaba", "qwen3-coder-plus", 32_000, "0.032", id="the first step"),
        pytest.param("alibaba", "qwen3-coder-plus", 32_001, "0.0576018", id="a token more"),
        pytest.param("dashscope", "qwen3-max-2025-09-23", 1000, "0.0012", id="a dated name"),
        pytest.param("relay", "qwen/qwen-flash", 300_000, "0.075", id="of a relay"),
        pytest.param("relay", "qwen-flash", 1000, "0.00005", id="found by its maker"),
    ],
)
def test_the_overlay_fills_holes(provider: str, model: str, prompt: int, usd: str) -> None:
    found = listed(provider, model)
    assert found is not None
    assert found.source.startswith("overlay: ")
    assert "read 2026-11-25" in found.source
    cost = found.cost(Usage(input_tokens=prompt, output_tokens=0), AT)
    assert cost.total_price == Decimal(usd)


@pytest.mark.parametrize("model", ["qwen3-coder-plusplus", "qwen3-vl-plus", "some-model"])
def test_nobody_guesses(model: str) -> None:
    found = listed("relay", model)
    assert found is None or not found.source.startswith("overlay: ")


def test_an_old_name_costs_what_the_new_one_does() -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=0)
    for at, usd in (
        (datetime(2026, 1, 1, tzinfo=UTC), "0.28"),
        (datetime(2026, 10, 20, 2, tzinfo=UTC), "0.3"),  # dear hours
        (AT, "0.15"),
    ):
        found = listed("deepseek", "deepseek-chat")
        assert found is not None
        assert found.cost(usage, at).total_price == Decimal(usd)


def test_all_else_is_as_in_the_lists() -> None:
    ours = {"deepseek-chat", "deepseek-reasoner"}
    usage = Usage(input_tokens=1000, output_tokens=10)
    for provider in providers:
        for model in provider.models[:40]:
            found = listed(provider.id, model.id)
            if found is None or model.id in ours or found.source.startswith("overlay"):
                continue
            try:
                theirs = calc_price(
                    usage, model.id, provider_id=provider.id, genai_request_timestamp=AT
                )
            except LookupError:  # its id is no name of it there: we found it with its maker
                continue
            assert found.cost(usage, AT).total_price == theirs.total_price


def test_no_entry_is_one_that_the_lists_have() -> None:
    lists, sources = _lists()
    known = {vendor.id: {model.id for model in vendor.models} for vendor in providers}
    fills = [key.split("/") for key in sources]
    assert [v for v, m in fills if v == "alibaba" and m in known.get("alibaba", set())] == []
    assert len(lists.providers) == len(providers) + 1
