"""The next step of a request, heeding what this and other requests have learnt meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from proxy.routing.board import Board, admits
from proxy.routing.failover import next_step
from proxy.routing.types import Attempt, Outcome, Plan, Step, Stop


@dataclass(frozen=True, slots=True)
class Now:
    """One moment on both clocks: of the board, and of the plan's deadline."""

    wall_us: int
    tick_us: int


def admitted_step(plan: Plan, history: Sequence[Outcome], board: Board, now: Now) -> Step:
    """Return the next step that the board admits.

    A target whose breaker has opened since the plan was made is passed over. One that cools is
    waited for if no other is left, and if the wait fits the plan.
    """
    plan = _with_budget(plan)
    waiting: list[Attempt] = []
    while isinstance(step := next_step(plan, history, now.tick_us), Attempt):
        there_us = now.wall_us + round(step.wait_s * 1e6)
        admission = admits(board, step.target, there_us)
        if admission.state != "no":
            return step
        if admission.why == "cooling" and admission.until_us is not None:
            waiting.append(Attempt(step.target, (admission.until_us - now.wall_us) / 1e6))
        targets = tuple(target for target in plan.targets if target != step.target)
        plan = structs.replace(plan, targets=targets)
    left_s = min(plan.backoff.max_wait_s, (plan.deadline_us - now.tick_us) / 1e6)
    fitting = [attempt for attempt in waiting if attempt.wait_s < left_s]
    if step != Stop("exhausted") or not fitting:
        return step
    return min(fitting, key=lambda attempt: attempt.wait_s)


def _with_budget(plan: Plan) -> Plan:
    """Return `plan` with a budget that does not shrink with its targets."""
    if plan.max_attempts is not None:
        return plan
    once = replace(plan.backoff, repeats=0)
    return structs.replace(plan, max_attempts=len(plan.targets), backoff=once)
