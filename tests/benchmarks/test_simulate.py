"""22 policies over 49,000 requests: from the requests to the last interval, in CPU seconds.

Of the public trace where it is, else of a made-up ledger of that size.
"""

import time
from pathlib import Path

import pytest

from analysis import open_ledger
from analysis.simulate import Arrivals, Wish, arrivals, replay, trace_arrivals
from proxy.ledger.synth import Wish as Made
from proxy.ledger.synth import synth
from proxy.routing.policies import POLICIES
from tests.analysis.simulate.test_trace import TRACE
from tests.benchmarks.bench import Bench

REQUESTS = 49_000
LIMIT_S = 20.0
ALL = tuple(POLICIES)
SWEEP = (
    "sticky",
    *ALL,
    *(f"sticky+{name}" for name in ALL if name != "priority"),
    *(f"sticky@{seconds}" for seconds in (30, 60, 120, 900, 3600)),
    *(f"sticky+{name}@60" for name in ALL if name != "priority"),
)


@pytest.fixture(scope="module")
def requests(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Arrivals:
    enabled = request.config.getoption("benchmark_enable")
    if enabled and TRACE.exists():
        return trace_arrivals(TRACE).among(3)
    folder: Path = tmp_path_factory.mktemp("made")
    for _ in synth(folder, Made(requests=REQUESTS if enabled else 300, days=1)):
        pass
    with open_ledger(folder) as ledger:
        return arrivals(ledger)


def test_a_sweep_of_policies(benchmark: Bench, requests: Arrivals) -> None:
    assert len(SWEEP) == 22
    took: list[float] = []

    def sweep() -> int:
        began = time.process_time()
        found = replay(requests, Wish(policies=SWEEP, anyway=True, equal=True))
        took.append(time.process_time() - began)
        return found.result["policy"].n_unique()

    assert benchmark.pedantic(sweep, rounds=1) == 22
    benchmark.extra_info["cpu_s"] = took[-1]
    if benchmark.enabled:
        assert took[-1] < LIMIT_S
