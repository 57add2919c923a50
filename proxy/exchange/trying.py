"""Try one target after the other until one gives an answer that can be passed on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from proxy.exchange.attempt import Errand, LiveAttempt
from proxy.exchange.delivery import deliver
from proxy.exchange.job import Job
from proxy.exchange.keepalive import KeepAlive
from proxy.exchange.mended import mended_errand
from proxy.exchange.preparing import errand_for
from proxy.record.start import Sending
from proxy.routing.failover import next_step
from proxy.routing.types import Attempt, Outcome, Plan, Target

NOT_THERE = frozenset({404, 405, 501})  # of a count: this provider cannot


@asynccontextmanager
async def sent(job: Job, errand: Errand) -> AsyncIterator[tuple[LiveAttempt, Outcome]]:
    """Make one attempt, and wait until its answer binds us or fails; close it at the end."""
    sending = Sending(
        provider=errand.target.provider.name,
        credential=errand.target.credential.label,
        wire=errand.wire.name,
        url=errand.order.url.partition("?")[0],
        model=errand.ask.model,
        body_bytes=len(errand.order.body),
    )
    row = job.recorder.attempt(sending, job.world.tick_us())
    attempt = LiveAttempt(errand, job.lane, job.world, row)
    try:
        yield attempt, await attempt.until_content()
    finally:
        await attempt.aclose()


@dataclass(slots=True)
class Trial:
    """All attempts of one request."""

    job: Job
    keep_alive: KeepAlive | None = None
    history: list[Outcome] = field(default_factory=list)

    async def answered(self) -> bool:
        """Say whether the client got an answer; if not, `history` says why.

        Raises:
            ClientError: The request cannot be converted.
            ClientLeft: The client did not read its answer by the deadline.
        """
        job = self.job
        plan = Plan(job.targets, job.deadline_us)
        while isinstance(step := next_step(plan, self.history, job.world.tick_us()), Attempt):
            if step.wait_s > 0:
                await asyncio.sleep(step.wait_s)
            outcome = await self._ask(step.target)
            if outcome is None:
                return True
            self.history.append(outcome)
        return False

    async def _ask(self, target: Target) -> Outcome | None:
        """Ask `target`, once more with a mended request if it named what it will not take.

        If that is refused as well, the client gets the first refusal, which is about what it sent.
        """
        errand = errand_for(self.job, target)
        async with sent(self.job, errand) as (first, outcome):
            better = mended_errand(first) if outcome.failure == "caller_fault" else None
            if better is None:
                return await self._settled(first, outcome)
        async with sent(self.job, better) as (second, again):
            second.row.mended = better.mended
            if again.failure == "caller_fault":
                return await self._settled(first, outcome)
            return await self._settled(second, again)

    async def _settled(self, attempt: LiveAttempt, outcome: Outcome) -> Outcome | None:
        """Pass the answer on and return `None`, or return why it is none."""
        answer = attempt.answer
        if outcome.failure not in {None, "caller_fault"} or answer is None:
            return outcome
        counts = self.job.call.route.endpoint == "count_tokens"
        if counts and outcome.failure is not None and outcome.status in NOT_THERE:
            return outcome
        if self.keep_alive is not None:
            await self.keep_alive.enough(self.job.left_s)
        self.job.recorder.passed_on = attempt.row
        self.job.recorder.ended(await deliver(attempt, answer, self.job.client))
        return None
