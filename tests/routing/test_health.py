"""Breaker, cooldown and badge of one key and of a board, one line for each rule."""

from collections.abc import Sequence

import msgspec
import pytest

from proxy.routing.board import (
    MAX_KEYS,
    Board,
    admissions,
    admits,
    after,
    badge,
    decoded,
    encoded,
    granted,
    keys_of,
    pruned,
    reset,
    restarted,
)
from proxy.routing.health import BREAKER_RULES, Admission, Badge, BreakerRules
from proxy.routing.types import Credential, Failure, Outcome, Provider, Target

S = 1_000_000
RULES = BreakerRules()  # 4 in a row, or 60 % of 10; 2 probes close; open 15 s, 30 s, 60 s
NOW = 1_800_000_000 * S


def target(provider: str = "a", key: str = "k", model: str | None = "m") -> Target:
    return Target(
        Provider(provider, f"https://{provider}.test", ("chat",)), Credential(key, "s"), model
    )


A = target()
A_OTHER_MODEL = target(model="n")
A_OTHER_KEY = target(key="k2")


def failed(failure: Failure, where: Target = A, asked_s: float | None = None) -> Outcome:
    return Outcome(where, failure, retry_after_s=asked_s)


def told(outcomes: Sequence[Outcome], *, every_s: int = 1, board: Board | None = None) -> Board:
    """Return the board after `outcomes`, the last of them at `NOW`."""
    board = board or Board()
    for no, outcome in enumerate(outcomes, 1):
        board = after(board, outcome, RULES, NOW - (len(outcomes) - no) * every_s * S)
    return board


OK = Outcome(A)
FAULT = failed("server_error")


@pytest.mark.parametrize(
    ("outcomes", "every_s", "state"),
    [
        pytest.param([], 1, "yes", id="nothing is known: healthy"),
        pytest.param([FAULT] * 3, 1, "yes", id="three faults in a row are borne"),
        pytest.param([FAULT] * 4, 1, "no", id="the fourth opens"),
        pytest.param([FAULT] * 4, 301, "yes", id="but not over hours: the window slides"),
        pytest.param([FAULT] * 3 + [OK] + [FAULT] * 3, 1, "yes", id="a success breaks the row"),
        pytest.param(
            [OK, FAULT, FAULT, FAULT] * 2 + [OK, FAULT], 1, "no", id="seven faults of ten open"
        ),
        pytest.param([OK, FAULT, FAULT, FAULT] * 2, 1, "yes", id="of eight, they do not"),
        pytest.param(
            [OK, FAULT, FAULT, FAULT] * 2 + [OK, FAULT], 60, "yes", id="nor over ten minutes"
        ),
        pytest.param([failed("rate_limited")] * 3, 600, "no", id="a rate limit cools at once"),
        pytest.param([failed("overloaded")], 1, "yes", id="one overload without a wait does not"),
        pytest.param([failed("overloaded", A, 7.0)], 1, "no", id="with a wait it does"),
        pytest.param([failed("caller_fault")] * 99, 1, "yes", id="bad requests are neutral"),
        pytest.param([failed("context_length")] * 99, 1, "yes", id="long ones, too"),
        pytest.param([failed("client_left")] * 99, 1, "yes", id="so is a hang-up"),
        pytest.param(
            [FAULT] * 3 + [failed("caller_fault")] * 9 + [FAULT], 1, "no", id="and not a success"
        ),
        pytest.param([failed("unreachable")] * 3, 1, "yes", id="one lost connection is borne"),
    ],
)
def test_what_opens(outcomes: list[Outcome], every_s: int, state: str) -> None:
    assert admits(told(outcomes, every_s=every_s), A, NOW).state == state


@pytest.mark.parametrize(
    ("failure", "asked_s", "times", "cool_s"),
    [
        pytest.param("rate_limited", None, 1, 5, id="five seconds where none are named"),
        pytest.param("rate_limited", None, 4, 40, id="doubled with each in a row"),
        pytest.param("rate_limited", None, 40, 3600, id="up to an hour"),
        pytest.param("rate_limited", 42.0, 4, 42, id="what is named is believed"),
        pytest.param("rate_limited", 156 * 3600.0, 1, 3600, id="156 hours are an hour"),
        pytest.param("rate_limited", 0.0, 1, 5, id="a wait of 0 is none"),
        pytest.param("quota", None, 1, 1800, id="a quota is half an hour"),
        pytest.param("quota", 5 * 3600.0, 1, 18000, id="a window of five hours is believed"),
        pytest.param("quota", 7 * 86400.0, 1, 21600, id="a week is six hours"),
        pytest.param("credential", None, 9, 1800, id="a refused key is tried each half hour"),
        pytest.param("overloaded", 900.0, 1, 600, id="an overload is ten minutes at most"),
        pytest.param("model_missing", None, 1, 300, id="a missing model is five minutes"),
    ],
)
def test_how_long_it_cools(
    failure: Failure, asked_s: float | None, times: int, cool_s: int
) -> None:
    admission = admits(told([failed(failure, A, asked_s)] * times), A, NOW)
    assert admission.state == "no"
    assert admission.why == "cooling"
    assert admission.until_us == NOW + cool_s * S
    assert admission.failure == failure


@pytest.mark.parametrize(
    ("failure", "others"),
    [
        pytest.param("credential", ("no", "yes"), id="a key takes its models along"),
        pytest.param("quota", ("no", "yes"), id="so does a quota"),
        pytest.param("rate_limited", ("yes", "yes"), id="a rate limit is of one model"),
        pytest.param("model_missing", ("yes", "yes"), id="a missing model, too"),
        pytest.param("forbidden_region", ("no", "no"), id="a region is of all keys"),
    ],
)
def test_who_shares_a_cooldown(failure: Failure, others: tuple[str, str]) -> None:
    board = told([failed(failure)])
    assert admits(board, A, NOW).state == "no"
    seen = tuple(admits(board, t, NOW).state for t in (A_OTHER_MODEL, A_OTHER_KEY))
    assert seen == others


@pytest.mark.parametrize(
    ("failure", "others"),
    [
        pytest.param("server_error", ("no", "yes"), id="faults of every kind open the key"),
        pytest.param("overloaded", ("yes", "yes"), id="overloads open the model alone"),
        pytest.param("unreachable", ("no", "no"), id="lost connections open the host"),
    ],
)
def test_who_shares_a_breaker(failure: Failure, others: tuple[str, str]) -> None:
    board = told([failed(failure)] * 4)
    assert admits(board, A, NOW).why == "breaker_open"
    seen = tuple(admits(board, t, NOW).state for t in (A_OTHER_MODEL, A_OTHER_KEY))
    assert seen == others


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        pytest.param([], "healthy", id="none"),
        pytest.param([FAULT], "degraded", id="one"),
        pytest.param([FAULT, failed("rate_limited")], "degraded", id="two, of any kind"),
        pytest.param([FAULT] * 3, "unhealthy", id="three"),
        pytest.param([failed("rate_limited")] * 3, "unhealthy", id="three refusals"),
        pytest.param([FAULT] * 3 + [OK], "healthy", id="a success mends"),
        pytest.param(
            [FAULT] * 2 + [failed("caller_fault")], "degraded", id="a caller changes nothing"
        ),
    ],
)
def test_badge(outcomes: list[Outcome], expected: Badge) -> None:
    assert badge(told(outcomes), A) == expected


def probed(board: Board, failure: Failure | None, at_us: int) -> Board:
    """Let a probe out at `at_us` and tell how it ended."""
    assert admits(board, A, at_us).state == "probe"
    board = granted(board, A, "p", RULES, at_us)
    return after(board, Outcome(A, failure, attempt_id="p"), RULES, at_us)


def test_one_probe_at_a_time_and_the_second_success_closes() -> None:
    board = told([FAULT] * 4)
    later = NOW + 15 * S
    assert admits(board, A, later - 1).state == "no"
    assert admits(board, A, later).state == "probe"
    board = granted(board, A, "p1", RULES, later)
    assert admits(board, A, later) == Admission(
        "no", "probing", later + 5 * S, "server_error", "a/k"
    )
    board = after(board, Outcome(A, attempt_id="p1"), RULES, later)
    board = probed(board, None, later + S)
    assert admits(board, A, later + S).state == "yes"
    assert badge(board, A) == "healthy"


def test_a_failed_probe_opens_for_twice_as_long_up_to_a_minute() -> None:
    board, at_us = told([FAULT] * 4), NOW
    for open_s in (15, 30, 60, 60):
        at_us += open_s * S
        assert admits(board, A, at_us - 1).state == "no"
        board = probed(board, "server_error", at_us)
    for _ in range(2):
        board = probed(board, None, at_us + 60 * S)
    board = told([FAULT] * 4, board=board)  # closed: it begins anew
    assert admits(board, A, NOW).until_us == NOW + 15 * S


def test_a_probe_that_breaks_off_after_its_first_content_has_failed() -> None:
    board, at_us = told([FAULT] * 4), NOW + 15 * S
    board = probed(board, None, at_us)
    board = after(board, Outcome(A, "stream_fault", attempt_id="p"), RULES, at_us + S)
    assert admits(board, A, at_us + S).until_us == at_us + 31 * S
    board = probed(board, None, at_us + 31 * S)
    late = Outcome(A, "stream_fault", attempt_id="p0")  # another one, from before the outage
    assert admits(after(board, late, RULES, at_us + 32 * S), A, at_us + 32 * S).state == "probe"


def test_an_outage_of_days_is_counted_to_its_end() -> None:
    board, now = told([FAULT] * 4), NOW
    for no in range(1100):  # of probes: two to that power is more than a float holds
        now += 61 * S
        board = granted(board, A, f"p{no}", RULES, now)
        board = after(board, Outcome(A, "server_error", attempt_id=f"p{no}"), RULES, now)
    assert admits(board, A, now).until_us == now + 60 * S


def test_a_probe_that_ends_neutrally_makes_room_for_the_next() -> None:
    board = told([FAULT] * 4)
    assert admits(probed(board, "caller_fault", NOW + 15 * S), A, NOW + 15 * S).state == "probe"


def test_a_probe_nobody_reports_is_forgotten() -> None:
    board = granted(told([FAULT] * 4), A, "lost", RULES, NOW + 15 * S)
    assert admits(board, A, NOW + 314 * S).state == "no"
    assert admits(board, A, NOW + 315 * S).state == "probe"
    assert admits(restarted(board), A, NOW + 16 * S).state == "probe"


def test_only_the_probe_helps_an_open_breaker() -> None:
    board = told([FAULT] * 4)
    for _ in range(9):  # they began before it opened
        board = after(board, Outcome(A, attempt_id="old"), RULES, NOW + 15 * S)
    assert admits(board, A, NOW + 15 * S).state == "probe"


def test_only_the_probe_makes_room_for_the_next() -> None:
    at_us = NOW + 15 * S
    board = granted(told([FAULT] * 4), A, "p", RULES, at_us)
    for failure in ("caller_fault", "rate_limited", "late", None):
        ended = after(board, Outcome(A_OTHER_MODEL, failure, attempt_id="old"), RULES, at_us)
        assert admits(ended, target(model="third"), at_us).why == "probing"


def test_of_two_that_say_no_the_longer_is_right() -> None:
    board = told([FAULT] * 4 + [failed("rate_limited", A, 50.0)])
    assert admits(board, A, NOW).until_us == NOW + 50 * S
    board = told([FAULT] * 4 + [failed("rate_limited", A, 2.0)])
    assert admits(board, A, NOW).why == "breaker_open"


def test_a_long_cooldown_ends_with_a_probe_and_a_short_one_does_not() -> None:
    long, short = told([failed("quota")]), told([failed("rate_limited")])
    assert admits(long, A, NOW + 1800 * S).state == "probe"
    assert admits(short, A, NOW + 5 * S).state == "yes"


def test_a_success_that_began_earlier_does_not_end_a_cooldown() -> None:
    assert admits(told([failed("rate_limited", A, 60.0), OK]), A, NOW).state == "no"


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    board = told([failed("rate_limited", A, 60.0), failed("rate_limited", A, 2.0)])
    assert admits(board, A, NOW).until_us == NOW + 59 * S


def test_a_window_may_be_shorter_than_its_steps_can_be() -> None:
    rules = BreakerRules(window_s=1e-6)
    assert admits(after(Board(), FAULT, rules, NOW), A, NOW).state == "yes"


def test_the_window_is_bounded() -> None:
    board = told([OK, FAULT] * 500, every_s=7)
    assert all(len(health.window) <= RULES.buckets for health in board.keys.values())


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    board = after(told([FAULT] * 3), FAULT, RULES, NOW - 3600 * S)
    assert admits(board, A, NOW - 3600 * S).state == "no"


def test_a_target_without_a_model_has_two_keys() -> None:
    assert keys_of(target(model=None)).each == ("a", "a/k")
    assert keys_of(target(model="x/y")).each == ("a", "a/k", "a/k/x/y")


def test_what_a_plan_asks_for() -> None:
    seen = admissions(told([failed("rate_limited")]), [A, A_OTHER_MODEL], NOW)
    assert {name: admission.state for name, admission in seen.items()} == {
        "a/k/m": "no",
        "a/k/n": "yes",
    }


@pytest.mark.parametrize(
    ("key", "states"),
    [
        pytest.param("a", ("yes", "yes"), id="a provider with its keys"),
        pytest.param("a/k", ("yes", "no"), id="a key with its models, and no other key"),
        pytest.param("a/k/m", ("no", "no"), id="a model alone does not mend its key"),
        pytest.param("b", ("no", "no"), id="another provider"),
    ],
)
def test_reset(key: str, states: tuple[str, str]) -> None:
    board = told([failed("credential"), failed("credential", A_OTHER_KEY)])
    board = reset(board, key)
    assert tuple(admits(board, t, NOW).state for t in (A, A_OTHER_KEY)) == states


def test_what_is_no_longer_configured_is_forgotten() -> None:
    gone, kept = target("gone"), told([FAULT] * 4)
    board = told([failed("unreachable", gone), failed("credential", A_OTHER_KEY)], board=kept)
    left = pruned(board, {"a/k"}, NOW)
    assert set(left.keys) == {"a/k", "a/k/m"}
    assert admits(left, A, NOW) == admits(board, A, NOW)


def test_what_was_healthy_for_a_day_is_forgotten_and_what_was_not_is_kept() -> None:
    board = told([OK, failed("quota", A_OTHER_KEY, 6 * 3600.0)])
    left = pruned(board, {"a/k", "a/k2"}, NOW + 86_401 * S)
    assert set(left.keys) == {"a/k2"}  # it has not shown since that it works


def test_models_without_number_are_forgotten_oldest_first() -> None:
    board = Board()
    for no in range(MAX_KEYS + 10):
        board = after(board, Outcome(target(model=f"m{no}")), RULES, NOW + no)
    assert len(board.keys) == MAX_KEYS
    assert "a/k/m0" not in board.keys
    assert {"a", "a/k", f"a/k/m{MAX_KEYS + 9}"} <= set(board.keys)


def test_it_survives_a_restart() -> None:
    board = granted(told([FAULT] * 4 + [failed("quota")]), A, "p", RULES, NOW)
    assert decoded(encoded(board)) == board
    with pytest.raises(msgspec.DecodeError):
        decoded(b"[]")


def test_thresholds_are_those_of_the_existing_systems() -> None:
    claude, codex = BREAKER_RULES["claude"], BREAKER_RULES["codex"]
    assert (claude.failures, claude.error_rate, claude.min_requests) == (8, 0.7, 15)
    assert (claude.successes, claude.max_open_s) == (3, 90.0)
    assert (codex.failures, codex.error_rate, codex.min_requests) == (4, 0.6, 10)
    assert (codex.successes, codex.max_open_s) == (2, 60.0)
