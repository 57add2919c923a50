"""Decides where requests go, by a configuration and by what was learnt: the shell around routing.

All that decides is in `proxy.routing`, and pure; here is the one value that changes, and the only
names for changing it. One per process; everything runs on one event loop, so nothing is locked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from proxy.canonical import Usage
from proxy.clock import World
from proxy.happened import Happened
from proxy.routing import board as boards
from proxy.routing.activating import Progress
from proxy.routing.asked import Asked, Queue
from proxy.routing.budgets import Budget, Spent, period
from proxy.routing.candidates import Candidate, Known, Price
from proxy.routing.changes import budget_changes, health_changes, pin_changes, trials
from proxy.routing.decision import Chosen, Decision
from proxy.routing.failover import action_after
from proxy.routing.health import Admission
from proxy.routing.network import Network
from proxy.routing.pins import Served
from proxy.routing.planning import planned
from proxy.routing.quotas import read_quotas
from proxy.routing.rules import Traits, first_match
from proxy.routing.seats import Turn, seat
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.types import App, Outcome, Plan, Step, Target
from proxy.steering.events import (
    Activated,
    Began,
    Content,
    Cost,
    Counted,
    Heard,
    Learned,
    Over,
    Stayed,
    Switched,
    Used,
)
from proxy.steering.knowledge import Knowledge
from proxy.steering.memory import Memory, Switch, switch_changes
from proxy.steering.prices import cost_usd, list_price, priced
from proxy.steering.wish import Wish

_ABOVE = 1_000_000  # more than a queue has levels


class Steering(Knowledge):
    """Where requests go."""

    def __init__(self, network: Network, world: World, memory: Memory | None = None) -> None:
        super().__init__(network, world, memory or Memory())
        self._in_flight: Counter[str] = Counter()

    def queue_for(self, wish: Wish) -> tuple[Queue | None, str | None]:
        """Return the queue that serves `wish`, and the rule that chose it, if one did."""
        traits = Traits(
            app=wish.app,
            model=wish.model,
            headers=wish.headers,
            client_key=wish.client_key,
            prompt_tokens=wish.prompt_tokens,
        )
        rule = first_match(self.network.rules, traits)
        name = wish.app if rule is None else rule.queue
        return self.network.queues.get(name), None if rule is None else rule.name

    def decide(self, queue: Queue, wish: Wish, waited_s: float = 0.0) -> Decision:
        """Return who is asked in which order, who is not, and why; nothing changes by it."""
        now_us = self._world.wall_us()
        asked = Asked(
            key=wish.key,
            model=wish.model,
            wires=wish.wires,
            provider=wish.provider,
            credential=wish.credential,
            bonds=wish.bonds,
            seed=wish.seed,
            turn=self.memory.turns.get(queue.name, 0),
            waited_s=waited_s,
        )
        return planned(self._switched(queue, wish.app), asked, self._known(queue, wish), now_us)

    def admissions(self, queue: Queue, wish: Wish) -> tuple[Admission, ...]:
        """Return what breakers and cooldowns say of every target of `queue`."""
        return tuple(self._known(queue, wish).admissions.values())

    def counted(self, queue: Queue, wish: Wish) -> None:
        """Count a request that is served by `queue`, and note what it wished for."""
        self.asked[wish.app] = wish.model
        self._note(Counted(queue=queue.name, app=wish.app, model=wish.model))

    def step(self, plan: Plan, history: Sequence[Outcome]) -> Step:
        """Return the next step of a request, heeding what others have learnt meanwhile."""
        now = Now(self._world.wall_us(), self._world.tick_us())
        return admitted_step(plan, history, self.memory.board, now)

    def admits(self, target: Target) -> bool:
        """Say whether breakers and cooldowns let a request to `target` now."""
        admission = boards.admits(self.memory.board, target, self._world.wall_us())
        return admission.state != "no"

    def turn(self, queue: Queue, target: Target, waited_s: float = 0.0) -> Turn:
        """Say whether `target` has a free seat for a request that has waited so long for one."""
        if not queue.has_seats:
            return "free"
        return seat(_candidate(queue, target).seats, self._taken(target.account), waited_s)

    async def claimed(self, queue: Queue, app: App, target: Target, attempt_id: str) -> bool:
        """Say whether an attempt may begin, where others might take the same one place.

        Only a probe and a seat have to be asked for, and only if there are others to ask.
        """
        if self._peers is None:
            return True
        limit = _candidate(queue, target).seats
        admission = boards.admits(self.memory.board, target, self._world.wall_us())
        probes = admission.state == "probe"
        if limit is None and not probes:
            return True
        event = self._beginning(app, target, attempt_id, probes=probes)
        seats = None if limit is None else limit.limit
        return await self._claim(msgspec.structs.replace(event, seats=seats))

    def began(self, app: App, target: Target, attempt_id: str) -> tuple[Happened, ...]:
        """Note that an attempt begins; it is the one probe of each breaker that is half-open."""
        self._in_flight[target.account] += 1
        now_us = self._world.wall_us()
        if self._peers is None:  # or what there is to say was said by `claimed`
            if boards.admits(self.memory.board, target, now_us).state != "probe":
                return ()
            self._note(self._beginning(app, target, attempt_id, probes=True))
        return tuple(trials(self.memory.board, target, attempt_id, now_us))

    def ended(self, target: Target, attempt_id: str = "") -> None:
        """Note that an attempt is over, however."""
        self._in_flight[target.account] -= 1
        if self._peers is not None and attempt_id in self._peers.replica.view.held:
            self._note(Over(attempt_id=attempt_id))

    def learned(self, app: App, outcome: Outcome) -> tuple[Happened, ...]:
        """Note how an attempt went: at its commit if it succeeds, and again if it then breaks."""
        if not self._is_current(outcome.target):
            return ()  # it says nothing of the key or the address that a reload has put there
        now_us, target, before = self._world.wall_us(), outcome.target, self.memory.board
        self._note(
            Learned(
                at_us=now_us,
                app=app,
                whom=self.ground.whom(target),
                attempt_id=outcome.attempt_id,
                failure=outcome.failure,
                retry_after_s=outcome.retry_after_s,
                action=None if outcome.failure is None else action_after(outcome),
            )
        )
        asked_s = outcome.retry_after_s
        return tuple(health_changes(before, self.memory.board, target, now_us, asked_s))

    def heard(self, target: Target, headers: Mapping[bytes, bytes]) -> None:
        """Note what an answer's headers say of quotas."""
        now_us = self._world.wall_us()
        found = read_quotas(headers, now_us)
        if found and self._is_current(target):
            self._note(Heard(at_us=now_us, whom=self.ground.whom(target), quotas=found))

    def content(self, target: Target, first_content_ms: float) -> None:
        """Note how soon content came."""
        whom, now_us = self.ground.whom(target), self._world.wall_us()
        self._note(Content(at_us=now_us, whom=whom, first_content_ms=first_content_ms))

    def served(self, served: Served, queue: Queue) -> tuple[Happened, ...]:
        """Note that a request of a session was answered as a whole."""
        now_us, before = self._world.wall_us(), self.memory.pins.get(served.key)
        self._note(Stayed(at_us=now_us, queue=queue.name, served=served))
        after = self.memory.pins.get(served.key)
        return () if after is None else tuple(pin_changes(before, after, served, now_us))

    def spent(
        self, queue: Queue, target: Target, usage: Usage, model: str | None
    ) -> tuple[Happened, ...]:
        """Note the tokens of an attempt with `model`, and add to the budgets of `target`."""
        budgets = _candidate(queue, target).budgets
        now_us, usd = self._world.wall_us(), None
        if model is not None and any(budget.usd is not None for budget in budgets):
            usd = cost_usd(target.provider.name, model, usage, now_us)
            usd = None if usd is None else usd * target.provider.price_factor
        tokens = (usage.prompt or 0) + (usage.output or 0)
        costs = tuple(
            Cost(budget.id, period(budget.per, budget.zone, now_us).begins_us, tokens, usd)
            for budget in budgets
        )
        before = self._spent(budgets, now_us)
        self._note(Used(whom=self.ground.whom(target), usage=usage, costs=costs))
        return tuple(budget_changes(budgets, before, self._spent(budgets, now_us), now_us))

    def activated(self, name: str, progress: Progress) -> None:
        """Note what the activation `name` has come to."""
        self._note(Activated(name=name, progress=progress))

    async def activates(self, name: str, progress: Progress) -> bool:
        """Note that a try of the activation `name` begins; say if it is ours to make."""
        self._note(Activated(name=name, progress=progress, claims=True))
        if self._peers is not None:
            await self._peers.agreed()
        return self.memory.activations.get(name) == progress

    def switch(
        self, app: App, provider: str | None, until_us: int | None = None
    ) -> tuple[Happened, ...]:
        """Let `provider` be asked first for `app` from the next request on; `None` ends that."""
        now_us, before = self._world.wall_us(), self.switched_to(app)
        self._note(Switched(at_us=now_us, app=app, provider=provider, until_us=until_us))
        return tuple(switch_changes(app, before, self.memory.switches.get(app), now_us))

    def switched_to(self, app: App) -> Switch | None:
        """Return what a person wants for `app`, if it still holds."""
        switch = self.memory.switches.get(app)
        return switch if switch is not None and switch.holds(self._world.wall_us()) else None

    def in_flight(self, account: str) -> int:
        """Return how many attempts are under way with one credential."""
        return self._in_flight[account]

    def _is_current(self, target: Target) -> bool:
        provider = self.network.providers.get(target.provider.name)
        credential = self.network.credentials.get(target.account)
        if provider is None or credential is None:
            return False
        return (provider.base_url, credential.secret) == (
            target.provider.base_url,
            target.credential.secret,
        )

    def _known(self, queue: Queue, wish: Wish) -> Known:
        now_us, memory = self._world.wall_us(), self.memory
        targets = [
            self.network.target(candidate)
            for candidate in queue.resolved(wish.model)
            if candidate.account in self.network.credentials  # or a reload took it meanwhile
        ]
        return Known(
            admissions=boards.admissions(memory.board, targets, now_us),
            latencies=memory.latencies,
            prices=self._prices(targets) if queue.policy == "cheapest" else {},
            quotas=memory.quotas,
            in_flight=self._in_flight if self._peers is None else self._all_taken(queue),
            spent=self._spent([one for each in queue.candidates for one in each.budgets], now_us),
            pins=memory.pins,
        )

    def _all_taken(self, queue: Queue) -> dict[str, int]:
        return {one.account: self._taken(one.account) for one in queue.candidates if one.seats}

    def _prices(self, targets: Sequence[Target]) -> dict[str, Price]:
        """Return what each target charges, and how much of its prompts its cache has had lately."""
        found = {}
        for target in targets:
            name = target.id
            listed = list_price(target.provider.name, target.model)
            found[name] = priced(listed, target.provider.price_factor, self.memory.mixes.get(name))
        return found

    def _spent(self, budgets: Sequence[Budget], now_us: int) -> dict[str, Spent]:
        """Return what each budget was charged with in its period under way, if it was."""
        found = {}
        for budget in budgets:
            tally = self.memory.spent.get(budget.id)
            begins_us = period(budget.per, budget.zone, now_us).begins_us
            if tally is not None and tally.begins_us == begins_us:
                found[budget.id] = Spent(tally.usd, tally.tokens)
        return found

    def _switched(self, queue: Queue, app: App) -> Queue:
        """Return `queue` as a person wants it: one provider first, and no pins to another.

        A queue that has no such provider, or has it switched off, stays as it is.
        """
        switch = self.switched_to(app)
        if switch is None:
            return queue
        if not any(one.enabled and one.provider == switch.provider for one in queue.candidates):
            return queue
        candidates = tuple(_first(one, switch.provider) for one in queue.candidates)
        return replace(
            queue, candidates=candidates, policy="priority", sticky=False, issuers_first=False
        )

    def _beginning(self, app: App, target: Target, attempt_id: str, *, probes: bool) -> Began:
        return Began(
            at_us=self._world.wall_us(),
            app=app,
            whom=self.ground.whom(target),
            attempt_id=attempt_id,
            probes=probes,
        )

    def _taken(self, account: str) -> int:
        """Return how many attempts are under way with one credential, those of others included.

        Others tell of theirs only where seats are limited.
        """
        here = self._in_flight[account]
        return (
            here
            if self._peers is None
            else max(here, self._peers.replica.view.seats_taken(account))
        )


def _first(candidate: Candidate, provider: str) -> Candidate:
    if candidate.provider != provider:
        return candidate
    return replace(candidate, level=candidate.level - _ABOVE, backup=False)


def _candidate(queue: Queue, target: Target) -> Candidate:
    provider, label = target.provider.name, target.credential.label
    return next(
        one for one in queue.candidates if (one.provider, one.credential) == (provider, label)
    )


__all__ = ["Chosen", "Decision", "Memory", "Steering", "Wish"]
