"""Who would have served each request under another policy: `proxy.routing` is asked, nothing else.

Requests come as they came; each decision sees what requests before it have left: pins, latencies,
breakers. Of outages in the log (`metrics.outages`) requests find their place down, and go on as
`proxy.routing` says.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

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
from proxy.routing.pins import PinKey, PinRules, Pins, Place, Served
from proxy.routing.planning import planned
from proxy.routing.policies import POLICIES
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.stickiness import stays
from proxy.routing.types import (
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


@dataclass(frozen=True, slots=True)
class _Choices:
    """A queue, and which of its candidates each place is."""

    queue: Queue
    places: Mapping[Place, Candidate]


@dataclass(frozen=True, slots=True)
class _Going:
    """Where a request goes, and what that makes of the pin of its session; `None` if nothing."""

    target: Candidate | Chosen
    served: Served | None


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
        self._choices = _choices(known, way, equal=around.equal)
        self._numbers = {one.account: no for no, one in enumerate(known.arrivals.places)}
        self._turns: dict[str, int] = defaultdict(int)
        self._pins: dict[PinKey, Pins] = {}
        self._latencies: dict[str, Latency] = {}
        self._board = Board()
        self.attempts = 0
        self.drawn = False

    def place(self, row: int) -> int:
        """Return where a row goes, and learn from it."""
        choices, key = self._choices[row], self._keys[row]
        app, now_us = self._apps[row], self._at_us[row]
        going = self._home(row, choices, key) or self._planned(row, choices.queue, key)
        self._turns[app] += 1
        if going is None:
            return NOWHERE
        number = self._numbers[f"{going.target.provider}/{going.target.credential}"]
        first_ms = float(self._around.first_ms[row, number])
        if first_ms == first_ms:  # noqa: PLR0124  # NaN is not itself: nothing is known of it
            before = self._latencies.get(going.target.id)
            self._latencies[going.target.id] = observed(before, first_ms, now_us)
        if going.served is not None and self._way.sticky:
            # Pins of other sessions say nothing about this one: each has its own.
            pins = self._pins.get(going.served.key, _NO_PINS)
            self._pins[going.served.key] = pins.after(going.served, self._way.pins, now_us)
        return number

    def _home(self, row: int, choices: _Choices, key: PinKey | None) -> _Going | None:
        """Return where the session is at home, if routing says that it stays; only saves time."""
        if key is None or self._around.down is not None:
            return None
        pin = self._pins.get(key, _NO_PINS).get(key)
        home = None if pin is None else choices.places.get(pin.home)
        if pin is None or home is None:
            return None
        if not stays(choices.queue, pin, home, self._latencies, self._at_us[row]):
            return None
        self.attempts += 1
        return _Going(home, Served(key=key, place=pin.home, writes_1h=self._hours[row]))

    def _planned(self, row: int, queue: Queue, key: PinKey | None) -> _Going | None:
        decision = self._decision(row, queue, key)
        self.drawn |= (decision.propensity or 1.0) < 1
        chosen = self._first_up(decision, row)
        if chosen is None or key is None:
            return None if chosen is None else _Going(chosen, None)
        served = Served(
            key=key,
            place=chosen.place,
            moves=decision.pin_moves and chosen is decision.chosen[0],
            broken=decision.pin.state == "broken",
            backup=chosen.backup,
            writes_1h=self._hours[row],
        )
        return _Going(chosen, served)

    def _decision(self, row: int, queue: Queue, key: PinKey | None) -> Decision:
        now_us = self._at_us[row]
        asked = Asked(
            key=key,
            model=self._asked[row],
            seed=b"%d %d" % (self._around.seed, row),
            turn=self._turns[self._apps[row]],
        )
        admissions = {}
        if self._board.keys:
            targets = [_target(one) for one in queue.candidates]
            admissions = boards.admissions(self._board, targets, now_us)
        known = Known(
            admissions=admissions,
            latencies=self._latencies,
            prices=self._around.prices,
            pins=_NO_PINS if key is None else self._pins.get(key, _NO_PINS),
        )
        return planned(queue, asked, known, now_us)

    def _first_up(self, decision: Decision, row: int) -> Chosen | None:
        """Return the first of those chosen that is not down when it is asked."""
        if self._around.down is None:
            self.attempts += 1
            return decision.chosen[0] if decision.chosen else None
        by_target = {_target(one): one for one in decision.chosen}
        now_us, history = self._at_us[row], list[Outcome]()
        plan = Plan(tuple(by_target), now_us + _DEADLINE_US)
        while True:
            step = admitted_step(plan, history, self._board, Now(now_us, now_us))
            if not isinstance(step, Attempt):
                return None
            outcome = self._tried(row, step.target, f"{row}.{len(history)}")
            if outcome.failure is None:
                return by_target[step.target]
            history.append(outcome)

    def _tried(self, row: int, target: Target, name: str) -> Outcome:
        """Return how an attempt ends: it fails where its provider was away."""
        now_us, down = self._at_us[row], self._around.down
        rules = BREAKER_RULES.get(self._apps[row]) or BREAKER_RULES["claude"]
        self.attempts += 1
        self._board = boards.granted(self._board, target, name, rules, now_us)
        is_down = down is not None and bool(down[row, self._numbers[target.account]])
        failure: Failure | None = "server_error" if is_down else None
        outcome = Outcome(target, failure=failure, ended_us=now_us, attempt_id=name)
        self._board = boards.after(self._board, outcome, rules, now_us)
        return outcome


_NO_PINS: Final = Pins()


def _target(one: Candidate | Chosen) -> Target:
    provider = Provider(one.provider, one.provider, ())
    return Target(provider, Credential(one.credential, ""), one.model)


def _choices(known: World, way: Routing, *, equal: bool) -> list[_Choices]:
    """Return the queue of each row: one for each app and the names of its model at the places."""
    made: dict[tuple[str, ...], _Choices] = {}
    found = []
    apps = known.arrivals.rows["app"]
    for app, models in zip(apps, known.models.tolist(), strict=True):
        name = (app, *models)
        if name not in made:
            queue = _queue(known, way, name, equal=equal)
            made[name] = _Choices(queue, {one.place: one for one in queue.candidates})
        found.append(made[name])
    return found


def _queue(known: World, way: Routing, name: tuple[str, ...], *, equal: bool) -> Queue:
    app, *models = name
    candidates = tuple(
        Candidate(
            provider=place.provider,
            credential=place.credential,
            model=model,
            level=0 if equal else level,
        )
        for level, (place, model) in enumerate(zip(known.arrivals.places, models, strict=True))
        if model
    )
    return Queue(
        name=app,
        candidates=candidates,
        policy=way.policy,
        sticky=way.sticky,
        pin_rules=way.pins,
    )


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
