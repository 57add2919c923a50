"""Serve an accepted request: an answer, a count of tokens, or a list of models."""

import asyncio
from collections.abc import Sequence

from proxy.counting import estimate
from proxy.errors import ClientError
from proxy.exchange.job import Job
from proxy.exchange.keepalive import KeepAlive, sign_of_life
from proxy.exchange.listing import listed, speaks_for_itself
from proxy.exchange.passage import JSON
from proxy.exchange.trying import Trial
from proxy.routing.giveup import give_up
from proxy.routing.types import Outcome


async def served(job: Job, group: asyncio.TaskGroup) -> None:
    """Answer the client.

    Raises:
        ClientError: The request cannot be read or converted.
        ClientLeft: The client did not read its answer by the deadline.
    """
    match job.call.route.endpoint:
        case "models" if not speaks_for_itself(job):
            history = await listed(job)
            if history:
                await _give_up(job, history)
        case "count_tokens":
            await _count(job)
        case _:
            await _generate(job, group)


async def _generate(job: Job, group: asyncio.TaskGroup) -> None:
    wire = job.call.route.wire
    sign = sign_of_life(wire, job.call.headers)
    keep_alive = KeepAlive(job.client, wire, sign, job.limits.keepalive_s)
    if job.ask.stream:
        keep_alive.watch(group)
    trial = Trial(job, keep_alive)
    try:
        if await trial.answered():
            return
        await keep_alive.enough(job.left_s)
    except ClientError:
        await keep_alive.enough(job.left_s)
        raise
    finally:
        keep_alive.stop()
    await _give_up(job, trial.history)


async def _count(job: Job) -> None:
    """Ask whoever can count; where nobody does, estimate, and say so in the head.

    Raises:
        ClientError: 400, the request cannot be read.
    """
    if await Trial(job).answered():
        return
    codec = job.reading.codec
    if codec.write_count is None:
        raise ClientError(404, f"{codec.name} has no way to count tokens.")
    counted = await asyncio.to_thread(estimate, job.reading.read().request)
    job.recorder.estimated_by = counted.tokenizer
    job.recorder.ended("whole")
    told = (b"x-pointsman-estimated-by", counted.tokenizer.encode())
    await job.client.whole(200, [JSON, told], codec.write_count(counted.tokens))


async def _give_up(job: Job, history: Sequence[Outcome]) -> None:
    refusal = give_up(history, job.ask.model)
    headers = [] if refusal.retry else [(b"x-should-retry", b"false")]
    if refusal.retry_after_s is not None:
        headers.append((b"retry-after", str(max(1, round(refusal.retry_after_s))).encode()))
    job.recorder.ended("exhausted", refusal.message)
    await job.client.refuse(job.call.route.wire, refusal.status, refusal.message, headers)
