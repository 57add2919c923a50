"""Asks providers at set times, for next to nothing, so that their quota windows begin then.

The requests take the way of every other one: they have rows, of the kind "activation", and count
for budgets, breakers and quotas. When they are due is in `proxy.routing.activating`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.types import Message, Receive, Send

from proxy import VERSION
from proxy.clock import World
from proxy.endpoints.paths import APP_OF_WIRE
from proxy.exchange.call import Call, Route
from proxy.happened import Activated, Happened
from proxy.routing.activating import (
    Due,
    Ending,
    Progress,
    Tried,
    accounts,
    begun,
    ended,
    next_try,
)
from proxy.routing.activation import Activation
from proxy.routing.changes import concerning
from proxy.routing.network import Network
from proxy.routing.rules import PROVIDER_HEADER
from proxy.routing.types import App, Provider
from proxy.steering import Steering
from proxy.steering.prices import cost_usd
from proxy.wire import Location, Wire
from proxy.wires import WIRES

LOOK_EVERY_S: Final = 10.0  # soon after a machine wakes up, for its clocks may have stood still
PATIENCE_S: Final = 60.0  # then it hangs up, as a client that has waited for too long
_OK: Final = 200
_PASSES: Final = frozenset({408, 409, 425, 429})  # of 4xx: what a later try may mend
_SAID: Final = "hi"
_TURN: Final = {"role": "user", "content": _SAID}
_AT: Final[Mapping[str, str]] = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
}

Exchanging = Callable[[Call, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Errand:
    """One try to be made; `name` says with which key, and the model."""

    name: str
    activation: Activation
    account: str
    due: Due


@dataclass(slots=True)
class Activator:
    """Makes the tries. One per process; `activations` may be replaced at any time."""

    exchange: Exchanging
    steering: Steering
    world: World
    happened: Callable[[Happened], None]
    activations: Sequence[Activation] = ()

    async def run(self) -> None:
        """Make each try when it is due, until cancelled."""
        while True:
            await self.activate_due()
            await asyncio.sleep(LOOK_EVERY_S)

    async def activate_due(self) -> None:
        """Make all tries that are due, and wait for them: so no key has two at once."""
        async with asyncio.TaskGroup() as group:
            for errand in self.due():
                group.create_task(self._try(errand))

    def due(self) -> list[Errand]:
        """Return the tries that are due, one for each key and model."""
        now_us, known = self.world.wall_us(), self.steering.memory.activations
        found: dict[str, Errand] = {}
        for activation in self.activations:
            for account in accounts(activation, self.steering.network):
                name = f"{account}/{activation.model}"
                due = next_try(activation, known.get(name), now_us)
                if due is not None and due.at_us <= now_us:
                    found[name] = Errand(name, activation, account, due)
        return list(found.values())

    async def _try(self, errand: Errand) -> None:
        """Make one try; that it is made is noted before, for it may end the process."""
        before = self.steering.memory.activations.get(errand.name)
        progress = begun(errand.activation, before, errand.due, self.world.wall_us())
        if not await self.steering.activates(errand.name, progress):
            return  # another process makes it
        tried = await self._asked(errand)
        progress = ended(progress, tried)
        self.steering.activated(errand.name, progress)
        self.happened(activation_ended(errand, progress, self.world.wall_us()))

    async def _asked(self, errand: Errand) -> Tried:
        activation, network = errand.activation, self.steering.network
        provider = network.providers.get(activation.provider)
        route = None if provider is None else route_to(provider, network)
        if provider is None or route is None:
            return Tried("hopeless", f"no queue has {activation.provider}")
        call = call_for(activation, errand.account, route)
        heard = _Heard(body_for(activation, provider, route.wire))
        try:
            await self.exchange(call, heard.receive, heard.send)
        except Exception as exc:  # noqa: BLE001  # the exchange has written its row; others go on
            return Tried("hopeless", type(exc).__name__)
        return await self._judged(activation, heard, route.wire)

    async def _judged(self, activation: Activation, heard: "_Heard", wire: Wire) -> Tried:
        if heard.status is None:
            return Tried("failed", "no answer in time")
        told = wire.read_whole(heard.body) if heard.status == _OK else None
        if told is None or told.error_type is not None:
            passes = heard.status in _PASSES or not 400 <= heard.status < 500  # noqa: PLR2004  # HTTP's border
            ending: Ending = "failed" if passes else "hopeless"
            return Tried(ending, f"status {heard.status}")
        now_us = self.world.wall_us()
        asked = activation.provider, activation.model, told.usage, now_us
        usd = await asyncio.to_thread(cost_usd, *asked)  # which may have to load its lists
        return Tried("served", "served", usd)


@dataclass(slots=True)
class _Heard:
    """A client that says `said`, and keeps what it hears."""

    said: bytes
    status: int | None = None
    body: bytes = b""
    _is_said: bool = field(default=False)

    async def receive(self) -> Message:
        if not self._is_said:
            self._is_said = True
            return {"type": "http.request", "body": self.said, "more_body": False}
        await asyncio.sleep(PATIENCE_S)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message["body"]


def activation_ended(errand: Errand, progress: Progress, now_us: int) -> Happened:
    """Return what came of a try."""
    detail = Activated(tries=progress.tries, is_over=progress.is_over)
    told = Happened(kind="activation_ended", at_us=now_us, why=progress.said, detail=detail)
    return concerning(errand.name, told)


def route_to(provider: Provider, network: Network) -> Route | None:
    """Return how `provider` is asked in a wire of its own; `None` if it is in no app's queue."""
    own = [(wire, APP_OF_WIRE[wire]) for wire in provider.wires]
    others: list[tuple[str, App]] = [(provider.wires[0], app) for app in APP_OF_WIRE.values()]
    for wire, app in (*own, *others):
        queue = network.queues.get(app)
        if queue and any(one.provider == provider.name for one in queue.candidates):
            return Route(WIRES[wire], "generate", app)
    return None


def call_for(activation: Activation, account: str, route: Route) -> Call:
    """Return the call that asks with the key `account`, and no other."""
    model = quote(activation.model, safe="")
    path = _AT.get(route.wire.name, f"/v1beta/models/{model}:generateContent")
    headers = {
        b"host": b"127.0.0.1",
        b"content-type": b"application/json",
        b"user-agent": f"pointsman/{VERSION}".encode(),
        PROVIDER_HEADER: account.encode(),
    }
    if route.wire.name == "anthropic":
        headers[b"anthropic-version"] = b"2023-06-01"
    return Call(route, Location(path, {}), "", route.method, headers, kind="activation")


def body_for(activation: Activation, provider: Provider, wire: Wire) -> bytes:
    """Return the smallest request that is answered."""
    said: dict[str, Any]
    match wire.name:
        case "anthropic":
            said = {"model": activation.model, "max_tokens": 1, "messages": [_TURN]}
        case "responses":
            said = {"model": activation.model, "max_output_tokens": 16, "input": _SAID}
            said["store"] = False
        case "gemini":
            said = {"contents": [{"role": "user", "parts": [{"text": _SAID}]}]}
            said["generationConfig"] = {"maxOutputTokens": 1}
        case _:
            said = {"model": activation.model, provider.dialect.max_tokens_key: 1}
            said["messages"] = [_TURN]
    return msgspec.json.encode(said)
