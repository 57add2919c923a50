"""One attempt: send to one target, and wait until its answer binds us or fails."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from proxy.canonical import Told
from proxy.clock import World
from proxy.errors import Broken, Unreachable
from proxy.exchange.errand import Errand
from proxy.exchange.holding import Hold
from proxy.exchange.passage import Form
from proxy.record import AttemptOutcome
from proxy.record.attempt import AttemptRecorder
from proxy.record.secrets import STRUCK, strike, struck
from proxy.relay import Relay
from proxy.routing.failures import Verdict
from proxy.routing.manner import spellings
from proxy.routing.retry_after import asked_wait_s
from proxy.routing.signals import MAX_CHARS, Signal
from proxy.routing.types import Outcome
from proxy.upstream import Answer, Lane
from proxy.wire import decoded, read_strange_refusal

MAX_WHOLE_BYTES = 256 * 1024 * 1024
MAX_REFUSAL_BYTES = 16 * 1024 * 1024
MIN_SECRET_CHARS = 8  # a header of the user's own that is shorter is no secret
_any = msgspec.json.Decoder(msgspec.Raw)
REQUEST_ID_HEADERS = (b"request-id", b"x-request-id", b"x-goog-request-id")


class LiveAttempt:
    """An attempt under way.

    Attributes:
        row: What is known of it.
        answer: The provider's, once its head is here.
        chunks: The rest of its body.
        relay: The stream's, if it is one.
        ready: What has come of the body and is for the client.
        form: How it goes to the client.
        verdict: Why it failed, if it did, and what follows.
    """

    def __init__(self, errand: Errand, lane: Lane, world: World, row: AttemptRecorder) -> None:
        self.errand = errand
        self.world = world
        self.row = row
        self.answer: Answer | None = None
        self.chunks: AsyncGenerator[bytes] | None = None
        self.relay: Relay | None = None
        self.ready = b""
        self.form: Form = "whole"
        self.verdict: Verdict | None = None
        self._lane = lane

    async def until_content(self) -> Outcome:
        """Send, and wait until the answer binds us or fails; nothing goes to the client yet."""
        try:
            async with asyncio.timeout(self._patience_s()) as limit:
                self.answer = await self._lane.open(self.errand.order)
                self.chunks = self.answer.chunks()
                await self._judge(self.answer, self.chunks, limit)
        except TimeoutError:
            self._failed("stalled" if self.row.began else "late", "timeout")
        except Unreachable as exc:
            self._failed("unreachable", exc.code)
        except Broken as exc:
            self._failed("reset", exc.code)
        finally:
            if self.relay is not None and not self.relay.committed:
                self.tell(self.relay.told())  # its handshake may have told what it cost
                self.row.saw_terminal = False
        return self._outcome()

    async def aclose(self) -> None:
        """Give back or close the connection; what was lost on the way is known by then."""
        left_out = () if self.relay is None else self.relay.losses
        self.row.losses = self.errand.passage.losses + self.errand.given_up + left_out
        if self.chunks is not None:
            await self.chunks.aclose()
        if self.answer is not None:
            await self.answer.aclose()
        self.row.over(self.world.tick_us())

    def note(self, chunk: bytes) -> None:
        """Note that a chunk is here."""
        self.row.chunk(self.world.tick_us(), len(chunk))
        if self.row.kept is not None:
            self.row.kept.add(chunk)

    def tell(self, told: Told) -> None:
        """Note what the answer says of itself, with our secrets struck out if it echoes them."""
        self.row.told = struck(told, self._secrets())

    @property
    def message(self) -> str | None:
        """What the provider said of its failure, in words that the client knows."""
        said = self.row.told.error_message
        if said is None or self.row.failure != "context_length":
            return said
        return self.errand.passage.too_long(said)

    def left_s(self) -> float:
        """Return the seconds until the request's deadline."""
        return max(0.0, (self.errand.deadline_us - self.world.tick_us()) / 1e6)

    def _secrets(self) -> list[str]:
        """Return what no row and no client may see: the key, and what the user's headers hold."""
        target = self.errand.target
        own = [value for _, value in target.provider.headers if len(value) >= MIN_SECRET_CHARS]
        manner, secret = target.provider.manner, target.credential.secret
        spelt = () if manner is None else spellings(manner, secret)
        return [secret, *spelt, *own]

    def _patience_s(self) -> float:
        limits = self.errand.limits
        patience_s = limits.first_byte_s if self.errand.ask.stream else limits.whole_s
        return min(patience_s, self.left_s())

    async def _judge(
        self, answer: Answer, chunks: AsyncGenerator[bytes], limit: asyncio.Timeout
    ) -> None:
        self.row.head(self.world.tick_us(), answer.status)
        self.row.connection_reused, self.row.connected_us = answer.reused, answer.connected_us
        headers = dict(answer.headers)
        self.row.upstream_request_id = strike(_request_id(headers), self._secrets())
        if not 200 <= answer.status < 300:  # noqa: PLR2004  # HTTP's border
            await self._refused(answer.status, headers, chunks)
            return
        streamed = headers.get(b"content-type", b"").lower().startswith(b"text/event-stream")
        if self.errand.ask.stream and streamed:
            self.form = "stream"
            await self._to_content(chunks, limit)
            return
        whole_s = min(self.errand.limits.whole_s, self.left_s())
        limit.reschedule(asyncio.get_running_loop().time() + whole_s)
        body = await self._read_all(chunks, MAX_WHOLE_BYTES)
        self._judge_complete(body, "stream" if streamed else "whole")

    async def _refused(
        self, status: int, headers: dict[bytes, bytes], chunks: AsyncGenerator[bytes]
    ) -> None:
        try:
            body = await self._read_all(chunks, MAX_REFUSAL_BYTES)
        except Broken:
            if not self.errand.judge(Signal(status, "unread")).action.goes_on:
                raise  # a client may need its words
            body = b""  # the status alone says enough
        beginning = body[:MAX_CHARS].decode(errors="replace")
        wait_s = asked_wait_s(headers, beginning, self.world.wall_us())
        self.row.retry_after_ms = None if wait_s is None else round(wait_s * 1000)
        told = self.errand.wire.read_refusal(body)
        told = read_strange_refusal(body) if told == Told() else told
        self.tell(told)
        for secret in self._secrets():
            body = body.replace(secret.encode(), STRUCK.encode())
        self._failed("refused", told=told, body=beginning)
        self.ready = self.errand.passage.refusal(status, self.message, body)
        self.form = "whole"

    async def _to_content(self, chunks: AsyncGenerator[bytes], limit: asyncio.Timeout) -> None:
        """Read until the commit; the first byte earns more patience, for thinking is silent."""
        relay = self.relay = self.errand.passage.relay()
        loop_time = asyncio.get_running_loop().time
        last = loop_time() + min(self.errand.limits.first_content_s, self.left_s())
        async for chunk in chunks:
            self.note(chunk)
            limit.reschedule(min(last, loop_time() + self.errand.limits.idle_s))
            self.ready = relay.feed(chunk)
            if relay.committed or relay.fault:
                break
        else:
            self.ready = relay.end()
        if relay.committed:
            self.row.content(self.world.tick_us())
            limit.reschedule(None)
            await self._hold(relay, chunks)
        elif relay.fault:
            self._failed("error_event", told=relay.told())
        else:
            self._failed("truncated")

    async def _hold(self, relay: Relay, chunks: AsyncGenerator[bytes]) -> None:
        """Hold the stream back until it is whole, if that is wanted and it is not too long."""
        if self.errand.hold_max_bytes is None:
            return
        hold = Hold(relay, self.ready, self.errand.hold_max_bytes)
        try:
            how = await hold.end(chunks, self.note, self.errand.limits.idle_s, self.left_s())
        finally:  # also when the client has left
            self.tell(relay.told())
            self.row.saw_terminal = relay.terminal
        match how:
            case "whole" | "too_long":
                self.ready = hold.ready
                self.row.let_go(self.world.tick_us(), how)
            case _:
                self.row.let_go(self.world.tick_us(), "dropped")
                self._failed(how, hold.code, told=relay.told() if relay.fault else None)

    async def _read_all(self, chunks: AsyncGenerator[bytes], max_bytes: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for chunk in chunks:
            self.note(chunk)
            size += len(chunk)
            if size > max_bytes:
                raise Broken("answer_too_large")
            parts.append(chunk)
        return b"".join(parts)

    def _judge_complete(self, body: bytes, came: Form) -> None:
        """Tell an answer from a page of HTML, and from an error that came with status 200."""
        told, whole = self._read(body, came)
        if told is None:
            self._failed("malformed", "not_an_answer")
            return
        self.tell(told)
        if told.error_type is not None:
            self._failed("error_event", told=told)
        elif not whole:
            self._failed("truncated")
        else:
            self._complete(body, came)

    def _complete(self, body: bytes, came: Form) -> None:
        wanted: Form = "stream" if self.errand.ask.stream else "whole"
        said = self.errand.passage.complete(body, came, wanted)
        if said is None:
            self._failed("malformed", "not_convertible")
            return
        self.ready, self.form = said, wanted
        self.row.content(self.world.tick_us())

    def _read(self, body: bytes, came: Form) -> tuple[Told | None, bool]:
        """Return what a complete answer says of itself, and whether it came to its end."""
        if not self.errand.generates:
            return (None if decoded(_any, body) is None else Told()), True
        if came == "whole":
            return self.errand.wire.read_whole(body), True
        relay = Relay(self.errand.wire.reader())
        relay.feed(body)
        relay.end()
        self.row.saw_terminal = relay.terminal
        return relay.told(), relay.terminal

    def _failed(
        self,
        outcome: AttemptOutcome,
        code: str | None = None,
        *,
        told: Told | None = None,
        body: str | None = None,
    ) -> None:
        """Note how it failed, and judge what that means."""
        self.row.ended(outcome, code)
        told = told or Told()
        signal = Signal(
            status=self.row.status,
            error_type=told.error_type,
            error_message=told.error_message,
            code=code,
            streamed=self.relay is not None,
            wire=self.errand.wire.name,
            body=body,
        )
        self.verdict = self.errand.judge(signal)
        self.row.failure, self.row.rule = self.verdict.failure, self.verdict.rule

    def _outcome(self) -> Outcome:
        wait_ms, verdict = self.row.retry_after_ms, self.verdict
        return Outcome(
            target=self.errand.target,
            failure=None if verdict is None else verdict.failure,
            status=self.row.status,
            retry_after_s=None if wait_ms is None else wait_ms / 1000,
            action=None if verdict is None else verdict.action,
            ended_us=self.world.tick_us(),
            attempt_id=self.errand.attempt_id,
        )


def _request_id(headers: dict[bytes, bytes]) -> str | None:
    found = (headers[name] for name in REQUEST_ID_HEADERS if name in headers)
    value = next(found, None)
    return None if value is None else value.decode("latin-1")
