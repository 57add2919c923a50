"""One budget for a request: what is tried, what is skipped and why, what is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.failover import Skip, next_step, skips
from proxy.routing.failures import ACTIONS
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


def target(provider: str, key: str = "k", model: str | None = None) -> Target:
    url = f"https://{provider.partition('-')[0]}.test"
    return Target(Provider(provider, url, ("chat",)), Credential(key, "secret"), model)


A, B = target("a"), target("b")
A_BIG, A_SMALL = target("a", "k", "big"), target("a", "k", "small")
A_OTHER = target("a", "other", "big")
A_ALIAS = target("a-too", "third")  # another provider of the configuration at the same host
STEADY = Backoff(base_s=0.0)  # waits only as long as it was asked to


def plan(*targets: Target, attempts: int = 9, backoff: Backoff = STEADY) -> Plan:
    return Plan(targets, 600_000_000, max_attempts=attempts, backoff=backoff, seed="r1")


def failed(failure: Failure, where: Target, retry_after_s: float | None = None) -> Outcome:
    return Outcome(where, failure, retry_after_s=retry_after_s, ended_us=0)


@pytest.mark.parametrize(
    ("asked", "history", "step"),
    [
        pytest.param(
            plan(A_BIG, A_SMALL, B),
            [failed("credential", A_BIG)],
            Attempt(B),
            id="a refused key is refused for every model",
        ),
        pytest.param(
            plan(A_BIG, A_SMALL),
            [failed("model_missing", A_BIG)],
            Attempt(A_SMALL),
            id="a missing model says nothing of the others",
        ),
        pytest.param(
            plan(A_BIG, A_OTHER),
            [failed("quota", A_BIG)],
            Attempt(A_OTHER),
            id="two keys at one address fail over to each other",
        ),
        pytest.param(
            plan(A_BIG, A_OTHER, A_ALIAS, B),
            [failed("unreachable", A_BIG)],
            Attempt(B),
            id="no key of a host that cannot be reached is tried before other hosts",
        ),
        pytest.param(
            plan(A_BIG, A_OTHER),
            [failed("unreachable", A_BIG)],
            Attempt(A_BIG),
            id="but a host that is alone is tried again",
        ),
        pytest.param(
            plan(A_BIG, A_OTHER, B),
            [failed("forbidden_region", A_BIG), failed("model_missing", B)],
            Stop("exhausted"),
            id="our region is wrong for every key",
        ),
        pytest.param(
            plan(A, B), [failed("server_error", A)], Attempt(B), id="a sibling comes first"
        ),
        pytest.param(
            plan(A, B),
            [failed("server_error", A), failed("late", B)],
            Attempt(A),
            id="what may pass is tried again; nobody waits out a silence twice",
        ),
        pytest.param(
            plan(A, B),
            [failed("rate_limited", A, 9.0), failed("overloaded", B, 4.0)],
            Attempt(B, 4.0),
            id="the one that is soonest free is waited for",
        ),
        pytest.param(
            plan(A),
            [failed("rate_limited", A, 31.0)],
            Stop("exhausted"),
            id="a long wait is the client's",
        ),
        pytest.param(
            plan(A, attempts=2),
            [failed("server_error", A), failed("server_error", A)],
            Stop("exhausted"),
            id="the budget is one, over targets and repeats",
        ),
        pytest.param(
            plan(A),
            [failed("server_error", A)] * 3,
            Stop("exhausted"),
            id="two repeats are enough",
        ),
        pytest.param(
            plan(A), [failed("context_length", A)], Stop("settled"), id="a long request stays long"
        ),
        pytest.param(
            plan(A, B), [failed("content_policy", A)], Stop("settled"), id="a refusal is passed on"
        ),
        pytest.param(plan(A, B), [failed("client_left", A)], Stop("settled"), id="nobody is there"),
        pytest.param(
            plan(A_BIG, A_SMALL),
            [Outcome(A_BIG, "quota", action=ACTIONS["rate_limited"], ended_us=0)],
            Attempt(A_SMALL),
            id="the row of the table may say that only the target cools",
        ),
        pytest.param(
            Plan((A_BIG, A_OTHER), 600_000_000),
            [failed("unreachable", A_BIG)],
            Attempt(A_OTHER),
            id="without a budget, each once: the other key of an unreachable host is left",
        ),
    ],
)
def test_next_step(asked: Plan, history: list[Outcome], step: Step) -> None:
    assert next_step(asked, history, 0) == step


def test_a_wait_that_has_passed_is_over() -> None:
    history = [failed("rate_limited", A, 9.0)]
    assert next_step(plan(A), history, 4_000_000) == Attempt(A, 5.0)
    assert next_step(plan(A), history, 9_000_000) == Attempt(A)


def test_the_last_wait_that_was_asked_for_counts() -> None:
    history = [failed("rate_limited", A, 1.0), failed("rate_limited", A, 7.0)]
    assert next_step(plan(A), history, 0) == Attempt(A, 7.0)


def test_a_wait_must_end_before_the_deadline() -> None:
    short = Plan((A,), 5_000_000, max_attempts=9, backoff=STEADY)
    assert next_step(short, [failed("rate_limited", A, 5.0)], 0) == Stop("exhausted")


def test_every_skip_says_why() -> None:
    asked = plan(A_BIG, A_SMALL, A_OTHER, B)
    history = [failed("credential", A_BIG), failed("unreachable", A_OTHER)]
    assert skips(asked, history) == (
        Skip(A_BIG, "target", "credential", 1, again=False),
        Skip(A_SMALL, "credential", "credential", 1, again=False),
        Skip(A_OTHER, "target", "unreachable", 2, again=True),
    )


FAILURES = st.sampled_from(sorted(ACTIONS))
PLACES = (A_BIG, A_SMALL, A_OTHER, A_ALIAS, B)


@given(
    st.lists(FAILURES, min_size=20, max_size=20),
    st.integers(1, 9),
    st.text(max_size=3),
    st.lists(st.floats(0, 100), min_size=20, max_size=20),
)
def test_a_request_ends(
    failures: list[Failure], attempts: int, seed: str, asked_s: list[float]
) -> None:
    asked = Plan(PLACES, 600_000_000, max_attempts=attempts, seed=seed)
    history: list[Outcome] = []
    now_us = 0
    for failure, wait_s in zip(failures, asked_s, strict=True):
        step = next_step(asked, history, now_us)
        assert step == next_step(asked, history, now_us)
        if isinstance(step, Stop):
            break
        assert 0 <= step.wait_s <= asked.backoff.max_wait_s
        earlier = [o for o in history if o.target == step.target]
        assert all(o.failure and ACTIONS[o.failure].again for o in earlier)
        assert not earlier or len(skips(asked, history)) == len(PLACES)  # siblings first
        now_us += round(step.wait_s * 1e6)
        history.append(Outcome(step.target, failure, retry_after_s=wait_s, ended_us=now_us))
    assert len(history) <= attempts
    assert now_us < asked.deadline_us


@given(st.text(max_size=8))
def test_backoff_is_drawn_from_a_range_that_doubles(seed: str) -> None:
    asked = Plan((A,), 600_000_000, max_attempts=9, backoff=Backoff(repeats=8), seed=seed)
    for tries, longest_s in ((1, 0.5), (2, 1.0), (3, 2.0), (6, 8.0)):
        step = next_step(asked, [failed("server_error", A)] * tries, 0)
        assert isinstance(step, Attempt)
        assert 0 <= step.wait_s < longest_s
