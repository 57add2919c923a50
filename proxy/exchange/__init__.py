"""Run one exchange, from a client's request to the rows in the ledger."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.types import Receive, Send

from proxy import auth
from proxy.canonical import Ask
from proxy.clock import World
from proxy.errors import ClientError, ClientLeft
from proxy.exchange.body import check_json, decode_body, read_body
from proxy.exchange.call import Call
from proxy.exchange.chains import Chains
from proxy.exchange.client import Client
from proxy.exchange.job import Job
from proxy.exchange.passage import JSON
from proxy.exchange.preparing import wires_for
from proxy.exchange.reading import Reading
from proxy.exchange.serving import served
from proxy.exchange.tally import Tally
from proxy.happened import Happened
from proxy.record import Entry, EventRow
from proxy.record.bodies import Kept
from proxy.record.events import event_row
from proxy.record.request import Recorder
from proxy.record.start import Origin, Start
from proxy.routing.asked import Queue
from proxy.routing.network import Network
from proxy.routing.session import subagent
from proxy.routing.types import Limits
from proxy.steering import Steering, Wish
from proxy.steering.wishing import Posed, wish
from proxy.upstream import Lane
from proxy.wires import CODECS

MAX_UPLOAD_S = 300.0
MAX_TARGET_BYTES = 16 * 1024
TOO_SLOW = "The request did not arrive in time: its body is missing, or a part of it."
STOPPING = "The proxy is being stopped. Ask again."
CODEX_MODELS = b'{"models":[]}'  # Codex then uses the catalogue that it brings


class Ledger(Protocol):
    """Where rows go; no call but `kept` waits for a disk, and none ever fails."""

    @property
    def holds_ends(self) -> bool:
        """Whether an answer ends only when its rows are durable."""
        ...

    def refusal(self) -> str | None:
        """Return why no request may be served, if that is so: one sentence for whoever asks."""
        ...

    async def kept(self, *, is_written: bool) -> str | None:
        """Wait until rows are durable; return what to say instead of the end of their answer."""
        ...

    def opened(self, request_id: str, received_us: int, path: str) -> None:
        """Note that an exchange has begun, so that it is found even after a crash."""
        ...

    def write(self, entry: Entry) -> bool:
        """Take all rows of an exchange that has ended; `False` if they are in no file yet."""
        ...

    def happened(self, rows: tuple[EventRow, ...]) -> None:
        """Take what no exchange has caused."""
        ...


class Bodies(Protocol):
    """Where bodies go; neither call waits for a disk, and neither ever fails."""

    def begin(self) -> Kept:
        """Return where those of an exchange are put while it runs."""
        ...

    def offer(self, entry: Entry, kept: Kept) -> None:
        """Take those of an exchange that has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration says of how requests are served."""

    network: Network
    client_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    allowed_hosts: frozenset[str] = frozenset({"localhost"})
    max_body_bytes: int = 200 * 1024 * 1024


@dataclass(slots=True)
class Exchange:
    """Answers calls; everything it needs is handed in. `adopt` is the only thing that changes it.

    `secret` is this installation's own: see `proxy.steering.wishing`.
    """

    policy: Policy
    lane: Lane
    ledger: Ledger
    world: World
    origin: Origin
    steering: Steering
    secret: bytes = field(default=b"", repr=False)
    tally: Tally = field(default_factory=Tally)
    chains: Chains = field(default_factory=Chains)
    bodies: Bodies | None = None  # `None`: none are stored

    def adopt(self, policy: Policy, config_hash: str) -> None:
        """Serve by another configuration from the next request on."""
        self.policy = policy
        self.origin = replace(self.origin, config_hash=config_hash)
        resets = self.steering.adopt(policy.network)
        self.happened(Happened(kind="config_loaded", at_us=self.world.wall_us()), *resets)

    def happened(self, *happened: Happened) -> None:
        """Note what no exchange has caused."""
        rows = tuple(event_row(one, self.origin, self.world.new_id()) for one in happened)
        if rows:
            self.ledger.happened(rows)

    async def __call__(self, call: Call, receive: Receive, send: Send) -> None:
        """Answer, and write rows once whatever happens: a crash, a hang-up, a cancel."""
        recorder = self._recorder(call)
        client = Client(receive, send, recorder, self.world.tick_us)
        refusal = self.ledger.refusal()
        if refusal is not None:
            await client.refuse(call.route.wire, 503, refusal, [(b"x-should-retry", b"false")])
            return
        client.holds = self.ledger.holds_ends
        self.ledger.opened(
            recorder.start.request_id, recorder.start.received_us, call.location.path
        )
        self.tally.began()
        try:
            await self._answer(call, client, recorder)
        except* ClientLeft:
            recorder.cut_short("client_left")
        except* Exception:
            recorder.cut_short("crashed")
            await client.break_off(call.route.wire, 500, "The proxy failed; its log says why.")
            raise
        finally:
            if not recorder.is_over:  # nobody knew why: we are being stopped
                recorder.cut_short("stopped")
                await client.break_off(call.route.wire, 503, STOPPING)
            entry = recorder.finish(self.world.tick_us())
            is_written = self.ledger.write(entry)
            if self.bodies is not None and recorder.kept is not None:
                self.bodies.offer(entry, recorder.kept)
            self.tally.ended(recorder.outcome, entry.attempts)
            if client.holds:
                await self._let_go(call, client, is_written=is_written)

    async def _let_go(self, call: Call, client: Client, *, is_written: bool) -> None:
        """Let the answer end, once its rows are durable."""
        instead = await self.ledger.kept(is_written=is_written)
        with suppress(TimeoutError):  # it does not read its answer; the rows are written
            async with asyncio.timeout(self._limits(call).total_s):
                await client.let_go(call.route.wire, instead)

    def _recorder(self, call: Call) -> Recorder:
        start = Start(
            request_id=self.world.new_id(),
            received_us=self.world.wall_us(),
            tick_us=self.world.tick_us(),
            method=call.method,
            path=call.location.path,
            endpoint=call.route.endpoint,
            kind=call.kind,
        )
        recorder = Recorder(start, self.origin)
        recorder.kept = None if self.bodies is None else self.bodies.begin()
        recorder.wire = call.route.wire.name
        agent = call.headers.get(b"user-agent")
        recorder.user_agent = None if agent is None else agent.decode("latin-1")
        recorder.subagent_id = subagent(call.headers)
        return recorder

    async def _answer(self, call: Call, client: Client, recorder: Recorder) -> None:
        try:
            async with asyncio.timeout(min(MAX_UPLOAD_S, self._limits(call).total_s)):
                job = await self._accepted(call, client, recorder)
        except ClientError as exc:
            await _reject(call, exc, client, recorder)
            return
        except TimeoutError:
            await _reject(call, ClientError(408, TOO_SLOW), client, recorder)
            return
        if job is None:
            recorder.ended("whole")
            await client.whole(200, [JSON], CODEX_MODELS)
            return
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(client.gone())
            try:
                await served(job, group)
            except ClientError as exc:  # it cannot be converted
                await _reject(call, exc, client, recorder)
            watcher.cancel()

    async def _accepted(self, call: Call, client: Client, recorder: Recorder) -> Job | None:
        """Return what is to be done; `None` if Codex asks for its own catalogue.

        Raises:
            ClientError: The request cannot be served, and why.
        """
        self._check(call, recorder)
        body, ask = await self._read(call, client, recorder)
        if call.route.endpoint == "models" and "client_version" in call.location.query:
            return None
        wanted = self._wish(call, ask, recorder, body)
        recorder.session = wanted.session
        if call.route.endpoint == "generate":
            recorder.links = self.chains.links(wanted, call.route.wire, body, self.secret)
        queue, recorder.route_rule = self._queue(call, ask, wanted)
        if queue is None or not queue.candidates:
            raise ClientError(400, _nobody_for(call))
        if ask.stream and call.route.endpoint == "generate":
            recorder.delivery = queue.delivery
        return Job(
            call=call,
            ask=ask,
            body=body,
            reading=Reading(CODECS[call.route.wire.name], body, call.location),
            wish=wanted,
            queue=queue,
            network=self.steering.network,
            steering=self.steering,
            client=client,
            recorder=recorder,
            lane=self.lane,
            world=self.world,
        )

    def _queue(self, call: Call, ask: Ask, wanted: Wish) -> tuple[Queue | None, str | None]:
        """Return the queue that serves a request, and the rule that chose it.

        Our own ask what they say of whom they say: no rule, name or session is for them.
        """
        if call.kind == "request":
            return self.steering.queue_for(wanted)
        queue = self.steering.network.queues.get(call.route.app)
        if queue is None:
            return None, None
        there = wanted.provider, wanted.credential
        own = (one for one in queue.candidates if (one.provider, one.credential) == there)
        asked = tuple(replace(one, model=ask.model) for one in own)[:1]
        return replace(queue, candidates=asked, sticky=False), None

    def _wish(self, call: Call, ask: Ask, recorder: Recorder, body: bytes) -> Wish:
        posed = Posed(
            app=call.route.app,
            wire=call.route.wire,
            ask=ask,
            body=body,
            headers=call.headers,
            client_key=recorder.client_key,
            wires=wires_for(call),
        )
        seed = recorder.start.request_id.encode()
        return wish(posed, self.steering.network, self.secret, seed)

    def _check(self, call: Call, recorder: Recorder) -> None:
        """Refuse what is wrong before its body is read.

        Raises:
            ClientError: What that is.
        """
        route, headers = call.route, call.headers
        auth.guard(headers, self.policy.allowed_hosts)
        if len(call.location.path) + len(call.raw_query) > MAX_TARGET_BYTES:
            raise ClientError(414, f"The address is longer than {MAX_TARGET_BYTES} bytes.")
        if route.endpoint == "none":
            raise ClientError(404, f"There is no {call.location.path} here; see the README.")
        recorder.app = route.app
        if call.kind == "request":  # our own come from no client, and no header makes one of them
            keys = self.policy.client_keys
            recorder.client_key = auth.identify(headers, call.location.query, keys)
        if call.method != route.method:
            raise ClientError(405, f"{call.location.path} takes {route.method} only.")

    async def _read(self, call: Call, client: Client, recorder: Recorder) -> tuple[bytes, Ask]:
        body = await read_body(client.receive, self.policy.max_body_bytes)
        recorder.body_us = self.world.tick_us()
        recorder.request_bytes = len(body)
        ask = Ask()
        if call.route.method == "POST":
            check_json(call.headers)
            body = decode_body(body, call.headers, self.policy.max_body_bytes)
            if recorder.kept is not None:
                recorder.kept.request = body
            ask = call.route.wire.read_ask(body, call.location)
        recorder.ask = ask
        return body, ask

    def _limits(self, call: Call) -> Limits:
        return self.policy.network.app(call.route.app).limits


def _nobody_for(call: Call) -> str:
    wire, app = call.route.wire.name, call.route.app
    wanted = f'add a provider with wires = ["{wire}"] to [queues] {app}'
    return f"No providers are configured for {app}: {wanted}."


async def _reject(call: Call, error: ClientError, client: Client, recorder: Recorder) -> None:
    recorder.ended("rejected", error.message)
    await client.refuse(call.route.wire, error.status, error.message)
