"""Who would have served each request under another policy: `proxy.routing` is asked, nothing else.

Requests come as they came; each decision sees what requests before it have left: pins, latencies,
breakers. Of outages in the log (`metrics.outages`) requests find their place down, and go on as
`proxy.routing` says.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from analysis.errors import UnknownPolicy
from analysis.simulate.sharing import Real, Whole
from analysis.simulate.worlds import World
from proxy.routing import board as boards
from proxy.routing.asked import Asked, Queue
from proxy.routing.board import Board
from proxy.routing.candidates import Candidate, Known, Price
from proxy.routing.decision import Chosen, Decision
from proxy.routing.health import BREAKER_RULES
from proxy.routing.latency import Latency, observed
from proxy.routing.models import family
from proxy.routing.pins import PinKey, PinRules, Pins, Served
from proxy.routing.planning import planned
from proxy.routing.policies import POLICIES
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.types import (
    App,
    Attempt,
    Credential,
    Failure,
    Outcome,
    Plan,
    Provider,
    Target,
)

TICK: Final = 4_096  # decisions between two signs of life
_DEADLINE_US: Final = 3_600_000_000
NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Routing:
    """A way to deal requests out.

    Attributes:
        name: As it is asked for.
        policy: In `proxy.routing.policies.POLICIES`.
        sticky: Whether sessions stay where they are.
        pins: How long, and what else counts for that.
    """

    name: str
    policy: str = "priority"
    sticky: bool = False
    pins: PinRules = field(default_factory=PinRules)


STICKY: Final = Routing("sticky", sticky=True)


def routing(name: str) -> Routing:
    """Return the way of that name: `round_robin`, `sticky`, `sticky+random`, `sticky@60`.

    The number is how many seconds a session is remembered; what follows the `+` is the policy for
    new sessions.

    Raises:
        UnknownPolicy: There is none; the message says which there are.
    """
    stem, _, seconds = name.partition("@")
    words = stem.split("+")
    sticky = words[0] == "sticky"
    policy = words[-1] if words[-1] != "sticky" else "priority"
    is_known = policy in POLICIES and len(words) == (2 if sticky and policy != "priority" else 1)
    if stem == "sticky+priority":
        is_known = True
    lasts_s = float(seconds) if seconds.isdecimal() else 0.0
    if not is_known or ("@" in name and not (sticky and lasts_s)):
        raise UnknownPolicy(
            f'there is no policy "{name}": want sticky, sticky+POLICY, sticky@SECONDS, '
            f"or one of {', '.join(POLICIES)}"
        )
    rules = PinRules(ttl_s=lasts_s, long_ttl_s=lasts_s) if lasts_s else PinRules()
    return Routing(name, policy, sticky, rules)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the policies see, besides requests.

    Attributes:
        first_ms: When first content of each row would come from each place; NaN: not known.
        down: Whether each place is away when each row comes; `None`: nobody ever is.
        prices: Of each place and model, for the policy that asks for them.
        equal: Whether the places are equals; else the one used most is asked first.
        seed: Of all draws.
    """

    first_ms: Real
    down: NDArray[np.bool_] | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    equal: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Dealt:
    """Where each row went; `NOWHERE` if nobody could serve it. `drawn`: by chance, in part."""

    places: Whole
    attempts: int
    drawn: bool = False


Progress = Callable[[int], object]


def dealt(known: World, way: Routing, around: Surroundings, progress: Progress = int) -> Dealt:
    """Return where requests go under a policy; equal arguments give equal places."""
    dealer = _Dealer(known, way, around)
    count = len(known.arrivals.rows)
    places = np.empty(count, dtype=np.int64)
    for row in range(count):
        places[row] = dealer.place(row)
        if row % TICK == TICK - 1:
            progress(TICK)
    progress(count % TICK)
    return Dealt(places, dealer.attempts, dealer.drawn)


class _Dealer:
    """One run through the requests, and what it has learnt so far."""

    def __init__(self, known: World, way: Routing, around: Surroundings) -> None:
        self._known, self._way, self._around = known, way, around
        rows = known.arrivals.rows
        self._at_us = rows["at_us"].to_list()
        self._keys = _keys(known)
        self._asked = rows["asked"].to_list()
        self._hours = (rows["written_1h"].fill_null(0) > 0).to_list()
        self._apps = rows["app"].to_list()
        self._queues: dict[tuple[object, ...], Queue] = {}
        self._numbers = {one.account: no for no, one in enumerate(known.arrivals.places)}
        self._targets = {
            one.account: Target(Provider(one.provider, one.account, ()), Credential("", ""))
            for one in known.arrivals.places
        }
        self._turns: dict[str, int] = defaultdict(int)
        self._pins: dict[PinKey, Pins] = {}
        self._latencies: dict[str, Latency] = {}
        self._board = Board()
        self.attempts = 0
        self.drawn = False

    def place(self, row: int) -> int:
        """Return where a row goes, and learn from it."""
        now_us, key = self._at_us[row], self._keys[row]
        decision = self._decision(row, now_us, key)
        chosen = self._first_up(decision, row, now_us)
        if chosen is None:
            return NOWHERE
        self.drawn |= (decision.propensity or 1.0) < 1
        number = self._numbers[f"{chosen.provider}/{chosen.credential}"]
        first_ms = self._around.first_ms[row, number]
        if first_ms == first_ms:  # noqa: PLR0124  # NaN is not itself: nothing is known of it
            before = self._latencies.get(chosen.id)
            self._latencies[chosen.id] = observed(before, float(first_ms), now_us)
        if key is not None and self._way.sticky:
            self._pin(row, key, decision, chosen)
        return number

    def _decision(self, row: int, now_us: int, key: PinKey | None) -> Decision:
        app = self._apps[row]
        queue = self._queue(row)
        asked = Asked(
            key=key,
            model=self._asked[row],
            seed=b"%d %d" % (self._around.seed, row),
            turn=self._turns[app],
        )
        self._turns[app] += 1
        pins = self._pins.get(key) if key is not None else None
        admissions = {}
        if self._board.keys:
            targets = [self._target(one.account, one.model) for one in queue.candidates]
            admissions = boards.admissions(self._board, targets, now_us)
        known = Known(
            admissions=admissions,
            latencies=self._latencies,
            prices=self._around.prices,
            pins=pins or _NO_PINS,
        )
        return planned(queue, asked, known, now_us)

    def _first_up(self, decision: Decision, row: int, now_us: int) -> Chosen | None:
        """Return the first of those chosen that is not down when it is asked."""
        down = self._around.down
        if down is None:
            self.attempts += 1
            return decision.chosen[0] if decision.chosen else None
        by_target = {self._target(_account(one), one.model): one for one in decision.chosen}
        plan = Plan(tuple(by_target), now_us + _DEADLINE_US)
        history: list[Outcome] = []
        rules = BREAKER_RULES[cast("App", self._apps[row] or "claude")]
        while True:
            step = admitted_step(plan, history, self._board, Now(now_us, now_us))
            if not isinstance(step, Attempt):
                return None
            self.attempts += 1
            name = f"{row}.{len(history)}"
            self._board = boards.granted(self._board, step.target, name, rules, now_us)
            chosen = by_target[step.target]
            is_down = bool(down[row, self._numbers[_account(chosen)]])
            failure: Failure | None = "server_error" if is_down else None
            outcome = Outcome(step.target, failure=failure, ended_us=now_us, attempt_id=name)
            if is_down or self._board.keys:
                self._board = boards.after(self._board, outcome, rules, now_us)
            if not is_down:
                return chosen
            history.append(outcome)

    def _pin(self, row: int, key: PinKey, decision: Decision, chosen: Chosen) -> None:
        served = Served(
            key=key,
            place=chosen.place,
            moves=decision.pin_moves and chosen is decision.chosen[0],
            broken=decision.pin.state == "broken",
            backup=chosen.backup,
            writes_1h=self._hours[row],
        )
        # Pins of other sessions say nothing about this one: each has its own.
        pins = self._pins.get(key, _NO_PINS)
        self._pins[key] = pins.after(served, self._way.pins, self._at_us[row])

    def _queue(self, row: int) -> Queue:
        models = tuple(self._known.models[row])
        name = (self._apps[row], *models)
        found = self._queues.get(name)
        if found is None:
            found = self._queues[name] = self._made(self._apps[row], models)
        return found

    def _made(self, app: str, models: tuple[str, ...]) -> Queue:
        places = self._known.arrivals.places
        candidates = tuple(
            Candidate(
                provider=place.provider,
                credential=place.credential,
                model=model,
                level=0 if self._around.equal else level,
            )
            for level, (place, model) in enumerate(zip(places, models, strict=True))
            if model
        )
        way = self._way
        return Queue(
            name=app,
            candidates=candidates,
            policy=way.policy,
            sticky=way.sticky,
            pin_rules=way.pins,
        )

    def _target(self, account: str, model: str | None) -> Target:
        return replace(self._targets[account], model=model)


_NO_PINS: Final = Pins()


def _account(chosen: Chosen) -> str:
    return f"{chosen.provider}/{chosen.credential}"


def _keys(known: World) -> list[PinKey | None]:
    rows = known.arrivals.rows.select("client_key", "app", "session", "asked")
    made: dict[tuple[object, ...], PinKey | None] = {}
    keys: list[PinKey | None] = []
    for row in rows.iter_rows():
        if row not in made:
            client_key, app, session, asked = row
            named = session is not None
            made[row] = PinKey(client_key, app, session, family(asked)) if named else None
        keys.append(made[row])
    return keys
