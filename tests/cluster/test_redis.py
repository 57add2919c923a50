"""Several hosts that behave as one through Redis, and each for itself where it is away."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import anyio
import httpx
import pytest

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from proxy.errors import SetupError
from proxy.sharing.redis_link import RedisLink
from proxy.sharing.state import state_at
from tests.cluster.redis_server import RedisServer, redis_server
from tests.crew import Worker, is_cooling, is_well, pins, started

pytestmark = pytest.mark.anyio
BREAKER = "[breaker.claude]\nfailures = 2\nopen_s = 1.0\nmax_open_s = 1.0\nsuccesses = 1\n"


@dataclass
class Net:
    """Two providers, and hosts in front of them that may come and go."""

    folder: Path
    url: str
    providers: str
    main: FakeProvider
    relay: FakeProvider
    stack: AsyncExitStack

    async def host(self, name: str, *, workers: int = 1) -> "Host":
        """Start a proxy with a ledger of its own, until the test ends."""
        config = self.folder / name / "pointsman.toml"
        config.parent.mkdir()
        config.touch(mode=0o600)
        config.write_text(f'[routing]\nstate = "{self.url}"\n{self.providers}')
        process, url, said = await self.stack.enter_async_context(started(config, workers))
        http = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        self.stack.push_async_callback(http.aclose)
        return Host(process.pid, http, config, said)


@dataclass
class Host(Worker):
    config: Path
    said: list[str]

    async def shares(self, members: int) -> None:
        """Wait until it hears so many others and itself."""

        def all_there(status: object) -> bool:
            assert isinstance(status, dict)
            sharing = status["sharing"]
            return sharing["problem"] is None and len(sharing["workers"]) == members

        await self.until(all_there)

    async def problem(self) -> str:
        """Wait until it says why it hears nobody."""

        def is_known(status: object) -> bool:
            assert isinstance(status, dict)
            problem = status["sharing"]["problem"]
            return problem is not None and "not reached yet" not in problem

        return str((await self.until(is_known))["sharing"]["problem"])

    async def quickly(self, session: str) -> None:
        """Ask, and be answered as if all was well."""
        began = time.monotonic()
        assert await self.ask(session) == 200
        assert time.monotonic() - began < 1.5


@asynccontextmanager
async def net(folder: Path, url: str, *, main: str = "", more: str = "") -> AsyncIterator[Net]:
    one, two = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    async with serve(one) as first, serve(two) as second, AsyncExitStack() as stack:
        providers = (
            f'[ledger]\nfolder = "ledger"\n[providers.main]\nwires = ["anthropic"]\n'
            f'base_url = "{first.url}"\nkey = "${{KEY}}"\n{main}\n'
            f'[providers.relay]\nwires = ["anthropic"]\nbase_url = "{second.url}"\n'
            f'key = "${{KEY}}"\n[queues]\nclaude = ["main", "relay"]\n{more}'
        )
        yield Net(folder, url, providers, one, two, stack)


async def test_hosts_know_the_same(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, anyio.fail_after(60):
        budget = "budget = { daily_tokens = 1000000 }"
        async with net(tmp_path, redis.url, main=budget) as here:
            one, other = await here.host("one"), await here.host("other")
            await one.shares(2)
            await other.shares(2)
            assert await one.ask("a") == 200
            here.main.fail(after="status:429:600")
            assert await one.ask("b") == 200
            await other.until(is_cooling)
            assert await other.ask("c") == 200
            await one.until(lambda status: pins(status) == 3)
            assert (len(here.main.log), len(here.relay.log)) == (2, 2)
            statuses = [await one.status(), await other.status()]
            for status in statuses:
                main, relay = status["apps"][0]["targets"]
                assert 500 < main["health"]["cooling_s"] <= 600
                assert (main["pins"], relay["pins"]) == (1, 2)
                assert main["budgets"][0]["tokens"] > 0
                assert status["total"] == 3
            assert (await other.post("/api/reset", key="main")).json()["known"]
            assert (await other.post("/api/switch", app="claude", provider="relay")).is_success
            status = await one.status()
            assert status["apps"][0]["switch"]["provider"] == "relay"
            assert not is_cooling(status)


async def test_who_comes_later_knows_what_was_learnt(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url) as here:
            one = await here.host("one")
            await one.shares(1)
            here.main.fail(after="status:429:600")
            for number in range(3):
                assert await one.ask(f"s{number}") == 200
            await anyio.sleep(1.2)  # then there is a beginning that has it
            other = await here.host("other")
            await other.shares(2)
            main, relay = (await other.status())["apps"][0]["targets"]
            assert any(part["cooling_s"] for part in main["parts"])
            assert relay["pins"] == 3
            assert await other.ask("s0") == 200
            assert len(here.main.log) == 1


async def test_in_an_outage_all_hosts_together_make_one_probe_an_interval(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url, more=BREAKER) as here:
            hosts = [await here.host("one"), await here.host("other")]
            for host in hosts:
                await host.shares(2)
            here.main.fail(after="status:500")
            opened, fresh = time.monotonic(), count()
            assert [await host.ask(f"a{host.pid}") for host in hosts] == [200, 200]
            while time.monotonic() - opened < 3.5:
                async with asyncio.TaskGroup() as group:
                    for host in hosts * 2:
                        group.create_task(host.ask(f"s{next(fresh)}"))
                await anyio.sleep(0.02)
            assert 2 <= len(here.main.log) - 2 <= 3
            here.main.fail(after="ok")
            await anyio.sleep(1.1)
            before = len(here.main.log)
            assert await hosts[0].ask("back") == 200
            for host in hosts:
                await host.until(is_well)
                assert await host.ask(f"b{host.pid}") == 200
            assert len(here.main.log) == before + 3


async def test_seats_are_those_of_all_hosts_together(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url, main="max_in_flight = 2") as here:
            hosts = [await here.host("one"), await here.host("other")]
            for host in hosts:
                await host.shares(2)
            here.main.first_s = 0.5
            async with asyncio.TaskGroup() as group:
                for number, host in enumerate(hosts * 3):
                    group.create_task(host.ask(f"s{number}"))
            assert (len(here.main.log), len(here.relay.log)) == (2, 4)


async def test_two_workers_on_each_of_two_hosts(tmp_path: Path) -> None:
    with redis_server(tmp_path) as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url) as here:
            one = await here.host("one", workers=2)
            other = await here.host("other", workers=2)
            await one.shares(4)
            await other.shares(4)
            here.main.fail(after="status:429:600")
            assert await one.ask("s") == 200
            await other.until(is_cooling)
            assert await other.ask("t") == 200
            assert len(here.main.log) == 1


def gone(redis: RedisServer) -> None:
    redis.stop()


def stalled(redis: RedisServer) -> None:
    redis.signal(signal.SIGSTOP)


def full(redis: RedisServer) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "1")


def there(redis: RedisServer) -> None:
    redis.start()


def awake(redis: RedisServer) -> None:
    redis.signal(signal.SIGCONT)


def roomy(redis: RedisServer) -> None:
    redis.ask("CONFIG", "SET", "maxmemory", "0")


ALONE = ": each worker decides by what it learns itself"


@pytest.mark.parametrize(
    ("breaks", "mends", "says"),
    [
        pytest.param(gone, there, " cannot be reached", id="killed, and empty when it is back"),
        pytest.param(stalled, awake, "in time|has not answered for", id="stopped for a while"),
        pytest.param(full, roomy, " is full, and takes nothing more", id="full"),
    ],
)
async def test_without_redis_each_host_goes_on(
    breaks: object, mends: object, says: str, tmp_path: Path
) -> None:
    assert callable(breaks)
    assert callable(mends)
    with redis_server(tmp_path) as redis, anyio.fail_after(90):
        async with net(tmp_path, redis.url) as here:
            one, other = await here.host("one"), await here.host("other")
            await one.shares(2)
            await other.shares(2)
            assert await one.ask("before") == 200
            breaks(redis)
            here.main.fail(after="status:429:600")
            for number in range(3):
                await one.quickly(f"s{number}")
                await other.quickly(f"t{number}")
            assert len(here.main.log) == 1 + 2  # nobody could tell
            problem = await one.problem()
            assert any(part in problem for part in says.split("|")), problem
            assert problem.endswith(ALONE)
            mends(redis)
            await one.shares(2)
            await other.shares(2)
            for host in (one, other):
                await host.until(lambda status: status["apps"][0]["targets"][1]["pins"] == 6)
            assert (await one.post("/api/reset", key="main")).json()["known"]
            here.main.fail(after="ok")
            assert not is_cooling(await other.status())
            assert await other.ask("u") == 200
            assert len(here.main.log) == 4


async def test_it_may_be_away_at_the_start(tmp_path: Path) -> None:
    with redis_server(tmp_path, runs=False) as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url) as here:
            one = await here.host("one")
            problem = await one.problem()
            at = f"redis://127.0.0.1:{redis.port}/0"
            assert problem == f"{at} cannot be reached (connection refused){ALONE}"
            await one.quickly("s")
            redis.start()
            await one.shares(1)
            other = await here.host("other")
            await other.shares(2)
            await other.until(lambda status: status["apps"][0]["targets"][0]["pins"] == 1)
            assert f"{at} keeps again what all know" in one.said
            assert sum("cannot be reached" in line for line in one.said) == 1


async def test_a_wrong_password_is_told_and_shown_nowhere(tmp_path: Path) -> None:
    with redis_server(tmp_path, password="right-canary") as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url_with("wrong-canary")) as here:
            one = await here.host("one")
            assert "refuses the user or the password that [routing] state has" in (
                await one.problem()
            )
            await one.quickly("s")
            await anyio.sleep(1.2)
            answer = (await one.http.get("/status")).text
            kept = [file for file in (tmp_path / "one" / "ledger").rglob("*") if file.is_file()]
            said = [text.encode() for text in (answer, *one.said)]
            for text in (*said, *(file.read_bytes() for file in kept)):
                assert b"-canary" not in text


async def test_what_redis_has_is_named_ours_and_holds_no_secret_and_no_text(tmp_path: Path) -> None:
    with redis_server(tmp_path, password="right-canary") as redis, anyio.fail_after(60):
        async with net(tmp_path, redis.url) as here:
            one = await here.host("one")
            await one.shares(1)
            here.main.fail("status:401")
            assert await one.ask("s") == 200
            await anyio.sleep(1.2)
            keys = sorted(redis.ask("KEYS", "*").split())
            assert keys == ["pointsman:1:known", "pointsman:1:log"]
            known = redis.ask("GET", "pointsman:1:known")
            log = redis.ask("XRANGE", "pointsman:1:log", "-", "+")
            assert '"pins"' in known
            for text in (known, log):
                assert "canary" not in text
                assert "hello" not in text
            assert all(int(redis.ask("TTL", key)) > 0 for key in keys)


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(SetupError, match=r"pip install 'pointsman\[cluster\]'"):
        RedisLink(state_at("redis://h/0"), b"", print)
