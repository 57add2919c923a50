"""Small requests at set times: by the live path, once, and not at any price."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy import activation as activations
from proxy.activation import Activator, body_for, route_to
from proxy.clock import REAL, World
from proxy.exchange.call import Call
from proxy.routing.activation import Activation
from proxy.routing.asked import Queue
from proxy.routing.network import Network, plain_network
from proxy.routing.rules import Rule
from proxy.routing.types import Credential, Provider, Target
from proxy.steering import Steering
from proxy.wires import WIRES
from tests.asgi import Proxy, proxy
from tests.routing.test_windows import S, utc

pytestmark = pytest.mark.anyio
SLOT = utc("2027-01-15 06:00")
MIN = 60 * S
MODEL = "claude-sonnet-4-5-20250929"
SIX = Activation(
    provider="main",
    credential=None,
    model=MODEL,
    minutes=(360,),
    days=frozenset(range(7)),
    zone="UTC",
    max_usd=1.0,
    tries=3,
)


@dataclass
class Clock:
    """A wall clock that stands still unless it is set."""

    now_us: int = SLOT

    @property
    def world(self) -> World:
        return replace(REAL, wall_us=lambda: self.now_us)


Told = Callable[[Call], tuple[int, bytes]]


@dataclass
class Exchanging:
    """An exchange that answers as it is told, and keeps what it was asked."""

    told: Told
    calls: list[Call]
    at_once: int = 0
    most_at_once: int = 0

    async def __call__(self, call: Call, receive: Any, send: Any) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert (await receive())["body"]
        self.calls.append(call)
        await asyncio.sleep(0)
        status, body = self.told(call)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        self.at_once -= 1


USAGE = {"input_tokens": 8, "output_tokens": 1}
SERVED = 200, json.dumps({"type": "message", "model": MODEL, "usage": USAGE}).encode()


def network(*labels: str) -> Network:
    main = Provider("main", "https://main.test", ("anthropic",))
    return plain_network({"claude": [Target(main, Credential(label, "k")) for label in labels]})


def activator(
    told: Told, clock: Clock, *labels: str, one: Activation = SIX
) -> tuple[Activator, Exchanging]:
    exchange = Exchanging(told, [])
    steering = Steering(network(*labels or ("key",)), clock.world)
    return Activator(exchange, steering, clock.world, lambda _: None, [one]), exchange


def always(status: int, body: bytes = b"{}") -> Told:
    return lambda _: (status, body)


def said(one: Activator) -> list[str]:
    return [progress.said for progress in one.steering.memory.activations.values()]


async def over(one: Activator, clock: Clock, minutes: int) -> None:
    """Let so many minutes go by, looking twice in each."""
    for _ in range(2 * minutes):
        await one.activate_due()
        clock.now_us += MIN // 2


async def test_one_that_is_served_is_not_made_again_before_the_next_day() -> None:
    clock = Clock(SLOT - MIN)
    one, exchange = activator(always(*SERVED), clock)
    await over(one, clock, 60)
    assert len(exchange.calls) == 1
    assert said(one) == ["served"]
    clock.now_us = SLOT + 24 * 60 * MIN
    await one.activate_due()
    assert len(exchange.calls) == 2


async def test_the_call_names_its_key_and_is_marked() -> None:
    one, exchange = activator(always(*SERVED), Clock())
    await one.activate_due()
    (call,) = exchange.calls
    assert (call.kind, call.route.app, call.location.path) == (
        "activation",
        "claude",
        "/v1/messages",
    )
    assert call.headers[b"x-provider-name"] == b"main/key"


@pytest.mark.parametrize(
    ("status", "tries"),
    [
        pytest.param(529, 3, id="who is overloaded is asked as often as is configured"),
        pytest.param(429, 3, id="so is who limits the rate"),
        pytest.param(200, 3, id="and whose answer is none"),
        pytest.param(404, 1, id="who does not know the model is asked once"),
    ],
)
async def test_what_fails_is_tried_again(status: int, tries: int) -> None:
    clock = Clock()
    one, exchange = activator(always(status), clock)
    await over(one, clock, 60)
    assert len(exchange.calls) == tries
    assert said(one) == [f"status {status}"]


async def test_the_first_that_succeeds_is_the_last() -> None:
    answers = iter([(529, b"{}"), SERVED])
    clock = Clock()
    one, exchange = activator(lambda _: next(answers), clock)
    await over(one, clock, 60)
    assert len(exchange.calls) == 2


@pytest.mark.parametrize(("late_min", "tries"), [(2, 3), (29, 1), (31, 0)])
async def test_a_machine_that_slept_tries_once_or_not_at_all(late_min: int, tries: int) -> None:
    clock = Clock(SLOT + late_min * MIN)
    one, exchange = activator(always(529), clock)
    await over(one, clock, 60)
    assert len(exchange.calls) == tries


SEVERAL = replace(SIX, minutes=(360, 420, 480))
PRICE = 8 * 3e-6 + 15e-6


@pytest.mark.parametrize(
    ("one", "calls"),
    [
        pytest.param(SEVERAL, 3, id="cheap enough"),
        pytest.param(replace(SEVERAL, max_usd=1.5 * PRICE), 2, id="until it is spent"),
        pytest.param(replace(SEVERAL, max_usd=0.0), 0, id="nothing may be spent"),
        pytest.param(replace(SEVERAL, model="unheard-of"), 1, id="once at an unknown price"),
    ],
)
async def test_it_costs_no_more_than_it_may(one: Activation, calls: int) -> None:
    clock = Clock()
    made, exchange = activator(always(*SERVED), clock, one=one)
    await over(made, clock, 150)
    assert len(exchange.calls) == calls


async def test_each_key_is_asked_and_none_twice_at_once() -> None:
    clock = Clock()
    one, exchange = activator(always(*SERVED), clock, "x", "y")
    one.activations = [SIX, replace(SIX, tries=1)]
    await one.activate_due()
    names = [call.headers[b"x-provider-name"] for call in exchange.calls]
    assert sorted(names) == [b"main/x", b"main/y"]
    assert exchange.most_at_once == 2


async def test_a_restart_knows_what_was_tried() -> None:
    clock = Clock()

    def stops(_: Call) -> tuple[int, bytes]:
        raise asyncio.CancelledError

    one, _ = activator(stops, clock)
    await one.activate_due()
    (progress,) = one.steering.memory.activations.values()
    assert (progress.tries, progress.said) == (1, "under way")
    again, exchange = activator(always(*SERVED), clock)
    again.steering.memory = one.steering.memory
    await again.activate_due()
    assert exchange.calls == []  # not within a minute of the first


async def test_a_crash_ends_nothing_but_itself() -> None:
    def crashes(call: Call) -> tuple[int, bytes]:
        if call.headers[b"x-provider-name"] == b"main/x":
            raise ZeroDivisionError
        return SERVED

    one, _ = activator(crashes, Clock(), "x", "y")
    await one.activate_due()
    assert said(one) == ["ZeroDivisionError", "served"]


async def test_who_is_in_no_queue_cannot_be_asked() -> None:
    one, exchange = activator(always(*SERVED), Clock())
    one.steering.network = replace(one.steering.network, queues={})
    await one.activate_due()
    assert (said(one), exchange.calls) == (["no queue has main"], [])


async def test_it_runs_until_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activations, "LOOK_EVERY_S", 0.001)
    clock = Clock(SLOT - MIN)
    one, exchange = activator(always(*SERVED), clock)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(one.run)
            await anyio.sleep(0.01)
            assert exchange.calls == []
            clock.now_us = SLOT
            while not exchange.calls:  # noqa: ASYNC110  # the clock knows no event loop
                await anyio.sleep(0.001)
            group.cancel_scope.cancel()


@contextmanager
def live(main: FakeProvider, model: str) -> Iterator[tuple[Proxy, Activator]]:
    with proxy(main) as here:
        exchange = here.app.exchange
        one = replace(SIX, model=model)
        yield here, Activator(exchange, exchange.steering, Clock().world, exchange.happened, [one])


@pytest.mark.parametrize("wire", WIRES)
async def test_it_takes_the_live_path(wire: WireName) -> None:
    main = FakeProvider("main", wires=[wire])
    with live(main, "gemini-3.8-flash" if wire == "gemini" else MODEL) as (here, one):
        await one.activate_due()
    assert said(one) == ["served"]
    row = here.rows.only.request
    assert (row.kind, row.outcome, row.provider) == ("activation", "whole", "main")
    assert row.user_agent is not None
    assert len(main.log) == 1


async def test_neither_rules_nor_queues_change_what_is_asked() -> None:
    main = FakeProvider("main")
    with live(main, MODEL) as (here, one):
        exchange = here.app.exchange
        known = exchange.steering.network
        named = replace(known.queues["claude"].candidates[0], model="claude-opus-5-5", level=0)
        queues = {
            "claude": replace(known.queues["claude"], candidates=(named,)),
            "cheap": Queue(name="cheap", candidates=()),
        }
        rule = Rule(name="all", queue="cheap")
        network = replace(known, queues=queues, rules=(rule,))
        exchange.adopt(replace(exchange.policy, network=network), "other")
        await one.activate_due()
        memory, asked = exchange.steering.memory, exchange.steering.asked
    assert said(one) == ["served"]
    assert main.log[0].model == MODEL  # and no dearer one: it is what its cap counts
    assert (memory.turns, memory.pins.entries, asked) == ({}, {}, {})


async def test_who_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activations, "PATIENCE_S", 0.05)
    main = FakeProvider("main", faults=["no_headers"])
    with live(main, MODEL) as (here, one), anyio.fail_after(3):
        await one.activate_due()
    assert said(one) == ["no answer in time"]
    assert here.rows.only.request.outcome == "client_left"


@pytest.mark.parametrize(
    ("wires", "queues", "found"),
    [
        pytest.param(("chat", "anthropic"), ("claude",), ("anthropic", "claude"), id="its own app"),
        pytest.param(("chat",), ("codex",), ("chat", "codex"), id="another app, in its own wire"),
        pytest.param(("chat",), (), None, id="nobody's"),
    ],
)
def test_route(wires: tuple[str, ...], queues: Any, found: tuple[str, str] | None) -> None:
    provider = Provider("main", "https://main.test", wires)
    target = Target(provider, Credential("key", "k"))
    route = route_to(provider, plain_network({app: [target] for app in queues}))
    assert found == (None if route is None else (route.wire.name, route.app))


@pytest.mark.parametrize("wire", WIRES)
def test_little_is_asked_for(wire: str) -> None:
    body = json.loads(body_for(SIX, Provider("main", "", (wire,)), WIRES[wire]))
    limits = {
        "anthropic": body.get("max_tokens"),
        "chat": body.get("max_completion_tokens"),
        "responses": body.get("max_output_tokens"),
        "gemini": body.get("generationConfig", {}).get("maxOutputTokens"),
    }
    assert limits[wire] == (16 if wire == "responses" else 1)
    assert len(json.dumps(body)) < 150
