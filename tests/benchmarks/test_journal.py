"""What the ledger costs where requests are served: two lines for each, none of them waited for."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy.ledger.journal import Journal
from tests.benchmarks.bench import Bench, percentile
from tests.ledger.entries import entry, journal, request_id

ROUNDS = 5000


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Journal]:
    written = journal(tmp_path)
    yield written
    written.close()
    assert (written.dropped, written.last_error) == (0, None)


@pytest.mark.benchmark(timer=time.perf_counter, group="journal")
def test_opened(written: Journal, benchmark: Bench) -> None:
    numbers = itertools.count()
    measure(
        benchmark, "opened", lambda: written.opened(request_id(next(numbers)), 1, "/v1/messages")
    )


@pytest.mark.benchmark(timer=time.perf_counter, group="journal")
def test_write(written: Journal, benchmark: Bench) -> None:
    one = entry(1, attempts=1)
    measure(benchmark, "write", lambda: written.write(one))


def measure(benchmark: Bench, name: str, action: Callable[[], None]) -> None:
    benchmark.extra_info.update(kind="journal", part=name)
    benchmark.pedantic(action, rounds=ROUNDS, warmup_rounds=100)
    if benchmark.enabled:
        benchmark.extra_info["p99_us"] = percentile(benchmark.stats.stats, 0.99) * 1e6
