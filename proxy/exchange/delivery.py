"""Pass the chosen attempt's answer on; from here on no other provider can take over."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from proxy.errors import Broken, ClientLeft
from proxy.exchange.attempt import LiveAttempt
from proxy.exchange.client import Client
from proxy.exchange.patience import AFTER_HELD_S, Patience
from proxy.record import AttemptOutcome, RequestOutcome
from proxy.relay import Relay
from proxy.upstream import Answer

AFTER_THE_END_S = 15.0  # how long a provider may keep the connection after its last event
LAST_WORDS_S = 5.0  # how long a client may take to read that its stream broke off
SAID: dict[AttemptOutcome, str] = {
    "truncated": "ended its answer before it was complete",
    "reset": "broke the connection in the middle of its answer",
    "stalled": "stopped sending in the middle of its answer",
}
FAILED = "failed in the middle of its answer"


async def deliver(attempt: LiveAttempt, answer: Answer, client: Client) -> RequestOutcome:
    """Send the answer, and say how it ended.

    Raises:
        ClientLeft: The client did not read its answer by the deadline.
    """
    if attempt.relay is not None and attempt.chunks is not None and attempt.row.held != "whole":
        stream = _Stream(attempt, attempt.relay, attempt.chunks, client)
        return await stream.deliver(answer)
    failed = attempt.row.failure is not None
    try:
        async with asyncio.timeout(attempt.left_s()):
            await _deliver_complete(attempt, answer, client)
    except TimeoutError as exc:
        raise ClientLeft from exc
    if failed:
        return "caller_fault"
    attempt.row.committed = True
    attempt.row.ended("whole")
    return "whole"


async def _deliver_complete(attempt: LiveAttempt, answer: Answer, client: Client) -> None:
    failed = attempt.row.failure is not None
    if failed and client.started:  # the status it should have had is gone
        said = attempt.message or f"The provider answered {answer.status}."
        await client.refuse(attempt.errand.wire, answer.status, said)
        return
    headers = attempt.errand.passage.headers(answer.headers, attempt.form)
    await client.whole(answer.status, headers, attempt.ready, content=not failed)


@dataclass(slots=True)
class _Stream:
    """A stream on its way.

    `sending` is true while the client is slow, not the provider; `closed` once the provider's
    bytes have come to a clean end.
    """

    attempt: LiveAttempt
    relay: Relay
    chunks: AsyncGenerator[bytes]
    client: Client
    sending: bool = False
    closed: bool = False

    async def deliver(self, answer: Answer) -> RequestOutcome:
        row = self.attempt.row
        row.committed = True
        self.client.error_event = self.relay.error_event
        headers = self.attempt.errand.passage.headers(answer.headers, self.attempt.form)
        await self.client.start(answer.status, headers)
        try:
            outcome = await self._pump()
        finally:  # also when the client has left, perhaps because it has all it wants
            self.attempt.tell(self.relay.told())
            row.saw_terminal = self.relay.terminal
            if self.relay.terminal:
                row.ended("whole")
        await self._last_words(outcome)
        return _as_request(outcome)

    async def _pump(self) -> AttemptOutcome:
        """Pass chunks on until the stream ends, and say how; what follows its end is no fault."""
        code = None
        try:
            await self._pass_chunks()
            outcome: AttemptOutcome = "truncated"
        except TimeoutError as exc:
            if self.sending:
                raise ClientLeft from exc
            outcome, code = "stalled", "timeout"
        except Broken as exc:
            outcome, code = "reset", exc.code
        if self.relay.terminal and not self.closed:
            await self._send_held_back()
        if self.relay.fault:
            outcome, code = "error_event", None
        elif self.relay.terminal:
            outcome, code = "whole", None
        self.attempt.row.ended(outcome, code)
        return outcome

    async def _pass_chunks(self) -> None:
        """Pass chunks on.

        The idle limit counts while we wait for the provider; a slow client only meets the
        deadline.

        Raises:
            TimeoutError: No chunk came in time, or the client did not take one by the deadline.
            Broken: The connection ended before the body did.
        """
        idle_s = self.attempt.errand.limits.idle_s
        async with asyncio.timeout(self.attempt.left_s()) as limit:
            with Patience(limit, idle_s) as patience:
                await self._send(self.attempt.ready)
                self._wait(patience)
                async for chunk in self.chunks:
                    patience.waited()
                    self.attempt.note(chunk)
                    await self._send(self.relay.feed(chunk))
                    self._wait(patience)
            self.closed = True
            await self._send(self.relay.end())

    def _wait(self, patience: Patience) -> None:
        if self.relay.terminal or self.relay.fault:
            patience.shorten(AFTER_HELD_S if self.client.holds else AFTER_THE_END_S)
        patience.waits()

    async def _send(self, out: bytes) -> None:
        if not out:
            return
        self.sending = True
        await self.client.body(out, is_end=self.relay.terminal)
        self.sending = False
        self.client.ended(whole=self.relay.terminal)

    async def _send_held_back(self) -> None:
        """Send the end that a conversion may have held back; whether there is one shows here."""
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await self._send(self.relay.end())
        except TimeoutError as exc:
            raise ClientLeft from exc

    async def _last_words(self, outcome: AttemptOutcome) -> None:
        """Tell the client that its stream broke off, if it did, and end it."""
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                if outcome in SAID or (outcome == "error_event" and not self.relay.passes_faults):
                    name = self.attempt.errand.target.provider.name
                    message = f"The provider {name} {SAID.get(outcome, FAILED)}. Ask again."
                    await self.client.body(self.relay.error_event(message), content=False)
                await self.client.end()
        except TimeoutError as exc:
            raise ClientLeft from exc


def _as_request(outcome: AttemptOutcome) -> RequestOutcome:
    match outcome:
        case "whole" | "truncated" | "reset" | "stalled" | "error_event":
            return outcome
        case _:
            return "crashed"
