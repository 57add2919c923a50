"""Try one target after the other until one gives an answer that can be passed on."""

import asyncio
from dataclasses import dataclass, field, replace

from msgspec import structs

from proxy.exchange.attempt import LiveAttempt
from proxy.exchange.delivery import deliver
from proxy.exchange.errand import Errand
from proxy.exchange.job import Job
from proxy.exchange.keepalive import KeepAlive
from proxy.exchange.mended import mended_errand
from proxy.exchange.preparing import errand_for
from proxy.exchange.watched import Watched, sent
from proxy.record import Reason, RequestOutcome
from proxy.routing.decision import Chosen, Decision, PinSeen
from proxy.routing.failover import skips
from proxy.routing.pins import Served
from proxy.routing.seats import Turn
from proxy.routing.types import Attempt, Outcome, Plan, Step, Stop, Target
from proxy.upstream import Answer

SEAT_STEP_S = 0.05  # how often it is looked for a free seat
NOT_THERE = frozenset({404, 405, 501})  # of a count: this provider cannot


@dataclass(slots=True)
class Trial:
    """All attempts of one request, as `decision` orders them."""

    job: Job
    decision: Decision
    keep_alive: KeepAlive | None = None
    history: list[Outcome] = field(default_factory=list)
    _made: int = 0
    _mended: int = 0

    async def answered(self) -> bool:
        """Say whether the client got an answer; if not, `history` says why.

        Raises:
            ClientError: The request cannot be converted.
            ClientLeft: The client did not read its answer by the deadline.
        """
        job = self.job
        by_target = {job.network.target(one): one for one in self.decision.chosen}
        plan = self._plan(tuple(by_target))
        while isinstance(step := await self._next(plan), Attempt):
            if step.wait_s > 0:
                await asyncio.sleep(step.wait_s)
                if not job.steering.admits(step.target):
                    continue  # somebody else is the probe by now, or it has failed again
            chosen = by_target[step.target]
            errand = errand_for(job, step.target, self._next_id(), strip=chosen.strip)
            if not await self._claimed(errand):
                continue  # the one place was taken while it was decided
            outcome = await self._ask(errand, chosen)
            if outcome is None:
                return True
            self.history.append(outcome)
        return False

    def unasked(self) -> int:
        """Return how many were chosen and not asked, and did not share the fate of another."""
        targets = tuple(map(self.job.network.target, self.decision.chosen))
        return len(targets) - len(skips(self._plan(targets), self.history))

    def _plan(self, targets: tuple[Target, ...]) -> Plan:
        job, backoff = self.job, self.job.rules.backoff
        return Plan(
            targets,
            job.deadline_us,
            job.rules.max_attempts,
            backoff if job.generates else replace(backoff, repeats=0, max_wait_s=0.0),
            job.recorder.start.request_id,
        )

    async def _next(self, plan: Plan) -> Step:
        """Return the next step among targets with a free seat.

        The seats were counted for the first one only. One is waited for where no other target is
        left.
        """
        steering, waited_s = self.job.steering, 0.0
        while True:
            turns = {target: self._turn(target, waited_s) for target in plan.targets}
            free = tuple(target for target, turn in turns.items() if turn == "free")
            plan = structs.replace(plan, max_attempts=self._budget())
            step = steering.step(structs.replace(plan, targets=free), self.history)
            if step != Stop("exhausted") or len(free) == len(turns):
                return step
            open_to = tuple(target for target, turn in turns.items() if turn != "full")
            hoped_for = steering.step(structs.replace(plan, targets=open_to), self.history)
            if not isinstance(hoped_for, Attempt):
                return step
            await asyncio.sleep(SEAT_STEP_S)
            waited_s += SEAT_STEP_S

    def _budget(self) -> int:
        """Return how many attempts may be in the history: of mended ones it has one of two."""
        return self.job.rules.max_attempts - self._mended

    def _turn(self, target: Target, waited_s: float) -> Turn:
        if not self.job.generates:
            return "free"  # counts and lists take none
        return self.job.steering.turn(self.job.queue, target, waited_s)

    async def _claimed(self, errand: Errand) -> bool:
        job = self.job
        if not job.generates:
            return True
        app = job.call.route.app
        return await job.steering.claimed(job.queue, app, errand.target, errand.attempt_id)

    async def _ask(self, errand: Errand, chosen: Chosen) -> Outcome | None:
        """Ask a target, once more with a mended request if it named what it will not take.

        If that is refused as well, the client gets the first refusal, which is about what it sent.
        """
        pin, fresh = self._pin(), all(errand.target != one.target for one in self.history)
        reason: Reason = "retry" if not fresh else "failover" if self.history else "first"
        async with sent(self.job, errand, pin, reason, counts=fresh) as first:
            outcome = await first.until_content()
            is_last = len(self.history) + 1 >= self._budget()
            better = None if is_last else mended_errand(first.attempt, self._next_id())
            if better is None:
                return await self._settled(first, outcome, chosen)
        self._mended += 1
        await self._claimed(better)  # whatever is said: it follows at once, in the same place
        async with sent(self.job, better, pin, "mended", counts=False) as second:
            again = await second.until_content()
            if again.failure is not None and not again.action_goes_on:
                return await self._settled(first, outcome, chosen)
            return await self._settled(second, again, chosen)

    def _next_id(self) -> str:
        self._made += 1
        return f"{self.job.recorder.start.request_id}/{self._made}"

    def _pin(self) -> PinSeen:
        """Return what the next attempt has to do with the session's pin."""
        seen = self.decision.pin
        if not self.history or seen.state not in {"hit", "moved"}:
            return seen
        last = self.history[-1]
        return PinSeen("moved", f"{last.target.account}: {last.failure}")

    async def _settled(self, tried: Watched, outcome: Outcome, chosen: Chosen) -> Outcome | None:
        """Pass the answer on and return `None`, or return why it is none."""
        attempt = tried.attempt
        answer = attempt.answer
        if answer is None or (outcome.failure is not None and outcome.action_goes_on):
            return outcome
        counts = self.job.call.route.endpoint == "count_tokens"
        if counts and outcome.failure is not None and outcome.status in NOT_THERE:
            return outcome
        if self.keep_alive is not None:
            await self.keep_alive.enough(self.job.left_s)
        self.job.recorder.passed_on = attempt.row
        ended: RequestOutcome | None = None
        try:
            ended = await self._passed_on(attempt, answer)
            self.job.recorder.ended(ended)
        finally:
            if ended is None and self.job.recorder.end_delivered:
                ended = "whole"  # the client has all of it, and did not wait for the provider
            if ended is not None:
                tried.delivered(ended)
            if ended == "whole":
                self._remember(attempt, chosen)
        return None

    async def _passed_on(self, attempt: LiveAttempt, answer: Answer) -> RequestOutcome:
        """Pass the answer on; a refusal that came with status 200 gets the one it should have."""
        if attempt.row.failure is None or not 200 <= answer.status < 300:  # noqa: PLR2004  # HTTP's border
            return await deliver(attempt, answer, self.job.client)
        message = attempt.message or "The provider refused the request."
        await self.job.client.refuse(self.job.call.route.wire, 400, message)
        return "caller_fault"

    def _remember(self, attempt: LiveAttempt, chosen: Chosen) -> None:
        """Let the session of the request stay where its cache is."""
        job, usage, seen = self.job, attempt.row.told.usage, self._pin()
        if job.wish.key is None or not job.queue.sticky or not job.generates:
            return
        served = Served(
            key=job.wish.key,
            place=chosen.place,
            moves=self.decision.pin_moves,
            broken=seen.state == "broken",
            why=seen.why or None,
            backup=chosen.backup,
            writes_1h=bool(usage.cache_write_1h),
            prompt_tokens=usage.prompt,
            cache_read_tokens=usage.cache_read,
        )
        attempt.row.happened += job.steering.served(served, job.queue)
