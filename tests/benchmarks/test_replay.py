"""A day of 5,000 streamed requests in virtual time: the aim is 5 s on one core."""

from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from fixtures.replay.house import Run
from fixtures.replay.virtual import run
from tests.fixtures.replay.scenarios import scenario

REQUESTS = 5000
DAY = f"""
schema = 1
[scenario]
title = "a day"
[workload]
kind = "poisson"
rate = "210/h"
requests = {REQUESTS}
events = 16
[providers.main]
latency = {{ first = "lognormal:1.2s:0.5", gap = "20ms" }}
[[providers.main.window]]
markov = {{ mtbf = "3h", mttr = "5m" }}
fault = "status:529"
[providers.relay]
latency = {{ first = "2s", gap = "20ms" }}
"""


def test_a_day_of_requests(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    day = scenario(tmp_path, DAY)
    played: Run = benchmark.pedantic(run, args=(day,), rounds=1)
    assert len(played.history.entries) == REQUESTS
    assert (played.history.ended_s or 0) > 80_000
