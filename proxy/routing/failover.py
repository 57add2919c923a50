"""From the attempts made so far to the next one."""

from collections.abc import Sequence

from proxy.routing.types import Attempt, Outcome, Plan, Step, Stop


def next_step(plan: Plan, history: Sequence[Outcome], now_us: int) -> Step:
    """Say what to do after `history`, trying the targets of `plan` in order.

    Args:
        plan: Targets, best first, each tried at most once; and the end of all trying.
        history: Outcomes so far, oldest first.
        now_us: The time, on the clock of `plan.deadline_us`.

    Returns:
        The next attempt, or why there is none. Equal arguments give equal steps.
    """
    if history and history[-1].committed:
        return Stop("committed")  # the client has seen content: it can be cut, not begun again
    if history and history[-1].failure in {None, "caller_fault"}:
        return Stop("settled")
    if len(history) >= len(plan.targets) or now_us >= plan.deadline_us:
        return Stop("exhausted")
    return Attempt(plan.targets[len(history)])
