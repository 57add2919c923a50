"""What it costs that several workers know the same, and how soon they do.

The CPU of whole processes is that of the supervisor and its children, hub included.
"""

import asyncio
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import uvloop

from proxy.canonical import Usage
from proxy.routing.pins import PinKey, Served, place_of
from proxy.sharing.hub_link import HubLink
from proxy.sharing.link import Link
from proxy.sharing.redis_link import RedisLink
from proxy.sharing.state import state_at
from proxy.steering import Memory
from proxy.steering.events import Content, Counted, Event, Learned, Stayed, Used, ground
from proxy.steering.replica import Line, Replica
from tests.benchmarks.bench import Bench, percentile
from tests.benchmarks.load import Load
from tests.benchmarks.process import Cores, Server, python, serving
from tests.benchmarks.workloads import WORKLOADS
from tests.steering.network import MAIN, START, network

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

HERE = ground(network())
WHOM = HERE.whom(MAIN)
ROUNDS = 5
ECHOES = 300


def request(number: int) -> list[Event]:
    """Return what is learnt of a request that goes well."""
    key = PinKey(None, "claude", f"session {number % 500}", "m")
    return [
        Counted(queue="claude", app="claude", model="m"),
        Content(at_us=START + number, whom=WHOM, first_content_ms=250.0),
        Learned(at_us=START + number, app="claude", whom=WHOM, attempt_id=f"{number}/1"),
        Used(whom=WHOM, usage=Usage(prompt=1000, cache_read=900, output=50)),
        Stayed(
            at_us=START + number,
            queue="claude",
            served=Served(key=key, place=place_of("main", "k", "m"), prompt_tokens=1000),
        ),
    ]


@pytest.mark.parametrize("part", ["tell and hear our own", "hear another's"])
def test_knowing_together(part: str, benchmark: Bench) -> None:
    """One request: its events, encoded or decoded, with five hundred sessions known."""
    one, other = (Replica(name, Memory(), HERE) for name in ("one", "other"))
    decoder = msgspec.json.Decoder(Line)
    for number in range(500):
        lines = [one.own(event) for event in request(number)]
        other.heard(line for line in lines if line is not None)
        one.heard(line for line in lines if line is not None)
    batch = [line for event in request(7) if (line := one.own(event)) is not None]
    encoded = [msgspec.json.encode(line) for line in batch]
    numbers = iter(range(1_000_000, 1 << 40))

    def own() -> None:
        told = [line for event in request(7) if (line := one.own(event)) is not None]
        one.heard(map(decoder.decode, map(msgspec.json.encode, told)))

    def others() -> None:
        lines = map(decoder.decode, encoded)
        other.heard(msgspec.structs.replace(line, n=next(numbers)) for line in lines)

    benchmark.extra_info.update(kind="part", part=f"a request's events: {part}")
    benchmark(own if part.startswith("tell") else others)


@pytest.mark.parametrize("workers", [1, 2])
def test_cpu_of_workers(
    cores: Cores, proxy_words: list[str], workers: int, benchmark: Bench
) -> None:
    """CPU of all processes for a small request, 16 at a time."""
    workload = WORKLOADS[0]
    times = workload.batch if benchmark.enabled else 2
    words = [*proxy_words, "--workers", str(workers)]
    with serving(words, cores.measured) as server, Load(server.port) as load:
        load.ask(workload.question, 16, 16)
        time.sleep(1.0 if benchmark.enabled else 0.0)  # all workers are there, and know each other
        server.ready("/healthz")
        figures = [_cpu_us(server, load, times) for _ in range(ROUNDS if benchmark.enabled else 1)]
    benchmark.extra_info.update(
        kind="workers", workers=workers, cpu_us=statistics.median(figures), workload=workload.name
    )
    benchmark.pedantic(lambda: None)


def _cpu_us(server: Server, load: Load, times: int) -> float:
    before = server.cpu_s()
    load.ask(WORKLOADS[0].question, times, 16)
    return (server.cpu_s() - before) * 1e6 / times


@dataclass
class Ear:
    """Hears one log, and notes when each line came."""

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def joined(self, base: bytes | None) -> bytes | None:
        return b"{}" if base is None else None

    def heard(self, lines: Sequence[bytes]) -> None:
        if lines:
            self.came.set()

    def noticed(self, notice: bytes) -> None: ...

    def live(self) -> Sequence[bytes]:
        self.ready.set()
        return ()

    def left(self) -> None: ...


@contextmanager
def hub(folder: Path) -> Iterator[Callable[[], Link]]:
    path = folder / "hub"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        fd = listening.fileno()
        words = python("proxy.sharing.hub", str(fd))
        with subprocess.Popen(words, stdin=subprocess.PIPE, pass_fds=(fd,)) as process:  # noqa: S603  # ours
            yield lambda: HubLink(path, b"gone")
            process.kill()


@contextmanager
def redis(folder: Path) -> Iterator[Callable[[], Link]]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    words = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # ours
        yield lambda: RedisLink(state_at(f"redis://127.0.0.1:{port}/0"), b"gone", lambda _: None)
        process.kill()


@pytest.mark.parametrize("kept_by", [hub, redis], ids=["hub", "redis"])
def test_until_another_knows(
    kept_by: Callable[[Path], AbstractContextManager[Callable[[], Link]]],
    tmp_path: Path,
    benchmark: Bench,
) -> None:
    """The time from telling one thing until another worker has heard it."""
    with kept_by(tmp_path) as link, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        one, other = Ear(), Ear()
        teller, hearer = link(), link()

        async def begun() -> Sequence[asyncio.Task[None]]:
            loop = asyncio.get_running_loop()
            tasks = [loop.create_task(at.run(ear)) for at, ear in ((teller, one), (hearer, other))]
            async with asyncio.timeout(20):
                await one.ready.wait()
                await other.ready.wait()
            return tasks

        async def told() -> None:
            other.came.clear()
            teller.tell(b"x" * 300)
            async with asyncio.timeout(5):
                await other.came.wait()

        async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

        tasks = runner.run(begun())
        rounds = ECHOES if benchmark.enabled else 2
        benchmark.pedantic(lambda: runner.run(told()), rounds=rounds, warmup_rounds=1)
        runner.run(ended(tasks))
    benchmark.extra_info.update(kind="known", kept_by=kept_by.__name__)
    if benchmark.enabled:
        benchmark.extra_info["p99_ms"] = percentile(benchmark.stats.stats, 0.99) * 1e3
