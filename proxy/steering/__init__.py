"""Decides where requests go, by a configuration and by what was learnt: the shell around routing.

All that decides is in `proxy.routing`, and pure; here is the one value that changes, and the only
names for changing it. One per process; everything runs on one event loop, so nothing is locked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import msgspec

from proxy.canonical import Usage
from proxy.clock import World
from proxy.routing import board as boards
from proxy.routing.activating import Progress
from proxy.routing.asked import Asked, Queue
from proxy.routing.budgets import Spent, period
from proxy.routing.candidates import Candidate, Known, Price
from proxy.routing.decision import Chosen, Decision
from proxy.routing.health import Admission
from proxy.routing.latency import observed
from proxy.routing.network import Network
from proxy.routing.pins import PinRules, Served
from proxy.routing.planning import planned
from proxy.routing.quotas import is_of_key, merged, read_quotas
from proxy.routing.rules import Traits, first_match
from proxy.routing.seats import Turn, seat
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.types import App, Outcome, Plan, Step, Target
from proxy.steering.marks import marks, replaced
from proxy.steering.memory import Memory, Mix, Switch, Tally, forgotten, kept
from proxy.steering.prices import cost_usd, list_price, priced
from proxy.steering.wish import Wish

MAX_TARGETS = 1024  # models are named by clients
_ABOVE = 1_000_000  # more than a queue has levels


class Steering:
    """Where requests go.

    Attributes:
        network: What the configuration says; see `adopt`.
        memory: What was learnt.
        changes: How often `memory` has changed: whoever keeps it looks at this.
        asked: The model that each app asked for last, since the start.
    """

    def __init__(self, network: Network, world: World, memory: Memory | None = None) -> None:
        self.network = network
        self.memory = memory or Memory()
        self.changes = 0
        self.asked: dict[App, str | None] = {}
        self._world = world
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
        turns = {**self.memory.turns, queue.name: self.memory.turns.get(queue.name, 0) + 1}
        self._change(turns=turns)

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
        seats, in_flight = _candidate(queue, target).seats, self._in_flight[target.account]
        return seat(seats, in_flight, waited_s)

    def began(self, app: App, target: Target, attempt_id: str) -> bool:
        """Note that an attempt begins; say if it is the one probe of a half-open breaker."""
        self._in_flight[target.account] += 1
        rules, before = self.network.app(app).breaker, self.memory.board
        self._board(boards.granted(before, target, attempt_id, rules, self._world.wall_us()))
        return self.memory.board is not before

    def ended(self, target: Target) -> None:
        """Note that an attempt is over, however."""
        self._in_flight[target.account] -= 1

    def learned(self, app: App, outcome: Outcome) -> None:
        """Note how an attempt went: at its commit if it succeeds, and again if it then breaks."""
        if not self._is_current(outcome.target):
            return  # it says nothing of the key or the address that a reload has put there
        rules = self.network.app(app).breaker
        self._board(boards.after(self.memory.board, outcome, rules, self._world.wall_us()))

    def heard(self, target: Target, headers: Mapping[bytes, bytes]) -> None:
        """Note what an answer's headers say of quotas."""
        now_us = self._world.wall_us()
        found = read_quotas(headers, now_us)
        if not found or not self._is_current(target):
            return
        quotas = self.memory.quotas
        for place, is_keys in ((target.account, True), (target.id, False)):
            own = [quota for quota in found if is_of_key(quota) is is_keys]
            if own:
                quotas = _with(quotas, place, merged(quotas.get(place, ()), own, now_us))
        self._change(quotas=quotas)

    def content(self, target: Target, first_content_ms: float) -> None:
        """Note how soon content came."""
        name, before = target.id, self.memory.latencies
        latency = observed(before.get(name), first_content_ms, self._world.wall_us())
        self._change(latencies=_with(before, name, latency))

    def served(self, served: Served, rules: PinRules) -> None:
        """Note that a request of a session was answered as a whole."""
        pins = self.memory.pins.after(served, rules, self._world.wall_us())
        self._change(pins=pins)

    def spent(self, queue: Queue, target: Target, usage: Usage, model: str | None) -> None:
        """Note the tokens of an attempt with `model`, and add to the budgets of `target`."""
        name, mixes = target.id, self.memory.mixes
        if (mix := mixes.get(name, Mix()).after(usage)) != mixes.get(name, Mix()):
            self._change(mixes=_with(mixes, name, mix))
        budgets = _candidate(queue, target).budgets
        if not budgets:
            return
        now_us, usd = self._world.wall_us(), None
        if model is not None and any(budget.usd is not None for budget in budgets):
            usd = cost_usd(target.provider.name, model, usage, now_us)
            usd = None if usd is None else usd * target.provider.price_factor
        tokens = (usage.prompt or 0) + (usage.output or 0)
        spent = dict(self.memory.spent)
        for budget in budgets:
            begins_us = period(budget.per, budget.zone, now_us).begins_us
            before = spent.get(budget.id)
            if before is None or before.begins_us != begins_us:
                before = Tally(begins_us)
            cost = before.usd if usd is None else (before.usd or 0.0) + usd
            spent[budget.id] = Tally(begins_us, before.tokens + tokens, cost)
        if spent != self.memory.spent:
            self._change(spent=spent)

    def activated(self, name: str, progress: Progress) -> None:
        """Note what the activation `name` has come to."""
        self._change(activations={**self.memory.activations, name: progress})

    def switch(self, app: App, provider: str | None, until_us: int | None = None) -> None:
        """Let `provider` be asked first for `app` from the next request on; `None` ends that."""
        switches = {name: one for name, one in self.memory.switches.items() if name != app}
        if provider is not None:
            switches[app] = Switch(provider, self._world.wall_us(), until_us)
        self._change(switches=switches)

    def switched_to(self, app: App) -> Switch | None:
        """Return what a person wants for `app`, if it still holds."""
        switch = self.memory.switches.get(app)
        return switch if switch is not None and switch.holds(self._world.wall_us()) else None

    def reset(self, key: str) -> bool:
        """Forget what bars a provider, a credential or a target; say if anything was known."""
        after = forgotten(self.memory, key)
        if after is self.memory:
            return False
        self._set(after)
        return True

    def adopt(self, network: Network) -> None:
        """Go on with another configuration; what was learnt of what is still there stays."""
        others = replaced(marks(self.network), marks(network))
        self.network = network
        for name in others:
            self.reset(name)
        self._set(kept(self.memory, network, self._world.wall_us()))

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
            self.network.target(candidate.resolved(wish.model))
            for candidate in queue.candidates
            if candidate.account in self.network.credentials  # or a reload took it meanwhile
        ]
        return Known(
            admissions=boards.admissions(memory.board, targets, now_us),
            latencies=memory.latencies,
            prices=self._prices(targets) if queue.policy == "cheapest" else {},
            quotas=memory.quotas,
            in_flight=self._in_flight,
            spent=self._spent(queue, now_us),
            pins=memory.pins,
        )

    def _prices(self, targets: Sequence[Target]) -> dict[str, Price]:
        """Return what each target charges, and how much of its prompts its cache has had lately."""
        found = {}
        for target in targets:
            name = target.id
            listed = list_price(target.provider.name, target.model)
            found[name] = priced(listed, target.provider.price_factor, self.memory.mixes.get(name))
        return found

    def _spent(self, queue: Queue, now_us: int) -> dict[str, Spent]:
        found = {}
        for candidate in queue.candidates:
            for budget in candidate.budgets:
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

    def _board(self, board: boards.Board) -> None:
        if board != self.memory.board:
            self._change(board=board)

    def _change(self, **changed: object) -> None:
        self._set(msgspec.structs.replace(self.memory, **changed))

    def _set(self, memory: Memory) -> None:
        self.memory = memory
        self.changes += 1


Kept = TypeVar("Kept")


def _with(known: Mapping[str, Kept], name: str, value: Kept) -> dict[str, Kept]:
    """Return `known` with `value`, the newest at the end, without the oldest beyond the bound."""
    others = {key: one for key, one in known.items() if key != name}
    for oldest in [*others][: max(0, len(others) + 1 - MAX_TARGETS)]:
        del others[oldest]
    return {**others, name: value}


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
