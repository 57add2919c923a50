"""The price book against the library it wraps, and what is paid of list prices."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from genai_prices.data import providers

from analysis import Selection
from analysis.prices.frame import BOOK, price_book, with_prices
from proxy.price_list import LIST_PRICES, ModelPricing, Pricing, ProviderPricing
from tests.analysis.ledgers import Row, ledger_of
from tests.analysis.prices.usages import attempts, reference

SONNET = "claude-sonnet-4-5"
MILLION: Row = {
    "provider": "relay",
    "model_sent": SONNET,
    "prompt_tokens": 100_000,
    "cache_read_tokens": 50_000,
    "cache_write_tokens": 20_000,
    "cache_write_1h_tokens": 10_000,
    "output_tokens": 1_000,
}
LIST_USD = 0.3 * 0.3 + 0.05 * 0.3 + 0.01 * 3.75 + 0.01 * 6 + 0.001 * 15


def test_equal_to_the_library_on_every_row(tmp_path: Path) -> None:
    rows = attempts(20_000)
    with ledger_of(tmp_path, attempts=rows) as ledger:
        with_prices(ledger, LIST_PRICES)
        began = time.perf_counter()
        found = ledger.ask("priced").sort("request_id")
        print(f"20,000 rows priced in {time.perf_counter() - began:.3f} s")  # noqa: T201
    known = 0
    for row, usd in zip(rows, found["list_usd"].to_list(), strict=True):
        wanted = reference(row)
        known += wanted is not None
        assert usd == (None if wanted is None else pytest.approx(wanted, abs=1e-9)), row
    assert known > 17_000  # the others are models without a price for tokens
    assert found["paid_usd"].equals(found["list_usd"])


def test_each_attempt_finds_at_most_one_row(tmp_path: Path) -> None:
    rows = attempts(300, seed=2)
    with ledger_of(tmp_path, attempts=rows) as ledger:
        with_prices(ledger, LIST_PRICES)
        assert len(ledger.ask("priced")) == len(rows)
        assert price_book(ledger, LIST_PRICES).schema == BOOK


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"cache_read_tokens": 90_000}, id="more was cached than there was"),
        pytest.param({"cache_write_1h_tokens": 30_000}, id="more for an hour than was written"),
        pytest.param({"prompt_tokens": None}, id="a prompt of unknown size"),
        pytest.param({"model_sent": "no-such-model"}, id="a model that nobody knows"),
        pytest.param({"model_sent": None}, id="no model"),
    ],
)
def test_unknown_is_null_and_never_zero(changed: Row, tmp_path: Path) -> None:
    with ledger_of(tmp_path, attempts=[MILLION | changed]) as ledger:
        with_prices(ledger, LIST_PRICES)
        assert ledger.ask("priced").select("list_usd", "paid_usd").rows() == [(None, None)]


@pytest.mark.parametrize(
    ("pricing", "list_usd", "paid_usd"),
    [
        pytest.param(ProviderPricing(), LIST_USD, LIST_USD, id="nothing is said"),
        pytest.param(ProviderPricing(multiplier=0.3), LIST_USD, LIST_USD * 0.3, id="a part of it"),
        pytest.param(
            ProviderPricing(multiplier=7.2, top_up_ratio=7.2),
            LIST_USD,
            LIST_USD,
            id="credits that are cheap",
        ),
        pytest.param(ProviderPricing(billing="subscription"), LIST_USD, 0.0, id="a subscription"),
        pytest.param(
            ProviderPricing(
                multiplier=0.3,
                models=(
                    ModelPricing("claude-*", usd_per_million={"cache_read": 0.0, "output": 10}),
                ),
            ),
            LIST_USD,
            (LIST_USD - 0.05 * 0.3 - 0.001 * 15) * 0.3 + 0.01,
            id="prices of some classes, whatever the list says",
        ),
        pytest.param(
            ProviderPricing(base="no-such-vendor"), LIST_USD, LIST_USD, id="a base nobody knows"
        ),
    ],
)
def test_what_is_paid(
    pricing: ProviderPricing, list_usd: float, paid_usd: float, tmp_path: Path
) -> None:
    with ledger_of(tmp_path, attempts=[MILLION]) as ledger:
        with_prices(ledger, Pricing(providers={"relay": pricing}))
        found = ledger.ask("priced")
    assert found["list_usd"].item() == pytest.approx(list_usd)
    assert found["paid_usd"].item() == pytest.approx(paid_usd)


def test_a_price_of_ones_own_where_no_list_has_any(tmp_path: Path) -> None:
    said = ModelPricing("mine", usd_per_million={"input": 1.0, "output": 2.0, "cache_read": 0.1})
    row = MILLION | {"model_sent": "mine", "cache_write_tokens": 0, "cache_write_1h_tokens": 0}
    with ledger_of(tmp_path, attempts=[row]) as ledger:
        with_prices(ledger, Pricing(providers={"relay": ProviderPricing(models=(said,))}))
        found = ledger.ask("priced")
    assert found["list_usd"].item() is None
    assert found["paid_usd"].item() == pytest.approx(0.05 + 0.005 + 0.002)
    assert found["price_source"].item() == "[pricing]"


def test_only_models_of_the_selection_are_looked_up(tmp_path: Path) -> None:
    with ledger_of(tmp_path, attempts=[MILLION]) as ledger:
        assert price_book(ledger, LIST_PRICES, Selection(provider="other")).is_empty()


@pytest.mark.parametrize(
    ("tokens", "usd"),
    [
        pytest.param(0, 0.0, id="nothing"),
        pytest.param(200_000, 0.6, id="the last of a step"),
        pytest.param(200_001, 1.200006, id="the first of the next"),
    ],
)
def test_steps_of_the_size_of_a_prompt(tokens: int, usd: float, tmp_path: Path) -> None:
    row: Row = {"provider": "x", "model_sent": SONNET, "prompt_tokens": tokens, "output_tokens": 0}
    with ledger_of(tmp_path, attempts=[row]) as ledger:
        with_prices(ledger, LIST_PRICES)
        assert ledger.ask("costs")["list_usd"].to_list() == [pytest.approx(usd)]


def test_an_empty_ledger_has_no_prices(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        with_prices(ledger, LIST_PRICES)
        assert ledger.ask("priced").is_empty()


def test_rows_of_one_model_do_not_overlap(tmp_path: Path) -> None:
    """Every moment and every size of prompt is in one row: no gap and no overlap, by measure."""
    names = [m.id for p in providers if p.id == "deepseek" for m in p.models]
    rows: list[Row] = [
        {"provider": "deepseek", "model_sent": name, "prompt_tokens": 1} for name in names
    ]
    with ledger_of(tmp_path, attempts=rows) as ledger:
        book = price_book(ledger, LIST_PRICES)
    whole = (datetime(9999, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(
        days=1
    )
    area = book.group_by("model").agg(
        (
            (pl.col("until") - pl.col("since")).dt.total_days()
            * (pl.col("to_us") - pl.col("from_us"))
        )
        .sum()
        .alias("area")
    )
    assert area["area"].to_list() == pytest.approx([whole * 86_400_000_000] * len(names))
