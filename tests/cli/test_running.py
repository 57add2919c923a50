"""The verbs that talk to a running proxy, and that proxy as a process of its own.

What was learnt outlives a stop and a kill, and a changed file takes effect without either.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import msgspec
import pytest
from typer.testing import CliRunner, Result

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from proxy.cli.main import app
from proxy.commands import Status
from proxy.ledger.views import open_ledger
from tests.asgi import asking, until_asked

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)
SESSION = {"x-claude-code-session-id": "one"}
TEXT = """
[server]
client_keys = {{ me = "${{CLIENT}}" }}
[ledger]
folder = "ledger"
[providers.main]
wires = ["anthropic"]
base_url = "{main}"
key = "${{CANARY}}"
[providers.relay]
wires = ["anthropic"]
base_url = "{relay}"
key = "${{CANARY}}"
[queues]
claude = {queue}
"""


@dataclass
class Scene:
    """Two providers, a configuration, and a proxy that is started and stopped."""

    folder: Path
    main: FakeProvider
    relay: FakeProvider
    urls: dict[str, str] = field(default_factory=dict)
    url: str = ""
    process: Process | None = None

    @property
    def file(self) -> Path:
        return self.folder / "pointsman.toml"

    def write(self, queue: str = '["main", "relay"]') -> None:
        """Put another file in the place of the configuration, as an editor does."""
        other = self.folder / ".pointsman.toml.new"
        other.write_text(TEXT.format(queue=queue, **self.urls))
        other.replace(self.file)

    async def start(self) -> None:
        words = [sys.executable, "-m", "proxy", "serve", "--config", str(self.file), "--port", "0"]
        environment = {**os.environ, "CANARY": "sk-canary", "CLIENT": "client-canary"}
        self.process = await asyncio.create_subprocess_exec(
            *words, env=environment, stdout=PIPE, stderr=PIPE
        )
        assert self.process.stdout is not None
        self.url = (await self.process.stdout.readline()).decode().split()[3]
        await self.told(lambda status: status.total == 0)

    async def stop(self, how: int = signal.SIGTERM) -> str:
        """End the proxy, and return what it wrote to stderr."""
        assert self.process is not None
        self.process.send_signal(how)
        _, said = await self.process.communicate()
        assert b"canary" not in said
        return said.decode()

    async def ask(self) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            headers = {"authorization": "Bearer client-canary", **SESSION}
            return await http.post(self.url + PATH, json=BODY, headers=headers)

    async def run(self, *words: str) -> Result:
        """Give a command to the proxy."""
        command = [*words, "--config", str(self.file), "--url", self.url]
        environment = {"CLIENT": "client-canary"}
        return await anyio.to_thread.run_sync(
            lambda: CliRunner().invoke(app, command, env=environment)
        )

    async def status(self) -> Status:
        result = await self.run("status", "--json")
        assert result.exit_code == 0, result.stderr
        assert "canary" not in result.stdout
        return msgspec.json.decode(result.stdout, type=Status)

    async def told(self, true: Callable[[Status], object]) -> Status:
        """Wait until what the proxy tells of itself is `true`."""
        while not true(status := await self.status()):  # noqa: ASYNC110  # another process
            await anyio.sleep(0.05)
        return status

    @property
    def asked(self) -> tuple[int, int]:
        return len(self.main.log), len(self.relay.log)


@asynccontextmanager
async def scene(folder: Path, *faults: str, pace_s: float = 0.0) -> AsyncIterator[Scene]:
    main = FakeProvider("main", faults=faults, events=9, pace_s=pace_s)
    here = Scene(folder, main, FakeProvider("relay", events=4))
    async with AsyncExitStack() as stack:
        for provider in (here.main, here.relay):
            here.urls[provider.name] = (await stack.enter_async_context(serve(provider))).url
        here.write()
        with anyio.fail_after(60):
            await here.start()
            try:
                yield here
            finally:
                if here.process is not None and here.process.returncode is None:
                    here.process.kill()
                    await here.process.communicate()


async def test_a_switch_takes_effect_at_once_and_streams_finish(tmp_path: Path) -> None:
    async with scene(tmp_path, pace_s=0.3) as here:
        async with asyncio.TaskGroup() as group:
            streaming = group.create_task(here.ask())
            await until_asked(here.main)
            result = await here.run("switch", "claude", "relay", "--for", "30m")
            assert result.stdout.startswith(
                "claude: relay is asked first for 30 min; the next request goes to relay/default"
            )
            await here.ask()
            assert here.asked == (1, 1)
            assert not streaming.done()
        assert b"message_stop" in streaming.result().content
        result = await here.run("status")
        assert "(priority, sticky; switched to relay for 30 min)" in result.stdout
        result = await here.run("switch", "claude", "nobody")
        assert (result.exit_code, result.stderr) == (
            1,
            "The queue of claude has no enabled 'nobody': there is main, relay.\n",
        )
        result = await here.run("switch", "claude", "--off")
        assert result.stdout.startswith("claude: the policy priority decides again; the next ")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_in_an_outage_forgets_nothing(tmp_path: Path, how: int) -> None:
    async with scene(tmp_path, *["status:401"] * 9) as here:
        await here.run("switch", "claude", "main", "--for", "1s")  # forgotten before the restart
        await here.ask()
        await here.ask()
        assert here.asked == (1, 2)
        kept = here.folder / "ledger" / "routing.json"
        while '"entries":{"' not in kept.read_text():  # noqa: ASYNC110  # at most a second
            await anyio.sleep(0.05)
        before = await here.status()
        await here.stop(how)
        await here.start()
        after = await here.status()
        for status in (before, after):
            main, relay = status.apps[0].targets
            assert (main.health.badge, main.health.failure) == ("degraded", "credential")
            assert main.health.cooling_s is not None
            assert 1700 < main.health.cooling_s <= 1800
            assert (main.pins, relay.pins) == (0, 1)
        await here.ask()
        assert here.asked == (1, 3)
        result = await here.run("providers", "reset", "main")
        assert result.stdout == "main: its health is forgotten\n"
        result = await here.run("providers", "list")
        assert "main/default" in result.stdout


async def test_a_new_file_is_in_force_and_a_bad_one_is_not(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        await here.ask()
        here.write('["relay"]')
        await here.told(lambda status: status.queues == {"claude": ("relay/default",)})
        await here.ask()
        assert here.asked == (1, 1)
        here.write('["relay", "nobody"]')
        status = await here.told(lambda status: status.config.last_error)
        assert "queues.claude" in (status.config.last_error or "")
        result = await here.run("status")
        assert "config: refused, the last good one stays in force:" in result.stdout
        result = await here.run("reload")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == f"{status.config.last_error}\n"
        await here.ask()
        assert here.asked == (1, 2)
        here.write('["main"]')
        await here.told(lambda status: status.config.last_error is None)
        await here.ask()
        assert here.asked == (2, 2)
        assert (await here.run("reload")).stdout == f"{here.file} is in force\n"
        said = await here.stop()
    assert "config: refused, the last good one stays in force:\n" in said
    assert said.count(f"config: {here.file} is in force\n") == 2
    assert happened(here.folder / "ledger") == [
        "proxy_started",
        "config_loaded",
        "config_refused",
        "config_refused",
        "config_loaded",
        "proxy_drained",
        "proxy_stopped",
    ]


def happened(ledger: Path) -> list[str]:
    """Return the kinds of what no request has caused, in the order of time."""
    query = "SELECT kind FROM events WHERE request_id IS NULL ORDER BY event_at"
    with open_ledger(ledger) as connection:
        return [kind for (kind,) in connection.execute(query).fetchall()]


async def test_a_hang_up_reloads(tmp_path: Path) -> None:
    async with scene(tmp_path) as here:
        assert here.process is not None
        here.write('["relay"]')
        here.process.send_signal(signal.SIGHUP)
        await here.told(lambda status: status.queues == {"claude": ("relay/default",)})
        here.process.send_signal(signal.SIGHUP)  # nothing has changed
        assert f"config: {here.file} is what is in force\n" in await here.stop()


async def test_what_was_kept_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    kept = tmp_path / "ledger" / "routing.json"
    kept.write_text("{")
    async with scene(tmp_path) as here:
        problem = f"{kept}: is damaged: starting anew, the old one is routing.json.bad beside it"
        assert (await here.status()).routing.problem == problem
        assert f"routing: {problem}" in (await here.run("status")).stdout
        assert await here.stop() == f"{problem}\n"
