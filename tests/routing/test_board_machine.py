"""Laws of the board, whatever happens in whatever order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from proxy.routing.board import (
    Board,
    admits,
    after,
    decoded,
    encoded,
    granted,
    keys_of,
    pruned,
    reset,
)
from proxy.routing.failures import ACTIONS
from proxy.routing.health import BreakerRules, breaker_state
from proxy.routing.types import Credential, Failure, Outcome, Provider, Target

S = 1_000_000
RULES = BreakerRules(failures=3, min_requests=5, window_s=60, probe_s=40, open_s=10)
LONGEST_S = max(action.max_cool_s for action in ACTIONS.values())
TARGETS = tuple(
    Target(Provider(p, f"https://{p}.test", ("chat",)), Credential(k, "s"), m)
    for p in ("a", "b")
    for k in ("k1", "k2")
    for m in (None, "m", "n")
)
PLACES = st.sampled_from(TARGETS)
FAILURES = st.sampled_from([None, None, *sorted(ACTIONS)])


class Routing(RuleBasedStateMachine):
    """Requests that begin when they are admitted, and end in any order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.board = Board()
        self.now_us = 1_800_000_000 * S
        self.count = 0
        self.running: dict[str, Target] = {}
        self.probes: dict[str, tuple[int, tuple[str, ...]]] = {}  # id -> until when, which keys

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now_us += seconds * S
        late = [one for one, (until_us, _) in self.probes.items() if until_us <= self.now_us]
        for one in late:
            del self.probes[one]

    @rule(hours=st.integers(1, 7))
    def hours_pass(self, hours: int) -> None:
        self.time_passes(hours * 3600)

    @rule(where=PLACES)
    def begins(self, where: Target) -> None:
        admission = admits(self.board, where, self.now_us)
        if admission.state == "no":
            assert admission.until_us is not None
            assert self.now_us < admission.until_us <= self.now_us + LONGEST_S * S
            return
        self.count += 1
        name = f"t{self.count}"
        before = self.board
        self.board = granted(before, where, name, RULES, self.now_us)
        assert (self.board == before) == (admission.state == "yes")
        self.running[name] = where
        asked = tuple(k for k in keys_of(where).each if self._probe(k) == name)
        if asked:
            self.probes[name] = (self.now_us + int(RULES.probe_s) * S, asked)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), failure=FAILURES, asked_s=st.none() | st.floats(0, 1e6))
    def ends(self, data: st.DataObject, failure: Failure | None, asked_s: float | None) -> None:
        name = data.draw(st.sampled_from(sorted(self.running)))
        where = self.running.pop(name)
        self.probes.pop(name, None)
        outcome = Outcome(where, failure, retry_after_s=asked_s, attempt_id=name)
        before = self.board
        self.board = after(before, outcome, RULES, self.now_us)
        if failure is not None and ACTIONS[failure].counts_as == "neutral":
            assert admits(self.board, where, self.now_us).state in {
                admits(before, where, self.now_us).state,
                "probe",  # it was the probe, and found out nothing
            }

    @rule(where=PLACES)
    def recovers(self, where: Target) -> None:
        """Once nothing stands against it, as many probes as it takes close it again."""
        self.board = reset(self.board, where.provider.name)
        for _ in range(RULES.failures):
            self.board = after(self.board, Outcome(where, "late"), RULES, self.now_us)
        assert admits(self.board, where, self.now_us).why == "breaker_open"
        self.time_passes(int(RULES.open_s))
        for no in range(RULES.successes):
            assert admits(self.board, where, self.now_us).state == "probe"
            self.board = granted(self.board, where, f"r{no}", RULES, self.now_us)
            done = Outcome(where, attempt_id=f"r{no}")
            self.board = after(self.board, done, RULES, self.now_us)
        assert admits(self.board, where, self.now_us).state == "yes"
        self.probes = {
            n: p for n, p in self.probes.items() if not p[1][0].startswith(where.provider.name)
        }

    @rule()
    def restarts(self) -> None:
        again = pruned(decoded(encoded(self.board)), {"a/k1", "a/k2", "b/k1", "b/k2"}, self.now_us)
        for where in TARGETS:
            assert admits(again, where, self.now_us) == admits(self.board, where, self.now_us)
        self.board = again

    @invariant()
    def nobody_is_sent_where_it_is_open_or_cools(self) -> None:
        for where in TARGETS:
            found = [self.board.keys[k] for k in keys_of(where).each if k in self.board.keys]
            is_away = any(
                breaker_state(health, self.now_us) == "open"
                or (health.cool_until_us or 0) > self.now_us
                for health in found
            )
            if is_away:
                assert admits(self.board, where, self.now_us).state == "no"

    @invariant()
    def one_probe_of_a_key_at_a_time(self) -> None:
        out = [key for _, keys in self.probes.values() for key in keys if self._is_half_open(key)]
        assert len(out) == len(set(out))

    def _is_half_open(self, key: str) -> bool:
        health = self.board.keys.get(key)
        return health is not None and breaker_state(health, self.now_us) == "half_open"

    def _probe(self, key: str) -> str | None:
        health = self.board.keys.get(key)
        return None if health is None or health.probe is None else health.probe.attempt_id


TestRouting = Routing.TestCase
