"""What an estimate of tokens costs, in CPU time of this thread, once the vocabulary is loaded."""

import base64
import random

import pytest

from proxy.canonical.parts import Text
from proxy.canonical.request import Request, Turn
from proxy.counting import Estimate, estimate
from tests.benchmarks.bench import Bench
from tests.benchmarks.test_convert import SAID
from tests.benchmarks.test_parts import MAX_S, thread_s

BYTES = random.Random(1).randbytes(375_000)  # noqa: S311  # the same in each run
TEXTS = {
    "prose": SAID * (500_000 // len(SAID)),
    "one letter": "a" * 500_000,
    "base64": base64.b64encode(BYTES).decode(),
}


@pytest.mark.benchmark(timer=thread_s, group="counting", max_time=MAX_S)
@pytest.mark.parametrize("text", TEXTS)
def test_counting(text: str, benchmark: Bench) -> None:
    parts = (Text(text=TEXTS[text]),)
    request = Request(model="m", turns=(Turn(role="user", parts=parts),))

    def run() -> Estimate:
        return estimate(request)

    benchmark.extra_info.update(kind="part", part=f"count 500 KB of {text}")
    assert benchmark(run).tokens > len(TEXTS[text]) // 10
