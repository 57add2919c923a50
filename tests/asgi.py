"""The proxy in process: providers behind respx, rows in a list, and a client that can leave."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import respx
from starlette.applications import Starlette

from fixtures.drivers.respx import mount
from fixtures.engine import FakeProvider
from fixtures.stage import without_repeats
from proxy.clock import REAL
from proxy.commands import ConfigState, LedgerState, RoutingState, WorkerState
from proxy.endpoints import Front, status
from proxy.endpoints.small import routes
from proxy.endpoints.status import Told
from proxy.exchange import Exchange, Policy
from proxy.record import Entry, EventRow
from proxy.record.start import Origin
from proxy.routing.network import Network, plain_network
from proxy.routing.types import App, Credential, Limits, Provider, Target
from proxy.steering import Steering, looking
from proxy.upstream.httpx_lane import HttpxLane

APPS: tuple[App, ...] = ("claude", "codex", "openai", "gemini")
SHORT = Limits(first_byte_s=0.2, first_content_s=0.2, idle_s=0.2, whole_s=0.2, total_s=5.0)
CLIENT_KEY = "client-canary"
CONFIG = ConfigState(path=None, hash="hash", loaded_at="2027-01-15T08:00:00+00:00")

PATHS = {
    "anthropic": "/v1/messages",
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "gemini": "/v1beta/models/gemini-3.8-flash:generateContent",
}


@dataclass
class Rows:
    """A ledger that keeps what it is given."""

    entries: list[Entry] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    holds_ends: bool = False
    refuses: str | None = None  # why it lets nobody in
    instead: str | None = None  # what is said in place of an answer's end
    events: list[EventRow] = field(default_factory=list)  # that no exchange has caused

    def refusal(self) -> str | None:
        return self.refuses

    async def kept(self, *, is_written: bool) -> str | None:
        assert is_written
        await anyio.lowlevel.checkpoint()
        return self.instead

    def happened(self, rows: tuple[EventRow, ...]) -> None:
        self.events.extend(rows)

    def opened(self, request_id: str, received_us: int, path: str) -> None:
        assert received_us > 0
        assert path.startswith("/")
        self.begun.append(request_id)

    def write(self, entry: Entry) -> bool:
        self.entries.append(entry)
        return True

    @property
    def only(self) -> Entry:
        (entry,) = self.entries
        return entry

    @property
    def story(self) -> list[str]:
        """The attempts of the only entry, each as "provider outcome", and how it ended."""
        entry = self.only
        tried = [f"{row.provider} {row.outcome}" for row in entry.attempts]
        return [*tried, entry.request.outcome]


@dataclass
class Seen:
    """What the client saw."""

    status: int | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Proxy:
    app: Front
    rows: Rows
    router: respx.MockRouter
    leaves_at: int | None = None  # the client hangs up after so many sends
    leaves_after: bytes | None = None  # or once it has seen this
    sends_body: bool = True
    reads: int | None = None  # after so many sends the client takes nothing more
    stops_reading_at: bytes | None = None
    last: Seen = field(default_factory=Seen)
    left: anyio.Event = field(default_factory=anyio.Event)

    async def call(
        self,
        path: str,
        body: bytes | Mapping[str, object] = b"",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Seen:
        """Make one request."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        path, _, query = path.partition("?")
        known = {"host": "127.0.0.1", "content-type": "application/json"}
        known |= {"authorization": f"Bearer {CLIENT_KEY}", **(headers or {})}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode()) for n, v in known.items()],
        }
        seen = self.last = Seen()
        bodies = iter([{"type": "http.request", "body": data, "more_body": False}])
        if not self.sends_body:
            bodies = iter([])
        sends = itertools.count(1)

        async def receive() -> dict[str, Any]:
            for message in bodies:
                return message
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            number = next(sends)
            full = self.reads is not None and number >= self.reads
            if full or (self.stops_reading_at or b"\0") in message.get("body", b""):
                await anyio.sleep_forever()
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                seen.headers = dict(message["headers"])
            else:
                seen.body += message["body"]
                seen.ended = not message.get("more_body", False)
            read_enough = self.leaves_after is not None and self.leaves_after in seen.body
            if number == self.leaves_at or read_enough:
                self.left.set()
                await anyio.lowlevel.checkpoint()

        await self.app(scope, receive, send)
        return seen


@contextmanager
def proxy(
    *providers: FakeProvider, limits: Limits = SHORT, leaves_at: int | None = None, **policy: Any
) -> Iterator[Proxy]:
    """Stand a proxy before `providers`, in queue order for every app."""
    queue = tuple(target(provider) for provider in providers)
    bodies = policy.pop("bodies", None)
    queues = policy.pop("queues", dict.fromkeys(APPS, queue))
    network = policy.pop("network", None) or network_of(queues, limits)
    rules = Policy(network, **policy)
    rows = Rows()
    origin = Origin("host", 1, "0", "hash")
    steering = Steering(network, REAL)
    exchange = Exchange(rules, HttpxLane(), rows, REAL, origin, steering, bodies=bodies)
    with respx.mock(assert_all_called=False) as router:
        for provider in providers:
            mount(router, f"https://{provider.name}.test", provider)
        small = Starlette(routes=[*routes("0"), *status.routes(exchange, told_of(exchange))])
        yield Proxy(Front(exchange, small), rows, router, leaves_at)


def told_of(exchange: Exchange, config: Callable[[], ConfigState] = lambda: CONFIG) -> Told:
    """Return what the status tells of a proxy without files."""

    def own() -> WorkerState:
        return WorkerState(
            host="host",
            pid=1,
            uptime_s=0,
            active=exchange.tally.active,
            outcomes=dict(exchange.tally.outcomes),
            attempts=exchange.tally.attempts,
            tokens=exchange.tally.tokens,
            in_flight=looking.in_flight(exchange.steering),
            ledger=LedgerState(folder="/ledger"),
            routing=RoutingState(file="/ledger/routing.json"),
            config=config(),
        )

    return Told(exchange.steering, own)


def network_of(queues: Mapping[App, Sequence[Target]], limits: Limits = SHORT) -> Network:
    """Return a network in which nothing is asked twice: most tests count who was asked."""
    return without_repeats(plain_network(queues, dict.fromkeys(APPS, limits)))


def target(provider: FakeProvider) -> Target:
    upstream = Provider(provider.name, f"https://{provider.name}.test", tuple(provider.wires))
    return Target(upstream, Credential("key", f"key-of-{provider.name}"))


def two(*faults: str) -> Sequence[FakeProvider]:
    """Return a provider with `faults`, and one without."""
    return FakeProvider("main", faults=faults, events=4), FakeProvider("relay", events=4)


def asking(wire: str, *, stream: bool) -> tuple[str, dict[str, object]]:
    """Return path and body of a request."""
    match wire:
        case "gemini":
            verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
            path = f"/v1beta/models/gemini-3.8-flash:{verb}"
            return path, {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
        case "responses":
            return PATHS[wire], {"model": "m", "stream": stream, "input": "hello"}
        case _:
            messages = [{"role": "user", "content": "hello"}]
            body = {"model": "m", "stream": stream, "max_tokens": 9, "messages": messages}
            if wire == "chat" and stream:
                body["stream_options"] = {"include_usage": True}
            return PATHS[wire], body


async def until_asked(provider: FakeProvider, times: int = 1) -> None:
    """Wait until `provider` has got so many requests."""
    while len(provider.log) < times:  # noqa: ASYNC110  # the provider knows no event loop
        await anyio.sleep(0.001)
