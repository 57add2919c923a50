"""Time to the first byte of a stream's body at 20 requests a second: what a person waits for."""

import sys
import time

import pytest

from tests.benchmarks.bench import Bench, percentile
from tests.benchmarks.load import Load
from tests.benchmarks.workloads import STREAM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROUNDS = 200
EVERY_S = 0.05


@pytest.mark.benchmark(group="time to first byte of a stream")
@pytest.mark.parametrize("subject", ["upstream", "floor", "proxy"])
def test_time_to_first_byte(load: Load, subject: str, benchmark: Bench) -> None:
    question = STREAM.question
    benchmark.extra_info.update(kind="first_byte", subject=subject)

    def rest() -> None:
        load.rest(question)
        if benchmark.enabled:
            time.sleep(EVERY_S)

    benchmark.pedantic(
        lambda: load.to_first_byte(question), teardown=rest, rounds=ROUNDS, warmup_rounds=5
    )
    if benchmark.enabled:
        benchmark.extra_info["p99_ms"] = percentile(benchmark.stats.stats, 0.99) * 1e3
