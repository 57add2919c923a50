"""`pointsman serve` in the middle of an outage: restarted, killed, given another file."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from proxy.ledger import views
from tests.asgi import asking

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)


@dataclass
class Stage:
    """Two providers, and a file that names both; the proxy comes and goes."""

    config: Path
    main: FakeProvider
    relay: FakeProvider

    @asynccontextmanager
    async def proxy(self) -> AsyncIterator["Served"]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "proxy", "serve", "--config", str(self.config), "--port", "0"),
            env={**os.environ, "KEY": "sk-canary"},
            stdout=PIPE,
            stderr=PIPE,
        )
        try:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode()
            yield Served(line.split()[3], process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


@dataclass
class Served:
    url: str
    process: Process

    async def ask(self, session: str) -> int:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            headers = {"x-claude-code-session-id": session}
            return (await http.post(self.url + PATH, json=BODY, headers=headers)).status_code

    async def status(self) -> Any:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            return (await http.get(f"{self.url}/status")).json()


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    main, relay = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    config = folder / "pointsman.toml"
    async with serve(main) as one, serve(relay) as two:
        tables = "".join(
            f'[providers.{name}]\nwires = ["anthropic"]\nbase_url = "{url}"\nkey = "${{KEY}}"\n'
            for name, url in (("main", one.url), ("relay", two.url))
        )
        queues = '[queues]\nclaude = ["main", "relay"]\n'
        config.write_text(f'[ledger]\nfolder = "ledger"\n{tables}{queues}')
        yield Stage(config, main, relay)


@pytest.mark.parametrize(
    ("end", "wait_s"),
    [
        pytest.param(signal.SIGTERM, 0.0, id="stopped"),
        pytest.param(signal.SIGKILL, 1.5, id="killed"),  # it keeps what is older than a second
    ],
)
async def test_a_restart_keeps_what_was_learnt(
    end: signal.Signals, wait_s: float, tmp_path: Path
) -> None:
    with anyio.fail_after(40):
        async with stage(tmp_path) as here:
            async with here.proxy() as served:
                assert await served.ask("before") == 200
                here.main.fail(after="status:429:600")
                assert [await served.ask(f"s{n}") for n in range(3)] == [200] * 3
                await anyio.sleep(wait_s)
                served.process.send_signal(end)
                await served.process.wait()
            asked = len(here.main.log)
            assert asked == 2
            async with here.proxy() as served:
                assert [await served.ask(f"s{n}") for n in range(3)] == [200] * 3
                first, second = (await served.status())["apps"][0]["targets"]
            assert len(here.main.log) == asked
    assert 500 < max(part["cooling_s"] or 0 for part in first["parts"]) <= 600
    assert (first["pins"], second["pins"]) == (1, 3)
    entries = views.recent_requests(tmp_path / "ledger", 3)
    assert [entry.attempts[0].pin for entry in entries] == ["hit"] * 3


async def test_a_reload_keeps_what_was_learnt(tmp_path: Path) -> None:
    with anyio.fail_after(40):
        async with stage(tmp_path) as here, here.proxy() as served:
            here.main.fail(after="status:429:600")
            assert await served.ask("s") == 200
            before = (await served.status())["config"]["hash"]
            text = here.config.read_text() + "[limits.claude]\nidle_s = 99\n"
            fresh = here.config.with_suffix(".tmp")
            fresh.write_text(text)
            fresh.rename(here.config)  # as editors do
            while (await served.status())["config"]["hash"] == before:  # noqa: ASYNC110  # a file is read
                await anyio.sleep(0.05)
            assert await served.ask("t") == 200
            assert len(here.main.log) == 1
            here.config.write_text(text + "[queues.claude]\n")
            while (await served.status())["config"]["last_error"] is None:  # noqa: ASYNC110
                await anyio.sleep(0.05)
            assert await served.ask("u") == 200
