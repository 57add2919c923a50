"""What to tell the client when no provider is left.

Source of the choice of statuses: `facts/clients.md` section 8 and trap 3: what makes each CLI try
again later and what makes it stop, measured 2026-11.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from proxy.routing.failover import action_after
from proxy.routing.health import Admission
from proxy.routing.types import Failure, Outcome

UNCOOLED_S = 600.0  # is believed of what cools nothing
LASTING: frozenset[Failure] = frozenset(
    {
        "credential",
        "forbidden",
        "forbidden_region",
        "quota",
        "model_missing",
        "model_forbidden",
    }
)
"""Asking again would not help: somebody has to mend the configuration first."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of our own; `retry` is false where asking again is no use."""

    status: int
    message: str
    retry: bool
    retry_after_s: float | None = None


def give_up(
    history: Sequence[Outcome], model: str | None, unasked: Sequence[float | None] = ()
) -> Refusal:
    """Return what to say after `history`, in which every attempt failed.

    Args:
        history: The attempts.
        model: That was asked for.
        unasked: Of each target that was not asked but may be later, in how many seconds; `None`
            where that is not known.
    """
    if not history:
        return Refusal(503, "There was no time left to ask a provider.", retry=True)
    failures = {outcome.failure for outcome in history}
    said = "; ".join(_describe(outcome) for outcome in history)
    if failures == {"model_missing"} and not unasked:
        return Refusal(404, f"No provider knows the model {model}: {said}.", retry=False)
    if failures <= LASTING and not unasked:
        wanted = "check their keys and models in the configuration of pointsman"
        return Refusal(502, f"No provider could answer: {said}; {wanted}.", retry=False)
    waits = [_believed_s(outcome) for outcome in history]
    soonest_s = min((one for one in (*waits, *unasked) if one is not None), default=None)
    message = f"No provider could answer: {said}. Try again later."
    return Refusal(_status(failures, soonest_s), message, retry=True, retry_after_s=soonest_s)


def all_away(admissions: Sequence[Admission], now_us: int) -> Refusal:
    """Return what to say when no target may be asked, because each of them said no.

    Args:
        admissions: What each said, none of them "yes" or "probe".
        now_us: UTC microseconds.
    """
    said = "; ".join(_describe_admission(admission, now_us) for admission in admissions)
    failures = {admission.failure for admission in admissions}
    if failures <= LASTING:
        wanted = "check their keys and models in the configuration of pointsman"
        return Refusal(502, f"No provider can be asked: {said}; {wanted}.", retry=False)
    lefts = [_left_s(admission, now_us) for admission in admissions]
    soonest_s = min((left_s for left_s in lefts if left_s is not None), default=None)
    message = f"No provider can be asked: {said}. Try again later."
    return Refusal(_status(failures, soonest_s), message, retry=True, retry_after_s=soonest_s)


def _believed_s(outcome: Outcome) -> float | None:
    """Return the wait that a provider asked for, up to where it is believed: clients obey it."""
    if outcome.retry_after_s is None:
        return None
    return min(outcome.retry_after_s, action_after(outcome).max_cool_s or UNCOOLED_S)


def _status(failures: Collection[Failure | None], soonest_s: float | None) -> int:
    """Return 429 where that is the whole truth, and says when: a bare one ends Codex."""
    return 429 if set(failures) == {"rate_limited"} and soonest_s is not None else 503


def _describe_admission(admission: Admission, now_us: int) -> str:
    left_s = _left_s(admission, now_us)
    state = admission.why.replace("_", " ")
    why = "" if admission.failure is None else f" after {admission.failure.replace('_', ' ')}"
    until = "" if left_s is None else f", {math.ceil(left_s)} s left"
    return f"{admission.key}: {state}{why}{until}"


def _left_s(admission: Admission, now_us: int) -> float | None:
    return None if admission.until_us is None else max(0.0, (admission.until_us - now_us) / 1e6)


def _describe(outcome: Outcome) -> str:
    """Say who failed and why in our own words: providers may echo keys in theirs."""
    why = (outcome.failure or "unknown").replace("_", " ")
    return f"{outcome.target.account}: {why}" + (
        f" (status {outcome.status})" if outcome.status else ""
    )
