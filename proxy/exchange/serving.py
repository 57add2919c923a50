"""Serve an accepted request: an answer, a count of tokens, or a list of models."""

import asyncio

from proxy.counting import estimate
from proxy.errors import ClientError
from proxy.exchange.job import Job
from proxy.exchange.keepalive import KeepAlive, sign_of_life
from proxy.exchange.listing import listed, speaks_for_itself
from proxy.exchange.passage import JSON
from proxy.exchange.trying import SEAT_STEP_S, Trial
from proxy.routing.decision import LASTING, Decision, Filter
from proxy.routing.giveup import Refusal, all_away, give_up


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
                await _give_up(job, give_up(history, job.ask.model))
        case "count_tokens":
            await _count(job)
        case _:
            await _generate(job, group)


async def _generate(job: Job, group: asyncio.TaskGroup) -> None:
    wire = job.call.route.wire
    sign = sign_of_life(wire, job.call.headers)
    keep_alive = KeepAlive(job.client, wire, sign, job.rules.limits.keepalive_s)
    if job.ask.stream:
        keep_alive.watch(group)
    try:
        decision = await _decided(job)
        trial = Trial(job, decision, keep_alive)
        if decision.chosen and await trial.answered():
            return
        await keep_alive.enough(job.left_s)
    except ClientError:
        await keep_alive.enough(job.left_s)
        raise
    finally:
        keep_alive.stop()
    await _give_up(job, _failed(job, trial) if decision.chosen else _nobody(job, decision))


async def _decided(job: Job) -> Decision:
    """Decide who is asked, after a wait for a seat if that is what was decided."""
    waited_s = 0.0
    decision = job.steering.decide(job.queue, job.wish)
    while decision.wait_s > 0 and job.left_s > 0:
        step_s = min(decision.wait_s, SEAT_STEP_S, job.left_s)
        await asyncio.sleep(step_s)
        waited_s += step_s
        decision = job.steering.decide(job.queue, job.wish, waited_s)
    if job.generates and job.call.kind == "request":
        job.steering.counted(job.queue, job.wish)
    job.recorder.decision = decision
    return decision


async def _count(job: Job) -> None:
    """Ask whoever can count; where nobody does, estimate, and say so in the head.

    Raises:
        ClientError: 400, the request cannot be read.
    """
    decision = job.steering.decide(job.queue, job.wish)
    if decision.chosen and await Trial(job, decision).answered():
        return
    codec = job.reading.codec
    if codec.write_count is None:
        raise ClientError(404, f"{codec.name} has no way to count tokens.")
    counted = await asyncio.to_thread(estimate, job.reading.read().request)
    job.recorder.estimated_by = counted.tokenizer
    job.recorder.ended("whole")
    told = (b"x-pointsman-estimated-by", counted.tokenizer.encode())
    await job.client.whole(200, [JSON, told], codec.write_count(counted.tokens))


def _failed(job: Job, trial: Trial) -> Refusal:
    """Return what to say where all who were asked failed; others may be asked later."""
    now_us, skipped = job.world.wall_us(), trial.decision.skipped
    times = [skip.until_us for skip in skipped if skip.by not in LASTING]
    later = [None if time is None else max(0.0, (time - now_us) / 1e6) for time in times]
    return give_up(trial.history, job.ask.model, (*later, *[None] * trial.unasked()))


def _nobody(job: Job, decision: Decision) -> Refusal:
    """Return what to say where nobody may be asked: when that changes, or that it does not."""
    admissions = job.steering.admissions(job.queue, job.wish)
    are_away = all(skip.by in _AWAY for skip in decision.skipped)
    if admissions and are_away and all(one.state == "no" for one in admissions):  # still
        return all_away(admissions, job.world.wall_us())
    message = decision.sentence or "There is nobody to ask."
    if all(skip.by in LASTING for skip in decision.skipped):
        return Refusal(400, message, retry=False)
    soonest_us = decision.soonest_us
    wait_s = None if soonest_us is None else (soonest_us - job.world.wall_us()) / 1e6
    return Refusal(503, message, retry=True, retry_after_s=wait_s)


async def _give_up(job: Job, refusal: Refusal) -> None:
    headers = [] if refusal.retry else [(b"x-should-retry", b"false")]
    if refusal.retry_after_s is not None:
        headers.append((b"retry-after", str(max(1, round(refusal.retry_after_s))).encode()))
    job.recorder.ended("exhausted", refusal.message)
    await job.client.refuse(job.call.route.wire, refusal.status, refusal.message, headers)


_AWAY: frozenset[Filter] = frozenset({"cooling", "breaker_open", "probing"})
