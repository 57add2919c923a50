"""One attempt, and all that others learn from it: breakers, quotas, latencies, budgets, rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.exchange.attempt import Errand, LiveAttempt
from proxy.exchange.job import Job
from proxy.record.start import Sending
from proxy.routing.decision import PinSeen
from proxy.routing.types import Outcome


class Watched:
    """An attempt under way, and what has been learnt of it so far."""

    def __init__(self, job: Job, attempt: LiveAttempt) -> None:
        self.attempt = attempt
        self._job = job
        self._errand = attempt.errand
        self._is_known = False

    async def until_content(self) -> Outcome:
        """Wait for its outcome, and let it be known."""
        outcome = await self.attempt.until_content()
        steering, row = self._job.steering, self.attempt.row
        if self.attempt.answer is not None:
            steering.heard(self._errand.target, dict(self.attempt.answer.headers))
        if not self._job.generates:
            return outcome
        if row.content_us is not None and outcome.failure is None:
            steering.content(self._errand.target, (row.content_us - row.began_us) / 1000)
        if self._errand.mended is None or outcome.failure is None:
            self.learn(outcome)  # what our own repair has caused is no fault of the provider's
        return outcome

    def broke(self) -> None:
        """Let it be known that its stream broke off after content."""
        action = self._job.network.actions["stream_fault"]
        outcome = Outcome(self._errand.target, "stream_fault", committed=True, action=action)
        self.learn(outcome)

    def learn(self, outcome: Outcome) -> None:
        """Let `outcome` be known."""
        self._is_known = True
        self._job.steering.learned(self._job.call.route.app, outcome)

    def over(self) -> None:
        """Note that it is over, also for whoever waits for a seat or for its probe."""
        job, target = self._job, self._errand.target
        if not job.generates:
            return
        if not self._is_known:  # the client left, or it was a repair: neither good nor bad
            self.learn(Outcome(target, "client_left", attempt_id=self._errand.attempt_id))
        job.steering.ended(target)
        job.steering.spent(job.queue, target, self.attempt.row.told.usage)


@asynccontextmanager
async def sent(job: Job, errand: Errand, pin: PinSeen | None = None) -> AsyncIterator[Watched]:
    """Begin one attempt; close it at the end, whatever came of it."""
    sending = Sending(
        provider=errand.target.provider.name,
        credential=errand.target.credential.label,
        wire=errand.wire.name,
        url=errand.order.url.partition("?")[0],
        model=errand.model,
        body_bytes=len(errand.order.body),
    )
    row = job.recorder.attempt(sending, job.world.tick_us())
    row.mended = errand.mended
    if pin is not None:
        row.pin, row.pin_why = pin.state, pin.why or None
    watched = Watched(job, LiveAttempt(errand, job.lane, job.world, row))
    if job.generates:
        job.steering.began(job.call.route.app, errand.target, errand.attempt_id)
    try:
        yield watched
    finally:
        try:
            await watched.attempt.aclose()
        finally:
            watched.over()
