"""Pricing 20,000 attempts of real models at any time: the join alone, the book is there."""

from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from analysis import Ledger
from analysis.prices import price_book, with_prices
from proxy.price_list import LIST_PRICES
from tests.analysis.ledgers import ledger_of
from tests.analysis.prices.usages import attempts

ROWS = 20_000
LIMIT_S = 0.1


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with ledger_of(tmp_path_factory.mktemp("priced"), attempts=attempts(ROWS)) as opened:
        with_prices(opened, LIST_PRICES)
        yield opened


def test_twenty_thousand_attempts(benchmark: BenchmarkFixture, ledger: Ledger) -> None:
    found = benchmark.pedantic(ledger.ask, args=("costs",), rounds=5, warmup_rounds=1)
    assert len(found) == ROWS
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min < LIMIT_S


def test_a_book_of_some_hundred_models(benchmark: BenchmarkFixture, ledger: Ledger) -> None:
    found = benchmark.pedantic(price_book, args=(ledger, LIST_PRICES), rounds=2, warmup_rounds=1)
    assert len(found) > 300
