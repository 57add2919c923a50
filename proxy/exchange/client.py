"""The client's end of an exchange: what goes out is noted as it goes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from starlette.types import Message, Receive, Send

from proxy.errors import ClientLeft
from proxy.exchange.passage import JSON
from proxy.record.request import Recorder
from proxy.wire import Wire

Headers = Sequence[tuple[bytes, bytes]]


class Client:
    """Whoever asked.

    Attributes:
        receive: What comes from there.
        started: A status has gone out.
        error_event: How to break off the stream that has begun, if one has.
        holds: The end of the answer is kept here until `let_go`.
    """

    def __init__(
        self, receive: Receive, send: Send, recorder: Recorder, tick_us: Callable[[], int]
    ) -> None:
        self.receive = receive
        self.started = False
        self.error_event: Callable[[str], bytes] | None = None
        self.holds = False
        self._held: list[Message] = []
        self._send = send
        self._recorder = recorder
        self._tick_us = tick_us

    async def gone(self) -> None:
        """Wait until the client hangs up.

        Raises:
            ClientLeft: Always, at last.
        """
        while (await self.receive())["type"] != "http.disconnect":
            pass
        raise ClientLeft

    async def start(self, status: int, headers: Headers, *, is_end: bool = False) -> None:
        """Send the head; one that has gone out already stands."""
        if self.started:
            return
        self.started = True
        self._recorder.status = status
        marked = (b"x-pointsman-request", self._recorder.start.request_id.encode())
        head = {"type": "http.response.start", "status": status, "headers": [*headers, marked]}
        await self._pass(head, is_end=is_end)

    def ended(self, *, whole: bool) -> None:
        """Note whether the protocol's end has gone out: who leaves then has the whole answer."""
        self._recorder.end_delivered = whole and not self.holds

    async def break_off(self, wire: Wire, status: int, message: str) -> None:
        """Say, in whatever way is left, that there is no more to come; waits a second at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.refuse(wire, status, message)

    async def body(self, data: bytes, *, content: bool = True, is_end: bool = False) -> None:
        """Send a piece of the body; `content` is false for what is ours and no answer."""
        piece = {"type": "http.response.body", "body": data, "more_body": True}
        await self._pass(piece, is_end=is_end)
        self._sent(data, content=content)

    async def beat(self, sign: bytes) -> None:
        """Send a sign of life."""
        await self._send({"type": "http.response.body", "body": sign, "more_body": True})
        self._recorder.beat(len(sign))

    async def end(self) -> None:
        """Send the end of the body."""
        end = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._pass(end, is_end=True)

    async def whole(
        self, status: int, headers: Headers, data: bytes, *, content: bool = True
    ) -> None:
        """Send an answer at once."""
        if not self.started:
            length = (b"content-length", str(len(data)).encode())
            await self.start(status, [*headers, length], is_end=True)
        whole = {"type": "http.response.body", "body": data, "more_body": False}
        await self._pass(whole, is_end=True)
        self._sent(data, content=content)

    async def refuse(self, wire: Wire, status: int, message: str, headers: Headers = ()) -> None:
        """Send an error, in the words of the client's wire: by its status, or as an event."""
        if self.started:
            if self.error_event is not None:
                await self.body(self.error_event(message), content=False)
                await self.end()
            return
        await self.whole(status, [JSON, *headers], wire.error(status, message), content=False)

    async def let_go(self, wire: Wire, instead: str | None = None) -> None:
        """Send what was held, or an error that says `instead`."""
        held, self._held, self.holds = self._held, [], False
        if instead is None:
            for message in held:
                await self._send(message)
        elif held:
            self.started = held[0]["type"] != "http.response.start"
            await self.refuse(wire, 503, instead)

    async def _pass(self, message: Message, *, is_end: bool) -> None:
        if self.holds and (is_end or self._held):
            self._held.append(message)
            return
        await self._send(message)

    def _sent(self, data: bytes, *, content: bool) -> None:
        self._recorder.sent(self._tick_us(), len(data), content=content)
        if self._recorder.kept is not None:
            self._recorder.kept.answer.add(data)
