"""`pointsman usage daily` over a made-up ledger of a million requests, from start to end.

Size and place as in `test_metrics`.
"""

import os
import subprocess
from pathlib import Path

import pytest

from proxy.ledger.synth import Wish, synth
from tests.benchmarks.bench import Bench
from tests.benchmarks.process import python
from tests.benchmarks.test_metrics import MILLION, ROWS

DAILY_S = 1.0


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    given = os.environ.get("POINTSMAN_BENCH_LEDGER")
    folder = Path(given) if given else tmp_path_factory.mktemp("made")
    if not given:
        rows = ROWS if request.config.getoption("benchmark_enable") else 2_000
        for _ in synth(folder, Wish(requests=rows)):
            pass
    return str(folder)


@pytest.mark.parametrize("words", [[], ["--no-cost"]], ids=["with cost", "without cost"])
def test_usage_by_day(benchmark: Bench, place: str, words: list[str]) -> None:
    asked = [*python("proxy", "usage", "daily", "--ledger", place), *words]
    benchmark.extra_info["kind"] = "report"
    done = benchmark.pedantic(
        lambda: subprocess.run(asked, check=True, capture_output=True, text=True),  # noqa: S603  # ours
        rounds=5,
        warmup_rounds=1,
    )
    assert " total " in done.stdout
    if benchmark.enabled and ROWS <= MILLION:
        assert min(benchmark.stats.stats.data) < DAILY_S
