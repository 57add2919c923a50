"""How long until the proxy answers, how much memory it then has, and how long `--help` takes."""

import subprocess
import sys
import time

import pytest

from tests.benchmarks.bench import Bench
from tests.benchmarks.load import Load
from tests.benchmarks.process import Cores, Server, python, serving
from tests.benchmarks.workloads import STREAM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ROUNDS = 5
BUSY_STREAMS = 1000
IDLE_S = 3.0  # by then the converter has settled


def test_start_to_ready(cores: Cores, proxy_words: list[str], benchmark: Bench) -> None:
    if not benchmark.enabled:
        pytest.skip("the other benchmarks start it too")
    running: list[Server] = []

    def start() -> None:
        running.append(Server(proxy_words, cores.measured))
        running[-1].ready()

    def stop() -> None:
        running.pop().stop()

    benchmark.extra_info["kind"] = "start"
    benchmark.pedantic(start, teardown=stop, rounds=ROUNDS, warmup_rounds=1)
    with serving(proxy_words, cores.measured) as server:
        time.sleep(IDLE_S)
        benchmark.extra_info["idle_mib"] = server.rss_mib()


@pytest.mark.parametrize("subject", ["proxy"])
def test_memory(load: Load, served: Server, subject: str, benchmark: Bench) -> None:
    """Not a time: the figures are in `extra_info`, for the server and its converter."""
    assert subject == "proxy"
    question, times = STREAM.question, BUSY_STREAMS if benchmark.enabled else 1
    benchmark.extra_info["kind"] = "memory"
    benchmark.pedantic(lambda: load.ask(question, times, 16))
    benchmark.extra_info["after_mib"] = served.rss_mib()


def test_help(benchmark: Bench) -> None:
    if not benchmark.enabled:
        pytest.skip("tests/cli looks at it")
    words = python("proxy", "--help")
    benchmark.extra_info["kind"] = "help"
    benchmark.pedantic(
        lambda: subprocess.run(words, check=True, capture_output=True),  # noqa: S603  # ours
        rounds=ROUNDS,
        warmup_rounds=1,
    )
