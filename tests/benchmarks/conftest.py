"""What the benchmarks share: the servers, each in its process, and where the figures go."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.load import Load
from tests.benchmarks.process import Cores, Server, on, python, serving

ROOT = Path(__file__).parent.parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Keep the figures in build/, unless they were asked for elsewhere."""
    if not config.getoption("benchmark_enable") or config.getoption("benchmark_json"):
        return
    folder = ROOT / "build" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    name = time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime())
    config.option.benchmark_json = folder / name


@pytest.fixture(scope="session")
def cores() -> Iterator[Cores]:
    """The cores; the tests themselves run where what is not measured runs."""
    cores = Cores.of_this_machine()
    with on(cores.others):
        yield cores


@pytest.fixture(scope="session")
def upstream(cores: Cores) -> Iterator[Server]:
    with serving(python("tests.benchmarks.upstream"), cores.others) as server:
        yield server


@pytest.fixture(scope="session")
def floor(cores: Cores, upstream: Server) -> Iterator[Server]:
    words = python("tests.benchmarks.floor", f"http://127.0.0.1:{upstream.port}")
    with serving(words, cores.measured) as server:
        yield server


@pytest.fixture(scope="session")
def proxy_words(upstream: Server, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line of a proxy before the upstream, with an everyday configuration."""
    file = tmp_path_factory.mktemp("proxy") / "pointsman.toml"
    file.touch(mode=0o600)
    file.write_text(
        f"""
[ledger]
folder = "ledger"
[providers.main]
wires = ["anthropic"]
base_url = "http://127.0.0.1:{upstream.port}"
key = "sk-benchmark-main"
[providers.relay]
wires = ["anthropic"]
base_url = "http://127.0.0.1:{upstream.port}"
key = "sk-benchmark-relay"
[queues]
claude = ["main", "relay"]
"""
    )
    return python("proxy", "serve", "--config", str(file), "--port", "0")


@pytest.fixture(scope="session")
def proxy(cores: Cores, proxy_words: list[str]) -> Iterator[Server]:
    with serving(proxy_words, cores.measured) as server:
        yield server


@pytest.fixture
def served(request: pytest.FixtureRequest, subject: str) -> Server:
    """The server that a test's `subject` names."""
    server = request.getfixturevalue(subject)
    assert isinstance(server, Server)
    return server


@pytest.fixture
def load(served: Server) -> Iterator[Load]:
    with Load(served.port) as load:
        yield load
