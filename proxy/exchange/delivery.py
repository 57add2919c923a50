"""Pass the chosen attempt's answer on; from here on no other provider can take over."""

import asyncio
from collections.abc import AsyncGenerator

from proxy.errors import Broken
from proxy.exchange.attempt import LiveAttempt
from proxy.exchange.client import Client
from proxy.record import AttemptOutcome, RequestOutcome
from proxy.relay import Relay
from proxy.upstream import Answer
from proxy.upstream.headers import to_client

AFTER_THE_END_S = 5.0  # how long a provider may keep the connection after its last event
SAID: dict[AttemptOutcome, str] = {
    "truncated": "ended its answer before it was complete",
    "reset": "broke the connection in the middle of its answer",
    "stalled": "stopped sending in the middle of its answer",
}


async def deliver(attempt: LiveAttempt, answer: Answer, client: Client) -> RequestOutcome:
    """Send the answer, and say how it ended."""
    headers = to_client(answer.headers)
    if attempt.relay is None or attempt.chunks is None:
        await client.whole(answer.status, headers, attempt.ready)
        if attempt.row.failure is not None:
            return "caller_fault"
        attempt.row.committed = True
        attempt.row.ended("whole")
        return "whole"
    attempt.row.committed = True
    await client.start(answer.status, headers)
    try:
        outcome = await _pump(attempt, attempt.relay, attempt.chunks, client)
    finally:  # also when the client has left, perhaps because it has all it wants
        attempt.tell(attempt.relay.told())
        attempt.row.saw_terminal = attempt.relay.terminal
        if attempt.relay.terminal:
            attempt.row.ended("whole")
    if outcome in SAID:
        name = attempt.errand.target.provider.name
        message = f"The provider {name} {SAID[outcome]}. Ask again."
        await client.body(attempt.relay.error_event(message), content=False)
    await client.end()
    return _as_request(outcome)


async def _pump(
    attempt: LiveAttempt, relay: Relay, chunks: AsyncGenerator[bytes], client: Client
) -> AttemptOutcome:
    """Pass chunks on until the stream ends, and say how; what follows its end is no fault."""
    code = None
    try:
        await _pass_chunks(attempt, relay, chunks, client)
        outcome: AttemptOutcome = "truncated"
    except TimeoutError:
        outcome, code = "stalled", "timeout"
    except Broken as exc:
        outcome, code = "reset", exc.code
    if relay.fault:
        outcome, code = "error_event", None
    elif relay.terminal:
        outcome, code = "whole", None
    attempt.row.ended(outcome, code)
    return outcome


async def _pass_chunks(
    attempt: LiveAttempt, relay: Relay, chunks: AsyncGenerator[bytes], client: Client
) -> None:
    """Pass chunks on.

    The idle limit counts while we wait for the provider; a slow client only meets the deadline.

    Raises:
        TimeoutError: No chunk came in time.
        Broken: The connection ended before the body did.
    """
    loop_time = asyncio.get_running_loop().time
    deadline = loop_time() + attempt.left_s()
    idle_s = attempt.errand.limits.idle_s
    async with asyncio.timeout_at(deadline) as limit:
        if attempt.ready:
            await client.body(attempt.ready)
        while True:
            wait_s = AFTER_THE_END_S if relay.terminal else idle_s
            limit.reschedule(min(deadline, loop_time() + wait_s))
            chunk = await anext(chunks, None)
            limit.reschedule(deadline)
            if chunk is None:
                break
            attempt.note(chunk)
            if out := relay.feed(chunk):
                await client.body(out)
        if out := relay.end():
            await client.body(out)


def _as_request(outcome: AttemptOutcome) -> RequestOutcome:
    match outcome:
        case "whole" | "truncated" | "reset" | "stalled" | "error_event":
            return outcome
        case _:
            return "crashed"
