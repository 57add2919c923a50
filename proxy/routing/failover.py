"""From the attempts made so far to the next one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from proxy.routing.failures import ACTIONS
from proxy.routing.types import Action, Attempt, Failure, Outcome, Plan, Scope, Step, Stop, Target

NO_ACTION = Action(goes_on=False, counts_as="neutral")  # what follows from success


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a target is not tried, or not tried yet.

    Attributes:
        target: The one that is skipped.
        shares: What it has in common with the one that failed; `target` if it is that one.
        failure: Of that one.
        attempt_no: Which attempt that was, from 1.
        again: Whether it may still be tried, after a wait, once no other is left.
    """

    target: Target
    shares: Scope
    failure: Failure
    attempt_no: int
    again: bool


def next_step(plan: Plan, history: Sequence[Outcome], now_us: int) -> Step:
    """Say what to do after `history`, trying the targets of `plan` in order.

    A target that shares what cooled counts as tried: another model of a key that was refused, and
    another key of a host that cannot be reached. Tried ones come again, after a wait, when no
    other is left and their failure may pass.

    Args:
        plan: Targets, best first; and the end of all trying.
        history: Outcomes so far, oldest first.
        now_us: The time, on the clock of `plan.deadline_us`.

    Returns:
        The next attempt, or why there is none. Equal arguments give equal steps.
    """
    if history and history[-1].committed:
        return Stop("committed")  # the client has seen content: it can be cut, not begun again
    if history and not action_after(history[-1]).goes_on:
        return Stop("settled")
    budget = len(plan.targets) if plan.max_attempts is None else plan.max_attempts
    if len(history) >= budget or now_us >= plan.deadline_us:
        return Stop("exhausted")
    skipped = skips(plan, history)
    tried = {skip.target for skip in skipped}
    fresh = next((target for target in plan.targets if target not in tried), None)
    return Attempt(fresh) if fresh is not None else _again(plan, history, skipped, now_us)


def skips(plan: Plan, history: Sequence[Outcome]) -> tuple[Skip, ...]:
    """Return why each target that is not next after `history` is not, in the plan's order."""
    found = (_skip(target, history) for target in plan.targets)
    return tuple(skip for skip in found if skip is not None)


def action_after(outcome: Outcome) -> Action:
    """Return what follows from `outcome`."""
    if outcome.action is not None:
        return outcome.action
    return NO_ACTION if outcome.failure is None else ACTIONS[outcome.failure]


def _skip(target: Target, history: Sequence[Outcome]) -> Skip | None:
    """Return why `target` counts as tried; what is final says more than what may pass."""
    found = [
        Skip(target, shares, outcome.failure, no, action_after(outcome).again)
        for no, outcome in enumerate(history, 1)
        if outcome.failure is not None and (shares := _shared(outcome, target)) != "nothing"
    ]
    return min(reversed(found), key=lambda skip: skip.again, default=None)


def _shared(outcome: Outcome, target: Target) -> Scope:
    """Return what `target` has of what `outcome` cooled; the attempted target, itself."""
    if outcome.target == target:
        return "target"
    one, other = outcome.target.provider, target.provider
    match action_after(outcome).cools:
        case "provider" if one.base_url == other.base_url:
            return "provider"
        case "credential" if (one.name, outcome.target.credential.label) == (
            other.name,
            target.credential.label,
        ):
            return "credential"
        case _:
            return "nothing"


def _again(plan: Plan, history: Sequence[Outcome], skipped: Sequence[Skip], now_us: int) -> Step:
    """Return the target that is soonest ready to be tried again."""
    asked = {outcome.target for outcome in history}
    repeats = len(history) - len(asked)
    may = [
        skip
        for skip in skipped
        if skip.again
        and (
            skip.target not in asked
            or (plan.max_attempts is not None and repeats < plan.backoff.repeats)
        )
    ]
    if not may:
        return Stop("exhausted")
    waits = [_left_s(history[skip.attempt_no - 1], now_us) for skip in may]
    soonest_s = min(waits)
    wait_s = max(soonest_s, _backoff_s(plan, len(history), repeats))
    if wait_s > plan.backoff.max_wait_s or now_us + round(wait_s * 1e6) >= plan.deadline_us:
        return Stop("exhausted")  # the client is told when, and can wait by itself
    return Attempt(may[waits.index(soonest_s)].target, wait_s)


def _left_s(outcome: Outcome, now_us: int) -> float:
    """Return how much of the wait that the provider asked for is left."""
    past_s = 0.0 if outcome.ended_us is None else (now_us - outcome.ended_us) / 1e6
    return max(0.0, (outcome.retry_after_s or 0.0) - past_s)


def _backoff_s(plan: Plan, attempts: int, repeats: int) -> float:
    """Return a wait drawn evenly from nothing to the longest: clients that failed together part.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: "full jitter".
    """
    if plan.max_attempts is None:
        return 0.0
    longest_s = min(plan.backoff.cap_s, plan.backoff.base_s * 2.0**repeats)
    digest = hashlib.blake2b(f"{plan.seed}:{attempts}".encode(), digest_size=8).digest()
    return longest_s * int.from_bytes(digest) / 2**64
