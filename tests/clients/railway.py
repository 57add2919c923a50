"""Two fake providers and the proxy before them, as a process of its own, for one run."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from fixtures.replies import reply_to
from fixtures.speech.types import Prompt, Reply
from tests.clients.case import PROVIDER_KEYS, Case, spoken
from tests.clients.errors import ProxyError

CONFIG, LOG = "pointsman.toml", "proxy.log"
LATE_S = 3.5  # a sign of life each second makes at least two
_START_S, _STOP_S = 30, 40
_APPS = ("claude", "codex", "gemini")
_WIRES = '["anthropic", "responses", "gemini"]'


@dataclass(frozen=True, slots=True)
class Railway:
    """What a client finds: the proxy's address, and behind it main, then relay."""

    proxy_url: str
    main: FakeProvider
    relay: FakeProvider


@asynccontextmanager
async def railway(case: Case, folder: Path) -> AsyncIterator[Railway]:
    """Run everything; afterwards the proxy has stopped, and its ledger in `folder` is complete.

    Raises:
        ProxyError: The proxy did not start.
    """
    main, relay = _provider("main"), _provider("relay")
    if case.fault is not None:
        main.fail(after=case.fault)
    if case.late:
        main.first_s = LATE_S
    async with AsyncExitStack() as stack:
        urls = [(await stack.enter_async_context(serve(p))).url for p in (main, relay)]
        config = folder / CONFIG
        config.write_text(_config(case, *urls))
        config.chmod(0o600)  # it holds keys; the proxy says so if others can read it
        url = await stack.enter_async_context(_proxy(config, folder / LOG))
        yield Railway(url, main, relay)


def _provider(name: str) -> FakeProvider:
    def say(prompt: Prompt) -> Reply:
        reply = reply_to(prompt)
        is_plain = not reply.calls and prompt.schema is None and not prompt.after_tool
        if not is_plain:
            return reply
        first, _, last = spoken(name).rpartition(" ")
        return Reply(texts=(f"{first} ", last))

    return FakeProvider(name, replies=say, key=PROVIDER_KEYS[name])


def _config(case: Case, main_url: str, relay_url: str) -> str:
    wires = _WIRES if case.wire is None else f'["{case.wire}"]'
    return f"""
[ledger]
folder = "ledger"
[providers.main]
wires = {wires}
base_url = "{main_url}"
key = "{PROVIDER_KEYS["main"]}"
[providers.relay]
wires = {wires}
base_url = "{relay_url}"
key = "{PROVIDER_KEYS["relay"]}"
[queues]
claude = ["main", "relay"]
codex = ["main", "relay"]
gemini = ["main", "relay"]
""" + ("".join(f"[limits.{app}]\nkeepalive_s = 1\n" for app in _APPS) if case.late else "")


@asynccontextmanager
async def _proxy(config: Path, log: Path) -> AsyncIterator[str]:
    """Run `pointsman serve` on a free port; gives its address. `log` gets all that it says."""
    pointsman = Path(sys.executable).with_name("pointsman")
    process = await asyncio.create_subprocess_exec(
        pointsman,
        *("serve", "--config", config, "--port", "0"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = b""
    try:
        said = await _first_line(process)
        yield _address(said)
    finally:
        _keep(log, said + await _stop(process))


def _keep(log: Path, said: bytes) -> None:
    log.write_bytes(said)


async def _first_line(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        raise ProxyError("it has no stdout")
    try:
        return await asyncio.wait_for(process.stdout.readline(), _START_S)
    except TimeoutError as error:
        raise ProxyError(f"it said nothing for {_START_S} s") from error


def _address(line: bytes) -> str:
    found = re.search(rb" on (http://\S+)", line)
    if found is None:
        raise ProxyError(f"it said {line.decode(errors='replace').strip()!r}, wanted its address")
    return found[1].decode()


async def _stop(process: asyncio.subprocess.Process) -> bytes:
    """Stop the proxy as a person does; returns what else it said."""
    if process.returncode is None:
        process.terminate()
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _STOP_S)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise ProxyError(f"it had not stopped after {_STOP_S} s") from error
    return said
