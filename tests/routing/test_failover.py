"""Every rule of failover, one line each."""

import pytest

from proxy.canonical import Session, Told
from proxy.routing.failover import next_step
from proxy.routing.failures import classify
from proxy.routing.giveup import Refusal, give_up
from proxy.routing.retry_after import retry_after_s
from proxy.routing.session import identify
from proxy.routing.signals import Signal
from proxy.routing.types import (
    Attempt,
    Credential,
    Failure,
    Outcome,
    Plan,
    Provider,
    Step,
    Stop,
    Target,
)


def target(name: str) -> Target:
    return Target(Provider(name, "https://x.test", ("chat",)), Credential("k", "secret-key"))


A, B = target("a"), target("b")
PLAN = Plan((A, B), deadline_us=100)


def failed(failure: Failure, where: Target = A) -> Outcome:
    return Outcome(where, failure)


@pytest.mark.parametrize(
    ("history", "now_us", "step"),
    [
        pytest.param([], 0, Attempt(A), id="starts with the best"),
        pytest.param([failed("rate_limited")], 1, Attempt(B), id="a rate limit moves on"),
        pytest.param([failed("unreachable")], 1, Attempt(B), id="no connection moves on"),
        pytest.param([failed("credential")], 1, Attempt(B), id="a dead key moves on"),
        pytest.param([failed("caller_fault")], 1, Stop("settled"), id="a bad request stays bad"),
        pytest.param([Outcome(A)], 1, Stop("settled"), id="success ends"),
        pytest.param(
            [Outcome(A, "stream_fault", committed=True)],
            1,
            Stop("committed"),
            id="never after content was seen",
        ),
        pytest.param(
            [failed("overloaded"), failed("overloaded", B)], 1, Stop("exhausted"), id="each once"
        ),
        pytest.param([failed("overloaded")], 100, Stop("exhausted"), id="not after the deadline"),
        pytest.param([], 100, Stop("exhausted"), id="not even the first one"),
    ],
)
def test_next_step(history: list[Outcome], now_us: int, step: Step) -> None:
    assert next_step(PLAN, history, now_us) == step


@pytest.mark.parametrize(
    ("status", "told", "failure"),
    [
        *((status, Told(), "caller_fault") for status in (400, 405, 406, 413, 415, 422, 501)),
        (400, Told(error_message="API key not valid. Please pass a valid one."), "credential"),
        (401, Told(), "credential"),
        (402, Told(), "quota"),
        (403, Told(), "forbidden"),
        (429, Told(), "rate_limited"),
        (503, Told(), "overloaded"),
        (529, Told(), "overloaded"),
        *((status, Told(), "server_error") for status in (302, 418, 500, 502, 504, 599)),
        *((status, Told(), "transient") for status in (408, 409)),
        (404, Told(), "model_missing"),
        (404, Told(error_type="model_not_found", error_message="gone"), "model_missing"),
        (404, Told(error_type="not_found_error", error_message="model: x"), "model_missing"),
        (404, Told(error_type="NOT_FOUND", error_message="File abc not found"), "caller_fault"),
    ],
)
def test_by_status(status: int, told: Told, failure: Failure) -> None:
    signal = Signal(status, told.error_type, told.error_message)
    assert classify(signal).failure == failure


@pytest.mark.parametrize(
    ("history", "refusal"),
    [
        pytest.param(
            [Outcome(A, "overloaded", 529, 7.0), Outcome(B, "rate_limited", 429, 3.0)],
            Refusal(
                503,
                "No provider could answer: a/k: overloaded (status 529); "
                "b/k: rate limited (status 429). Try again later.",
                retry=True,
                retry_after_s=3.0,
            ),
            id="all busy: later, as soon as the first is free",
        ),
        pytest.param(
            [Outcome(A, "unreachable"), Outcome(B, "credential", 401)],
            Refusal(
                503,
                "No provider could answer: a/k: unreachable; b/k: credential (status 401). "
                "Try again later.",
                retry=True,
            ),
            id="one of them may come back",
        ),
        pytest.param(
            [Outcome(A, "credential", 401), Outcome(B, "quota", 402)],
            Refusal(
                502,
                "No provider could answer: a/k: credential (status 401); b/k: quota (status 402); "
                "check their keys and models in the configuration of pointsman.",
                retry=False,
            ),
            id="the client's own login is not at fault, and waiting is no use",
        ),
        pytest.param(
            [Outcome(A, "model_missing", 404)],
            Refusal(
                404,
                "No provider knows the model m: a/k: model missing (status 404).",
                retry=False,
            ),
            id="an unknown model is unknown everywhere",
        ),
    ],
)
def test_give_up(history: list[Outcome], refusal: Refusal) -> None:
    assert give_up(history, "m") == refusal
    assert "secret-key" not in repr(history)


@pytest.mark.parametrize(
    ("outcome", "wait_s"),
    [
        pytest.param(Outcome(A, "rate_limited", 429, 561_600.0), 3600.0, id="156 h after a 429"),
        pytest.param(Outcome(A, "overloaded", 529, 9e5), 600.0, id="days after an overload"),
        pytest.param(
            Outcome(A, "server_error", 500, 9e5), 600.0, id="days after what cools nothing"
        ),
        pytest.param(Outcome(A, "server_error", 500, 7.0), 7.0, id="what can be believed"),
    ],
)
def test_a_client_is_not_told_to_wait_for_longer_than_we_would(
    outcome: Outcome, wait_s: float
) -> None:
    assert give_up([outcome], "m").retry_after_s == wait_s


@pytest.mark.parametrize("failure", ["credential", "model_missing"])
def test_asking_again_is_of_use_while_somebody_was_not_asked(failure: Failure) -> None:
    history = [Outcome(A, failure, 401)]
    refusal = give_up(history, "m", unasked=(30.0, None, 20.0))
    assert (refusal.status, refusal.retry, refusal.retry_after_s) == (503, True, 20.0)
    assert not give_up(history, "m").retry


def test_nobody_is_blamed_when_there_was_no_time_to_ask() -> None:
    refusal = give_up([], "m")
    assert (refusal.status, refusal.retry) == (503, True)


NOW_US = 1_800_000_000_000_000  # 2027-01-15 08:00:00 UTC


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({b"retry-after": b"7"}, 7.0, id="seconds"),
        pytest.param({b"retry-after": b"1.5"}, 1.5, id="parts of a second"),
        pytest.param({b"retry-after-ms": b"250", b"retry-after": b"7"}, 0.25, id="milliseconds"),
        pytest.param({b"retry-after": b"Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0, id="a date"),
        pytest.param({b"retry-after": b"Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0, id="a past date"),
        pytest.param({b"retry-after": b"soon"}, None, id="words"),
        pytest.param({b"retry-after": b"-5"}, None, id="a negative number"),
        pytest.param({b"retry-after": b"inf"}, None, id="for ever"),
        pytest.param({b"retry-after": b"1e306"}, 604800.0, id="a week at most"),
        pytest.param(
            {b"retry-after": b"Fri, 15 Jan 2027 08:00:00 +99999999999999"}, None, id="an odd zone"
        ),
        pytest.param({b"retry-after": b"nan"}, None, id="not a number"),
        pytest.param({b"retry-after": b"Fri, 99 Foo 2027 08:00:30 GMT"}, None, id="no date"),
    ],
)
def test_retry_after(headers: dict[bytes, bytes], wait_s: float | None) -> None:
    assert retry_after_s(headers, NOW_US) == wait_s


IN_BODY = Session("from-body", "body prompt_cache_key")


@pytest.mark.parametrize(
    ("headers", "in_body", "session"),
    [
        pytest.param({}, None, None, id="nobody says"),
        pytest.param({}, IN_BODY, IN_BODY, id="the body says"),
        pytest.param(
            {b"x-claude-code-session-id": b"s"},
            IN_BODY,
            Session("s", "header x-claude-code-session-id"),
            id="a header wins",
        ),
        pytest.param({b"session-id": b"s"}, None, Session("s", "header session-id"), id="Codex"),
        pytest.param({b"x-session-id": b""}, IN_BODY, IN_BODY, id="an empty header says nothing"),
        pytest.param(
            {b"x-session-id": b"s" * 900},
            None,
            Session("s" * 200, "header x-session-id"),
            id="long",
        ),
    ],
)
def test_session(
    headers: dict[bytes, bytes], in_body: Session | None, session: Session | None
) -> None:
    assert identify(headers, in_body) == session
