"""Each metric over a made-up ledger of a million requests, from the question to the last interval.

Another size is chosen by POINTSMAN_BENCH_ROWS, a ledger that is there already by
POINTSMAN_BENCH_LEDGER: ten million take ten minutes to make. Where benchmarks are disabled the
ledger is small, and nothing is judged.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import Ledger, measure, open_ledger
from analysis.metrics import METRICS
from proxy.ledger.synth import Wish, synth
from tests.benchmarks.bench import Bench

MILLION = 1_000_000
ROWS = int(os.environ.get("POINTSMAN_BENCH_ROWS", str(MILLION)))
HOURLY_S = 0.2 if ROWS <= MILLION else 1.0
METRIC_S = 2.0 * max(ROWS / MILLION, 1)
OPEN_S = 0.5


@pytest.fixture(scope="module")
def ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    given = os.environ.get("POINTSMAN_BENCH_LEDGER")
    folder = Path(given) if given else tmp_path_factory.mktemp("made")
    if not given:
        rows = ROWS if request.config.getoption("benchmark_enable") else 2_000
        for _ in synth(folder, Wish(requests=rows, days=120 if rows > MILLION else 30)):
            pass
    with open_ledger(folder) as opened:
        yield opened


def test_hourly_success_by_provider(benchmark: Bench, ledger: Ledger) -> None:
    found = benchmark.pedantic(lambda: ledger.ask("success"), rounds=5, warmup_rounds=1)
    assert set(found["provider"]) >= {"main", "relay"}
    if benchmark.enabled:
        assert min(benchmark.stats.stats.data) < HOURLY_S


@pytest.mark.parametrize("name", METRICS)
def test_metric(benchmark: Bench, ledger: Ledger, name: str) -> None:
    found = benchmark.pedantic(lambda: measure(ledger, name), rounds=3, warmup_rounds=1)
    assert not found.is_empty()
    if benchmark.enabled:
        assert min(benchmark.stats.stats.data) < METRIC_S


def test_opening(benchmark: Bench, ledger: Ledger) -> None:
    def opened() -> int:
        with open_ledger(ledger.source.place) as again:
            return len(again.relation("requests").columns)

    assert benchmark.pedantic(opened, rounds=5, warmup_rounds=1) > 50
    if benchmark.enabled:
        assert min(benchmark.stats.stats.data) < OPEN_S
