"""What a request does when others have learnt something since its plan was made."""

import pytest

from proxy.routing.board import Board, after
from proxy.routing.health import BREAKER_RULES
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.types import (
    Attempt,
    Backoff,
    Credential,
    Failure,
    Outcome,
    Plan,
    Provider,
    Step,
    Stop,
    Target,
)

S = 1_000_000
RULES = BREAKER_RULES["codex"]
NOW = Now(wall_us=1_800_000_000 * S, tick_us=5 * S)


def target(provider: str) -> Target:
    return Target(Provider(provider, f"https://{provider}.test", ("chat",)), Credential("k", "s"))


A, B = target("a"), target("b")
STEADY = Backoff(base_s=0.0)
ONCE = Plan((A, B), 65 * S)
OFTEN = Plan((A, B), 65 * S, max_attempts=9, backoff=STEADY)


def board(*failures: tuple[Target, Failure, int]) -> Board:
    """Return what is known after so many failures of each kind."""
    found = Board()
    for where, failure, times in failures:
        for _ in range(times):
            found = after(found, Outcome(where, failure), RULES, NOW.wall_us)
    return found


@pytest.mark.parametrize(
    ("plan", "history", "known", "step"),
    [
        pytest.param(ONCE, [], Board(), Attempt(A), id="nothing is known"),
        pytest.param(
            ONCE, [], board((A, "late", 4)), Attempt(B), id="a breaker that opened is passed over"
        ),
        pytest.param(
            ONCE,
            [Outcome(A, "late")],
            board((A, "late", 1), (B, "late", 4)),
            Stop("exhausted"),
            id="nobody is left",
        ),
        pytest.param(
            OFTEN,
            [],
            board((A, "rate_limited", 1), (B, "rate_limited", 2)),
            Attempt(A, 5.0),
            id="all cool: the soonest is waited for",
        ),
        pytest.param(
            OFTEN,
            [],
            board((A, "rate_limited", 4), (B, "rate_limited", 5)),
            Stop("exhausted"),
            id="for 30 s at most",
        ),
        pytest.param(
            OFTEN,
            [Outcome(A, "rate_limited"), Outcome(B, "server_error")],
            board((A, "rate_limited", 1), (B, "server_error", 1)),
            Attempt(B),
            id="one that may be repeated now comes before one that cools",
        ),
        pytest.param(
            Plan((A,), 8 * S, max_attempts=9, backoff=STEADY),
            [],
            board((A, "rate_limited", 1)),
            Stop("exhausted"),
            id="nor past the deadline",
        ),
        pytest.param(
            OFTEN,
            [Outcome(A, "caller_fault")],
            board((B, "rate_limited", 1)),
            Stop("settled"),
            id="what is settled stays settled",
        ),
        pytest.param(
            ONCE,
            [Outcome(A, "server_error"), Outcome(B, "server_error")],
            Board(),
            Stop("exhausted"),
            id="without a budget, each once",
        ),
    ],
)
def test_admitted_step(plan: Plan, history: list[Outcome], known: Board, step: Step) -> None:
    assert admitted_step(plan, history, known, NOW) == step
