"""Laws of pins and plans over any history of failures, changes and sessions."""

from dataclasses import replace

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from proxy.routing.asked import Asked, Queue
from proxy.routing.candidates import Candidate, Known
from proxy.routing.decision import Decision
from proxy.routing.health import YES, Admission
from proxy.routing.pins import PinKey, PinRules, Pins, Served
from proxy.routing.planning import planned
from proxy.routing.policies import POLICIES
from proxy.routing.windows import Schedule, Window, is_open

S = 1_000_000
NAMES = ("a", "b", "c", "d")
NIGHT = Schedule((Window(opens_min=0, closes_min=720),))
KEYS = [
    PinKey(client_key, app, session, family)
    for client_key in (None, "team")
    for app in ("claude", "codex")
    for session in ("s", "t")
    for family in ("opus", "haiku")
]
RULES = PinRules(max_pins=12)
LINE = tuple(
    Candidate(provider=name, credential=key, level=2 * n + k, backup=name == "d")
    for n, name in enumerate(NAMES)
    for k, key in enumerate(("x", "y"))
)


class Routing(RuleBasedStateMachine):
    """A proxy of which everything but routing is made up."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = 1_800_000_000 * S
        self.pins = Pins()
        self.line = {one.id: one for one in LINE}
        self.admissions: dict[str, Admission] = {}
        self.policy, self.sticky = "priority", True
        self.turn = 0

    @rule(seconds=st.sampled_from([1, 20, 31, 200, 301, 4000, 40_000]))
    def time_passes(self, seconds: int) -> None:
        self.now_us += seconds * S
        for name, admission in [*self.admissions.items()]:
            if admission.until_us is not None and admission.until_us <= self.now_us:
                self.admissions[name] = Admission("probe")

    @rule(
        name=st.sampled_from([one.id for one in LINE]),
        why=st.sampled_from(["cooling", "breaker_open"]),
        seconds=st.integers(1, 900),
    )
    def fails(self, name: str, why: str, seconds: int) -> None:
        self.admissions[name] = Admission("no", why, self.now_us + seconds * S)

    @rule(name=st.sampled_from([one.id for one in LINE]))
    def recovers(self, name: str) -> None:
        self.admissions.pop(name, None)

    @rule(name=st.sampled_from([one.id for one in LINE]), enabled=st.booleans())
    def is_switched(self, name: str, *, enabled: bool) -> None:
        if name in self.line:
            self.line[name] = replace(self.line[name], enabled=enabled)

    @rule(name=st.sampled_from([one.id for one in LINE]), scheduled=st.booleans())
    def has_windows(self, name: str, *, scheduled: bool) -> None:
        if name in self.line:
            schedule = NIGHT if scheduled else Schedule()
            self.line[name] = replace(self.line[name], schedule=schedule)

    @rule(one=st.sampled_from(LINE), there=st.booleans())
    def is_configured(self, one: Candidate, *, there: bool) -> None:
        self.line.pop(one.id, None)
        if there:
            self.line[one.id] = one

    @rule(policy=st.sampled_from(sorted(POLICIES)), sticky=st.booleans())
    def the_queue_changes(self, policy: str, *, sticky: bool) -> None:
        self.policy, self.sticky = policy, sticky

    @rule()
    def restarts(self) -> None:
        self.pins = msgspec.json.decode(msgspec.json.encode(self.pins), type=Pins)

    @rule()
    def prunes(self) -> None:
        self.pins = self.pins.pruned(RULES, self.now_us)

    @rule(
        key=st.sampled_from(KEYS), nth=st.integers(0, 2), served=st.booleans(), long=st.booleans()
    )
    def is_asked(self, key: PinKey, nth: int, *, served: bool, long: bool) -> None:
        decision = self.plan(key)
        self.check(key, decision)
        if not served or not decision.chosen:
            return  # what is not served changes no pin
        chosen = decision.chosen[min(nth, len(decision.chosen) - 1)]
        before = self.pins
        event = Served(
            key=key,
            place=chosen.place,
            moves=decision.pin_moves,
            backup=chosen.backup,
            writes_1h=long,
            prompt_tokens=1000,
        )
        self.pins = before.after(event, RULES, self.now_us)
        for other in KEYS:
            if other != key and self.pins.get(other) is not None:
                assert self.pins.get(other) == before.get(other)

    def plan(self, key: PinKey) -> Decision:
        self.turn += 1
        queue = Queue(
            name="q",
            candidates=tuple(self.line.values()),
            policy=self.policy,
            sticky=self.sticky,
            pin_rules=RULES,
        )
        asked = Asked(key=key, model=None, seed=str(self.turn).encode(), turn=self.turn)
        known = Known(admissions=self.admissions, pins=self.pins)
        return planned(queue, asked, known, self.now_us)

    def may_be_asked(self, name: str) -> bool:
        one = self.line.get(name)
        return (
            one is not None
            and one.enabled
            and is_open(one.schedule, self.now_us)
            and self.admissions.get(name, YES).state != "no"
        )

    def check(self, key: PinKey, decision: Decision) -> None:
        ids = [one.id for one in decision.chosen]
        assert set(ids) == {name for name in self.line if self.may_be_asked(name)}
        assert sorted([*ids, *(one.id for one in decision.skipped)]) == sorted(self.line)
        assert (decision.sentence is None) == bool(ids)
        assert decision == msgspec.json.decode(msgspec.json.encode(decision), type=Decision)
        self.check_backups(decision)
        self.check_pin(key, decision)

    def check_backups(self, decision: Decision) -> None:
        if decision.pin.state in {"miss", "none"} and decision.chosen:
            classes = [one.backup for one in decision.chosen]
            assert classes == sorted(classes)

    def check_pin(self, key: PinKey, decision: Decision) -> None:
        pin = self.pins.get(key)
        if not self.sticky or pin is None or not pin.holds(self.now_us):
            assert decision.pin.state in {"miss", "none"}
            return
        home, last = (f"{p.provider}/{p.credential}" for p in (pin.home, pin.last))
        if decision.pin.state == "hit":
            assert decision.chosen[0].id == home
        if pin.away is None and self.may_be_asked(home) and pin.home.provider != "d":
            assert decision.pin.state == "hit"
        if self.may_be_asked(last) and not self.may_be_asked(home):
            assert decision.chosen[0].id == last

    @invariant()
    def pins_are_bounded(self) -> None:
        assert len(self.pins.entries) <= RULES.max_pins

    @precondition(lambda self: self.pins.entries)
    @rule(key=st.sampled_from(KEYS))
    def sticks_as_long_as_it_may(self, key: PinKey) -> None:
        """A session that is served at home is served there again, whatever the policy draws."""
        decision = self.plan(key)
        if decision.pin.state == "hit":
            assert decision.chosen[0] == self.plan(key).chosen[0]
            assert decision.propensity == 1.0


Routing.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestRouting = Routing.TestCase
