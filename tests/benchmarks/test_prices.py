"""Pricing 20,000 attempts of real models at any time: the join alone, the book is there."""

from collections.abc import Iterator

import pytest

from analysis import Ledger
from analysis.prices.frame import price_book, with_prices
from proxy.price_list import LIST_PRICES
from tests.analysis.ledgers import ledger_of
from tests.analysis.prices.usages import attempts
from tests.benchmarks.bench import Bench

LIMIT_S = 0.1


@pytest.fixture(scope="module")
def ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    rows = attempts(20_000 if request.config.getoption("benchmark_enable") else 200)
    with ledger_of(tmp_path_factory.mktemp("priced"), attempts=rows) as opened:
        with_prices(opened, LIST_PRICES)
        yield opened


def test_twenty_thousand_attempts(benchmark: Bench, ledger: Ledger) -> None:
    found = benchmark.pedantic(lambda: ledger.ask("costs"), rounds=5, warmup_rounds=1)
    assert found["list_usd"].count() > len(found) / 2
    if benchmark.enabled:
        assert min(benchmark.stats.stats.data) < LIMIT_S


def test_a_book_of_some_hundred_models(benchmark: Bench, ledger: Ledger) -> None:
    found = benchmark.pedantic(lambda: price_book(ledger, LIST_PRICES), rounds=2, warmup_rounds=1)
    assert not found.is_empty()
