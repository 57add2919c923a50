"""One attempt, and all that others learn from it: breakers, quotas, latencies, budgets, rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from proxy.exchange.attempt import LiveAttempt
from proxy.exchange.errand import Errand
from proxy.exchange.job import Job
from proxy.record import Reason, RequestOutcome
from proxy.record.start import Sending
from proxy.routing.decision import PinSeen
from proxy.routing.types import Outcome

BROKEN: frozenset[RequestOutcome] = frozenset({"truncated", "reset", "stalled", "error_event"})


class Watched:
    """An attempt under way, and what has been learnt of it so far.

    That it succeeds is known at its end: who always breaks off in the middle is not healthy. Only
    a probe tells at its first content, so that others need not wait for its whole answer.
    What our own repair has caused is no fault of the provider's, and a request that fails again
    and again at the same target counts once: else one poisonous request shuts out all others.
    A repeat that is the probe counts: it is what others wait for; so does a refusal that says
    when to come again: that is the provider's own word, and holds for others, too.
    """

    def __init__(self, job: Job, attempt: LiveAttempt, *, is_probe: bool, counts: bool) -> None:
        self.attempt = attempt
        self._job = job
        self._errand = attempt.errand
        self._is_probe = is_probe
        self._counts = counts or (is_probe and attempt.errand.mended is None)
        self._is_known = False

    async def until_content(self) -> Outcome:
        """Wait for its outcome, and let it be known."""
        outcome = await self.attempt.until_content()
        steering, row = self._job.steering, self.attempt.row
        if not self._job.generates:
            return outcome
        if self.attempt.answer is not None:
            steering.heard(self._errand.target, dict(self.attempt.answer.headers))
        if row.content_us is not None and self.attempt.form == "stream" and outcome.failure is None:
            steering.content(self._errand.target, (row.content_us - row.began_us) / 1000)
        if outcome.failure is None:
            if self._is_probe:
                self._learn(outcome)
        elif self._counts or _says_when(outcome):
            self._learn(outcome)
        return outcome

    def delivered(self, ended: RequestOutcome) -> None:
        """Let it be known how its answer ended after the first content."""
        if not self._job.generates:
            return
        target, attempt_id = self._errand.target, self._errand.attempt_id
        if ended in BROKEN:
            action = self._job.network.actions["stream_fault"]
            broken = Outcome(target, "stream_fault", committed=True, action=action)
            self._learn(replace(broken, attempt_id=attempt_id))
        elif ended == "whole" and not self._is_known:
            self._learn(Outcome(target, attempt_id=attempt_id))

    def _learn(self, outcome: Outcome) -> None:
        self._is_known = True
        happened = self._job.steering.learned(self._job.call.route.app, outcome)
        self.attempt.row.happened += happened

    def over(self) -> None:
        """Note that it is over, also for whoever waits for a seat or for its probe."""
        job, target = self._job, self._errand.target
        if not job.generates:
            return
        if not self._is_known:  # the client left, or it was a repair: neither good nor bad
            self._learn(Outcome(target, "client_left", attempt_id=self._errand.attempt_id))
        job.steering.ended(target, self._errand.attempt_id)
        usage, model = self.attempt.row.told.usage, self._errand.model
        self.attempt.row.happened += job.steering.spent(job.queue, target, usage, model)


def _sending(errand: Errand) -> Sending:
    return Sending(
        provider=errand.target.provider.name,
        credential=errand.target.credential.label,
        wire=errand.wire.name,
        url=errand.order.url.partition("?")[0],
        model=errand.model,
        body_bytes=len(errand.order.body),
    )


def _says_when(outcome: Outcome) -> bool:
    is_refusal = outcome.action is not None and outcome.action.counts_as == "refusal"
    return is_refusal and outcome.retry_after_s is not None


@asynccontextmanager
async def sent(
    job: Job,
    errand: Errand,
    pin: PinSeen | None = None,
    reason: Reason | None = None,
    *,
    counts: bool = True,
) -> AsyncIterator[Watched]:
    """Begin one attempt; close it at the end, whatever came of it.

    Args:
        job: The request.
        errand: What the attempt is to do.
        pin: What it has to do with the session's pin.
        reason: Why it is made, unless it is the trial of a breaker.
        counts: Whether its failure says something new of the target.
    """
    row = job.recorder.attempt(_sending(errand), job.world.tick_us())
    row.mended = errand.mended
    if job.recorder.kept is not None:
        row.kept = job.recorder.kept.attempt(errand.order.body)
    if pin is not None:
        row.pin, row.pin_why = pin.state, pin.why or None
    if job.generates:
        app = job.call.route.app
        row.happened = job.steering.began(app, errand.target, errand.attempt_id)
    is_probe = bool(row.happened)  # nothing else happens by beginning
    row.reason = "probe" if is_probe else reason
    attempt = LiveAttempt(errand, job.lane, job.world, row)
    watched = Watched(job, attempt, is_probe=is_probe, counts=counts)
    try:
        yield watched
    finally:
        try:
            await watched.attempt.aclose()
        finally:
            watched.over()
