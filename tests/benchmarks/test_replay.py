"""A day of 5,000 streamed requests in virtual time, and what a hundred thousand take of memory.

The aims are 5 s on one core, and 1 GiB.
"""

import subprocess
import sys
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from fixtures.replay.house import Run
from fixtures.replay.verdict import judged
from fixtures.replay.virtual import run
from tests.fixtures.replay.scenarios import a_day, scenario

REQUESTS = 5_000
MANY = 100_000
FEW = 1_000
EVENTS = 16
GIB_IN_KIB = 1 << 20


def test_a_day_of_requests(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    day = scenario(tmp_path, a_day(REQUESTS, EVENTS))
    played: Run = benchmark.pedantic(run, args=(day,), rounds=3)
    assert len(played.history.entries) == REQUESTS
    assert judged(played).reasons == ()
    assert (played.history.ended_s or 0) > 80_000


def test_a_hundred_thousand_requests_fit_into_a_gibibyte(benchmark: BenchmarkFixture) -> None:
    requests = MANY if benchmark.enabled else FEW  # else what each takes is tested beside replay
    peak_kib: int = benchmark.pedantic(_peak_kib, args=(requests,), rounds=1)
    benchmark.extra_info["peak_mib"] = peak_kib >> 10
    assert peak_kib < GIB_IN_KIB


def _peak_kib(requests: int) -> int:
    told = subprocess.run(  # noqa: S603  # our own
        [sys.executable, "-m", "tests.fixtures.replay.memory", str(EVENTS), str(requests)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(told.stdout)
