"""What a person may ask of the running proxy and tell it, and what nobody else may."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec
import pytest
from starlette.applications import Starlette

from proxy.commands import ConfigState, Status
from proxy.endpoints import Front, small, status
from proxy.endpoints.control import Control
from proxy.routing.types import Outcome
from proxy.steering import Memory
from tests.asgi import CLIENT_KEY, Proxy, Seen, asking, proxy, told_of, two

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=False)
GOOD = ConfigState(path="/etc/p.toml", hash="hash", loaded_at="2027-01-15T08:00:00+00:00")
QUESTIONS = (
    ("GET", "/status"),
    ("POST", "/api/switch"),
    ("POST", "/api/reset"),
    ("POST", "/api/reload"),
)


@dataclass
class Config:
    state: ConfigState = GOOD
    asked: int = 0

    async def reload(self) -> ConfigState:
        self.asked += 1
        return self.state


@dataclass
class Scene:
    proxy: Proxy
    config: Config
    kept: list[Memory]  # what was made to last, in order

    async def tell(self, path: str, body: bytes | Mapping[str, object] = b"{}") -> Seen:
        return await self.proxy.call(path, body)

    async def status(self) -> Status:
        seen = await self.proxy.call("/status", method="GET")
        assert (seen.status, seen.headers[b"content-type"]) == (200, b"application/json")
        return msgspec.json.decode(seen.body, type=Status)

    async def served_by(self) -> str:
        """Return who serves a conversation that begins."""
        number = len(self.proxy.rows.entries)
        body = {**BODY, "messages": [{"role": "user", "content": f"hello {number}"}]}
        assert (await self.proxy.call(PATH, body)).status == 200
        return self.proxy.rows.entries[-1].attempts[-1].provider


@contextmanager
def scene(*faults: str, **policy: object) -> Iterator[Scene]:
    with proxy(*two(*faults), **policy) as here:
        exchange, config = here.app.exchange, Config()
        told = told_of(exchange, lambda: config.state)
        kept: list[Memory] = []

        async def keep() -> None:
            kept.append(exchange.steering.memory)

        control = Control(exchange.steering, config, exchange.world, keep, exchange.happened)
        routes = [*small.routes("0"), *status.routes(exchange, told), *control.routes()]
        here.app = Front(exchange, Starlette(routes=routes))
        yield Scene(here, config, kept)


async def test_the_status_tells_what_is_and_what_was_learnt() -> None:
    with scene("status:429:30", "ok") as here:
        assert await here.served_by() == "relay"
        told = await here.status()
        assert (told.total, told.active, told.outcomes) == (1, 0, {"whole": 1})
        assert told.queues["claude"] == ("main/key", "relay/key")
        assert (told.config, told.ledger.folder) == (GOOD, "/ledger")
        assert [view.app for view in told.apps] == ["claude", "codex", "gemini", "openai"]
        (part,) = told.apps[0].targets[0].parts
        assert part.key.startswith("main/key")
        assert part.cooling_s is not None
        assert 25 < part.cooling_s <= 30
        assert [one.name for one in told.providers] == ["main", "relay"]


async def test_a_switch_takes_effect_with_the_next_request() -> None:
    with scene() as here:
        assert await here.served_by() == "main"
        seen = await here.tell("/api/switch", {"app": "claude", "provider": "relay", "for_s": 60})
        assert (seen.status, seen.json()["target"]) == (200, "relay/key/m")
        assert seen.json()["switch"]["provider"] == "relay"
        assert here.kept[-1].switches["claude"].provider == "relay"  # before the answer
        assert await here.served_by() == "relay"
        assert (await here.status()).apps[0].switch is not None
        seen = await here.tell("/api/switch", {"app": "claude", "provider": None})
        assert (seen.status, seen.json()["switch"]) == (200, None)
        assert await here.served_by() == "main"


async def test_a_reset_lets_it_be_asked_again() -> None:
    with scene("status:401", "ok") as here:
        assert await here.served_by() == "relay"
        assert await here.served_by() == "relay"
        seen = await here.tell("/api/reset", {"key": "main"})
        assert (seen.status, seen.json()) == (200, {"key": "main", "known": True, "still": []})
        assert (await here.tell("/api/reset", {"key": "main"})).json()["known"] is False
        assert await here.served_by() == "main"


async def test_a_reset_says_what_still_bars() -> None:
    with scene() as here:
        steering = here.proxy.app.exchange.steering
        (target,) = (t for t in map(steering.network.target, _all(steering)) if t.model is None)
        lost = Outcome(replace(target, model="m"), failure="credential", status=401)
        steering.learned("claude", lost)
        seen = await here.tell("/api/reset", {"key": "main/key/m"})
        assert [one["key"] for one in seen.json()["still"]] == ["main/key"]


def _all(steering: object) -> list[object]:
    return list(steering.network.queues["claude"].candidates[:1])


async def test_a_reload_that_is_refused_says_why() -> None:
    with scene() as here:
        seen = await here.tell("/api/reload", b"")
        assert (seen.status, seen.json()["path"]) == (200, "/etc/p.toml")
        here.config.state = msgspec.structs.replace(GOOD, last_error="p.toml: no\np.toml: nor that")
        seen = await here.tell("/api/reload")
        assert (seen.status, seen.json()) == (400, {"error": "p.toml: no\np.toml: nor that"})
        assert here.config.asked == 2
        assert (await here.status()).config.last_error == "p.toml: no\np.toml: nor that"


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        pytest.param(
            "/api/switch",
            {"app": "cloud", "provider": "relay"},
            "There is no queue for the app 'cloud': there is claude, codex, gemini, openai.",
            id="an app that is not there",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude", "provider": "delay"},
            "The queue of claude has no enabled 'delay': there is main, relay.",
            id="a provider that is not there",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude", "provider": "relay", "for_s": 0},
            "for_s is 0: give seconds, at most a year.",
            id="for no time",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude", "provider": "relay", "for_s": 1e12},
            "for_s is 1e+12: give seconds, at most a year.",
            id="for ever",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude"},
            "The body cannot be used: Object missing required field `provider`.",
            id="without a provider, which is not off",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude", "provider": 7},
            "The body cannot be used: Expected `str | null`, got `int` - at `$.provider`.",
            id="another type",
        ),
        pytest.param(
            "/api/switch",
            {"app": "claude", "provider": "relay", "fors": 9},
            "The body cannot be used: Object contains unknown field `fors`.",
            id="a slip of the pen",
        ),
        pytest.param(
            "/api/reset",
            b"",
            "The body cannot be used: Object missing required field `key`.",
            id="nothing",
        ),
        pytest.param(
            "/api/reset",
            b"{",
            "The body cannot be used: Input data was truncated.",
            id="no JSON",
        ),
        pytest.param(
            "/api/reset",
            {"key": "mai"},
            "There is no provider 'mai': there is main, relay.",
            id="a reset of nobody",
        ),
        pytest.param(
            "/api/reset",
            {"key": "main/k"},
            "There is no key 'main/k': there is main/key.",
            id="a reset of no key",
        ),
        pytest.param(
            "/api/reset",
            {"key": "main/"},
            "There is no key 'main/': there is main/key.",
            id="a reset of an empty key",
        ),
        pytest.param(
            "/api/reload",
            {"path": "/etc/passwd"},
            "The body cannot be used: Object contains unknown field `path`.",
            id="no other file is ever read",
        ),
    ],
)
async def test_what_cannot_be_done(path: str, body: bytes | dict[str, object], error: str) -> None:
    with scene() as here:
        seen = await here.tell(path, body)
        assert (seen.status, seen.json()) == (400, {"error": error})
        assert here.proxy.app.exchange.steering.changes == 0


@pytest.mark.parametrize(("method", "path"), QUESTIONS)
async def test_no_web_page_may_ask(method: str, path: str) -> None:
    with scene() as here:
        page = {"origin": "https://evil.example"}
        assert (await here.proxy.call(path, b"{}", page, method)).status == 403
        rebound = {"host": "evil.example"}
        assert (await here.proxy.call(path, b"{}", rebound, method)).status == 403
        assert here.config.asked == 0


@pytest.mark.parametrize(("method", "path"), QUESTIONS)
async def test_where_there_are_keys_one_is_needed(method: str, path: str) -> None:
    with scene(client_keys={"me": CLIENT_KEY}) as here:
        wrong = {"authorization": "Bearer other"}
        assert (await here.proxy.call(path, b"{}", wrong, method)).status == 401
        assert (await here.proxy.call(path, b"{}", None, method)).status in {200, 400}


@pytest.mark.parametrize("path", ["/api/switch", "/api/reset", "/api/reload"])
async def test_commands_are_posted_as_json_and_short(path: str) -> None:
    with scene() as here:
        assert (await here.proxy.call(path, method="GET")).status == 405
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert (await here.proxy.call(path, b"key=main", form)).status == 415
        long = {"content-length": "70000"}
        assert (await here.proxy.call(path, b" " * 70_000, long)).status == 413


async def test_no_answer_holds_a_secret() -> None:
    with scene("status:401", "ok", client_keys={"me": CLIENT_KEY}) as here:
        await here.served_by()
        answers = [
            await here.proxy.call("/status", method="GET"),
            await here.tell("/api/switch", {"app": "claude", "provider": "relay"}),
            await here.tell("/api/reset", {"key": "main"}),
            await here.tell("/api/reload"),
        ]
        for seen in answers:
            assert seen.status == 200
            assert CLIENT_KEY.encode() not in seen.body
            assert b"key-of-" not in seen.body
