"""CPU of the proxy for a request and for a stream's event, beside the floor's, ledger on.

What pytest-benchmark takes for time is CPU time of the server's process and its children, divided
by the number of requests in a round: its columns are CPU per request.
"""

import sys
from collections.abc import Callable

import pytest

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load
from tests.benchmarks.process import Server
from tests.benchmarks.workloads import STREAM_EVENTS, WORKLOADS, Workload

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROUNDS = 9
FEW = 2  # requests are enough where nothing is measured


@pytest.fixture
def cpu_timer(
    request: pytest.FixtureRequest, served: Server, workload: Workload, concurrency: int
) -> Callable[[], float]:
    """Make the `benchmark` fixture read the server's CPU clock; it must come after this one."""

    def cpu_s_per_request() -> float:
        return served.cpu_s() / workload.batch

    group = f"CPU per request: {workload.name}, {concurrency} at a time"
    request.node.add_marker(pytest.mark.benchmark(timer=cpu_s_per_request, group=group))
    return cpu_s_per_request


@pytest.mark.parametrize("subject", ["floor", "proxy"])
@pytest.mark.parametrize("concurrency", [1, 16])
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
@pytest.mark.usefixtures("cpu_timer")
def test_cpu(
    load: Load, workload: Workload, concurrency: int, subject: str, benchmark: Bench
) -> None:
    question = workload.question
    times = workload.batch if benchmark.enabled else FEW
    benchmark.extra_info.update(
        kind="cpu", subject=subject, workload=workload.name, concurrency=concurrency
    )
    benchmark.pedantic(
        lambda: load.ask(question, times, concurrency), rounds=ROUNDS, warmup_rounds=1
    )
    if benchmark.enabled and workload.is_stream:
        per_event_us = benchmark.stats.stats.median * 1e6 / STREAM_EVENTS
        benchmark.extra_info["per_event_us"] = per_event_us
