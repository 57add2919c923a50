"""The health of one thing that may fail: a breaker and a cooldown, folded over outcomes.

Times are UTC microseconds: state outlives a restart, and ticks do not. Sources of the thresholds
and badges: `facts/existing-systems.md` sections 1.1 and 1.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec.structs import replace

from proxy.routing.types import App, Failure

Badge = Literal["healthy", "degraded", "unhealthy"]
BreakerState = Literal["closed", "open", "half_open"]
UNHEALTHY = 3  # failures in a row
_MAX_DOUBLINGS = 32  # more is beyond every bound, and at last beyond what a float holds
PROBING_S = 5.0  # when to ask again while a probe is out; most have ended by then


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a breaker opens, for how long, and what closes it.

    Attributes:
        failures: Faults in a row that open it, none of them older than the window.
        error_rate: Share of faults in the window that opens it, among at least `min_requests`.
        window_s: How far back it looks, in `buckets` steps.
        successes: Probes in a row that close it.
        open_s: How long it is open first; doubles each time a probe fails, up to `max_open_s`.
        probe_s: After how long a probe that nobody reported is forgotten.
        probe_after_s: A cooldown at least this long ends with a probe instead of all traffic.
    """

    failures: int = 4
    error_rate: float = 0.6
    min_requests: int = 10
    window_s: float = 300.0
    buckets: int = 10
    successes: int = 2
    open_s: float = 15.0
    max_open_s: float = 60.0
    probe_s: float = 300.0
    probe_after_s: float = 60.0


BREAKER_RULES: Mapping[App, BreakerRules] = MappingProxyType(
    {
        "claude": BreakerRules(
            failures=8, error_rate=0.7, min_requests=15, successes=3, max_open_s=90.0
        ),
        "codex": BreakerRules(),
        "gemini": BreakerRules(),
        "openai": BreakerRules(),
    }
)
"""Each app's rules where the configuration does not say."""


class Bucket(msgspec.Struct, frozen=True, array_like=True):
    """What happened in one step of the window."""

    start_us: int
    total: int
    faults: int


class Probe(msgspec.Struct, frozen=True, array_like=True):
    """The one attempt that may find out whether it works again."""

    attempt_id: str
    until_us: int


class Health(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is remembered of one key; the default is a healthy one.

    Attributes:
        streak: Failures in a row, of any kind but neutral.
        faults: Faults in a row, which the breaker counts.
        window: The last steps in which anything happened, oldest first.
        open_until_us: Until when the breaker is open, and half-open from then on; `None` if closed.
        opened: How often it has opened without closing in between.
        passed: Probes in a row that succeeded.
        probe: The one that is out.
        passed_by: The last probe that succeeded so far: its answer may still break off.
        cool_until_us: Until when nobody should come; `None` if nobody asked for that.
        failure: The last one, whatever came after it.
        changed_us: When the last outcome came.
    """

    streak: int = 0
    faults: int = 0
    window: tuple[Bucket, ...] = ()
    open_until_us: int | None = None
    opened: int = 0
    passed: int = 0
    probe: Probe | None = None
    passed_by: str | None = None
    cool_until_us: int | None = None
    failure: Failure | None = None
    changed_us: int | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may come.

    Attributes:
        state: "probe": it would be the one trial, and has to be granted that.
        why: What stands against it, as one word; "" where nothing does.
        until_us: When that may change, in UTC microseconds.
        failure: The last one, if anything was wrong.
        key: The one of a target's keys that says so.
    """

    state: Literal["yes", "probe", "no"]
    why: Literal["", "cooling", "breaker_open", "probing"] = ""
    until_us: int | None = None
    failure: Failure | None = None
    key: str | None = None


YES = Admission("yes")


def admits(health: Health, now_us: int) -> Admission:
    """Return whether a request may come at `now_us`; "probe" has to be granted first."""
    if health.cool_until_us is not None and now_us < health.cool_until_us:
        until_us = max(health.cool_until_us, health.open_until_us or 0)
        return Admission("no", "cooling", until_us, health.failure)
    match breaker_state(health, now_us):
        case "closed":
            return YES
        case "open":
            return Admission("no", "breaker_open", health.open_until_us, health.failure)
        case "half_open" if health.probe is not None and now_us < health.probe.until_us:
            until_us = min(now_us + _us(PROBING_S), health.probe.until_us)
            return Admission("no", "probing", until_us, health.failure)
        case "half_open":
            return Admission("probe", failure=health.failure)


def breaker_state(health: Health, now_us: int) -> BreakerState:
    """Return the state of the breaker at `now_us`."""
    if health.open_until_us is None:
        return "closed"
    return "open" if now_us < health.open_until_us else "half_open"


def badge(health: Health) -> Badge:
    """Return how it looks from outside."""
    if health.streak == 0:
        return "healthy"
    return "degraded" if health.streak < UNHEALTHY else "unhealthy"


def granted(health: Health, attempt_id: str, rules: BreakerRules, now_us: int) -> Health:
    """Let `attempt_id` be the probe."""
    return replace(health, probe=Probe(attempt_id, now_us + _us(rules.probe_s)))


def released(health: Health, attempt_id: str | None) -> Health:
    """Forget `attempt_id` if it is the probe: it found out nothing."""
    return replace(health, probe=None) if _is_probe(health, attempt_id) else health


def succeeded(health: Health, attempt_id: str | None, rules: BreakerRules, now_us: int) -> Health:
    """Count a success; only that of the probe helps a breaker that is not closed.

    A cooldown stays: the request may have begun before it.
    """
    window = _counted(health.window, rules, now_us, faults=0)
    is_probe = _is_probe(health, attempt_id)
    passed = health.passed + is_probe
    health = replace(
        released(health, attempt_id),
        streak=0,
        faults=0,
        window=window,
        passed=passed,
        passed_by=attempt_id if is_probe else health.passed_by,
        changed_us=now_us,
    )
    if health.open_until_us is None or passed < rules.successes:
        return health
    return replace(
        health, open_until_us=None, opened=0, passed=0, probe=None, passed_by=None, window=()
    )


def faulted(health: Health, event: "Fault", rules: BreakerRules) -> Health:
    """Count a fault: it may open the breaker, and a probe's opens it again for longer."""
    now_us = event.now_us
    window = _counted(health.window, rules, now_us, faults=1)
    is_stale = health.changed_us is None or now_us - health.changed_us > _us(rules.window_s)
    has_passed = event.attempt_id is not None and event.attempt_id == health.passed_by
    is_probe = has_passed or _is_probe(health, event.attempt_id)
    health = replace(
        released(health, event.attempt_id),
        streak=health.streak + 1,
        faults=1 if is_stale else health.faults + 1,
        window=window,
        failure=event.failure,
        changed_us=now_us,
    )
    if is_probe or (health.open_until_us is None and _is_too_much(health, rules)):
        doubled_s = rules.open_s * 2.0 ** min(health.opened, _MAX_DOUBLINGS)
        open_s = min(rules.max_open_s, doubled_s)
        open_until_us = now_us + _us(open_s)
        health = replace(
            health,
            open_until_us=open_until_us,
            opened=health.opened + 1,
            passed=0,
            probe=None,
            passed_by=None,
        )
    return cooled(health, event, rules)


def refused(health: Health, event: "Fault", rules: BreakerRules) -> Health:
    """Note that it works and says no: that cools, and opens nothing."""
    health = replace(
        released(health, event.attempt_id),
        streak=health.streak + 1,
        failure=event.failure,
        changed_us=event.now_us,
    )
    return cooled(health, event, rules)


def cooled(health: Health, event: "Fault", rules: BreakerRules) -> Health:
    """Leave it alone for as long as the failure asks; what was asked before still holds."""
    cool_s = event.cool_s(health.streak)
    if cool_s <= 0:
        return health
    until_us = max(health.cool_until_us or 0, event.now_us + _us(cool_s))
    health = replace(health, cool_until_us=until_us)
    if cool_s < rules.probe_after_s:
        return health
    open_until_us = max(health.open_until_us or 0, until_us)
    return replace(health, open_until_us=open_until_us, passed=0)


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure as one key sees it: what it was, when, whose, and for how long that cools.

    `asked_s` is what the provider asked for, `None` or 0 if nothing.
    """

    failure: Failure
    now_us: int
    attempt_id: str | None = None
    asked_s: float | None = None
    first_s: float = 0.0
    max_s: float = 0.0

    def cool_s(self, streak: int) -> float:
        """Return for how long to stay away after `streak` failures in a row, this one included."""
        doubled_s = self.first_s * 2.0 ** min(max(streak, 1) - 1, _MAX_DOUBLINGS)
        return min(self.asked_s or doubled_s, self.max_s)


def _counted(
    window: tuple[Bucket, ...], rules: BreakerRules, now_us: int, *, faults: int
) -> tuple[Bucket, ...]:
    """Return `window` with one more outcome, and without what is too old.

    A clock that was set back counts into the last step.
    """
    step_us = max(1, _us(rules.window_s / rules.buckets))
    start_us = now_us // step_us * step_us
    kept = tuple(b for b in window if b.start_us > start_us - rules.buckets * step_us)
    if kept and kept[-1].start_us >= start_us:
        last = kept[-1]
        return (*kept[:-1], Bucket(last.start_us, last.total + 1, last.faults + faults))
    return (*kept, Bucket(start_us, 1, faults))[-rules.buckets :]


def _is_too_much(health: Health, rules: BreakerRules) -> bool:
    if health.faults >= rules.failures:
        return True
    total = sum(bucket.total for bucket in health.window)
    faults = sum(bucket.faults for bucket in health.window)
    return total >= rules.min_requests and faults >= rules.error_rate * total


def _is_probe(health: Health, attempt_id: str | None) -> bool:
    probe = health.probe
    return probe is not None and probe.attempt_id == attempt_id


def _us(seconds: float) -> int:
    return round(seconds * 1e6)
