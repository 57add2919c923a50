"""`pointsman serve --workers N` before two fake providers, and a connection to each worker."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from tests.asgi import asking

PATH, BODY = asking("anthropic", stream=True)
LIMIT_S = 20.0
PLAIN = '[queues]\nclaude = ["main", "relay"]\n'


@dataclass
class Worker:
    """One kept connection, and so one worker."""

    pid: int
    http: httpx.AsyncClient

    async def ask(self, session: str = "s") -> int:
        headers = {"x-claude-code-session-id": session}
        return (await self.http.post(PATH, json=BODY, headers=headers)).status_code

    async def status(self) -> Any:
        return (await self.http.get("/status")).json()

    async def post(self, path: str, **order: object) -> httpx.Response:
        return await self.http.post(path, json=order)

    async def until(self, holds: Callable[[Any], bool], limit_s: float = 10.0) -> Any:
        """Wait until its status is as it should be, and return that."""
        with anyio.fail_after(limit_s):
            while not holds(status := await self.status()):  # noqa: ASYNC110  # of a process
                await anyio.sleep(0.01)
        return status


def pins(status: Any) -> int:
    """Return how many sessions are served anywhere."""
    return sum(target["pins"] for target in status["apps"][0]["targets"])


def is_cooling(status: Any) -> bool:
    """Say whether it is known that something of the first target cools."""
    first = status["apps"][0]["targets"][0]
    return any(part["cooling_s"] for part in (first["health"], *first["parts"]))


def is_well(status: Any) -> bool:
    """Say whether nothing bars the first target."""
    first = status["apps"][0]["targets"][0]
    return first["bar"] is None and all(part["breaker"] == "closed" for part in first["parts"])


@dataclass
class Crew:
    """A proxy of some workers."""

    url: str
    process: Process
    config: Path
    main: FakeProvider
    relay: FakeProvider
    said: list[str] = field(default_factory=list)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def ledger(self) -> Path:
        return self.config.parent / "ledger"

    async def workers(self, number: int) -> list[Worker]:
        """Return a connection to each of the workers, once there are so many and all know it."""
        found: dict[int, Worker] = {}
        deadline = anyio.current_time() + LIMIT_S
        while anyio.current_time() < deadline:
            http = httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=20)
            sharing = (await http.get("/status")).json()["sharing"]
            pid = sharing["pid"]
            known = [one["pid"] for one in sharing["workers"]]
            if pid in found or sharing["problem"] or len(known) != number:
                await http.aclose()
                await anyio.sleep(0.01)
                continue
            self.stack.push_async_callback(http.aclose)
            found[pid] = Worker(pid, http)
            if len(found) == number:
                numbers = {one["pid"]: one["number"] for one in sharing["workers"]}
                return sorted(found.values(), key=lambda one: numbers[one.pid])
        raise AssertionError(f"found {len(found)} workers, wanted {number}: {self.said}")

    async def until_said(self, text: str, limit_s: float = 10.0) -> None:
        """Wait until the proxy says something."""
        with anyio.fail_after(limit_s):
            while not any(text in line for line in self.said):  # noqa: ASYNC110  # of a process
                await anyio.sleep(0.01)


@asynccontextmanager
async def crew(
    folder: Path, workers: int = 2, *, main: str = "", queue: str = PLAIN
) -> AsyncIterator[Crew]:
    """Run a proxy until the block ends; `main` goes to that provider, `queue` is what follows."""
    one, two = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    async with serve(one) as first, serve(two) as second:
        config = folder / "pointsman.toml"
        config.write_text(
            f'[ledger]\nfolder = "ledger"\n'
            f'[providers.main]\nwires = ["anthropic"]\nbase_url = "{first.url}"\n'
            f'key = "${{KEY}}"\n{main}\n'
            f'[providers.relay]\nwires = ["anthropic"]\nbase_url = "{second.url}"\n'
            f'key = "${{KEY}}"\n{queue}'
        )
        async with started(config, workers) as (process, url, said):
            here = Crew(url, process, config, one, two, said)
            async with here.stack:
                yield here


@asynccontextmanager
async def started(config: Path, workers: int) -> AsyncIterator[tuple[Process, str, list[str]]]:
    """Start `pointsman serve`; kill what is left of it at the end."""
    words = ("-m", "proxy", "serve", "--config", str(config), "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *words, "--workers", str(workers)),
        env={**os.environ, "KEY": "sk-canary"},
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said: list[str] = []
    line = (await process.stdout.readline()).decode()
    async with asyncio.TaskGroup() as group:
        for stream in (process.stdout, process.stderr):
            group.create_task(_kept(stream, said))
        try:
            yield process, line.split()[3], said
        finally:
            if process.returncode is None:
                process.terminate()
                with anyio.move_on_after(20):
                    await process.wait()
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _kept(stream: asyncio.StreamReader, said: list[str]) -> None:
    async for line in stream:
        said.append(line.decode().rstrip())  # noqa: PERF401  # others look at it meanwhile
