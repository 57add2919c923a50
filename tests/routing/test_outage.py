"""An outage in virtual time, with nothing but the pure functions."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from proxy.routing.board import Board, admits, after, decoded, encoded, granted
from proxy.routing.giveup import Refusal, all_away
from proxy.routing.health import BREAKER_RULES, BreakerRules
from proxy.routing.stepping import Now, admitted_step
from proxy.routing.types import (
    App,
    Attempt,
    Credential,
    Failure,
    Outcome,
    Plan,
    Provider,
    Target,
)

S = 1_000_000
START = 1_800_000_000 * S


def target(provider: str, key: str = "k") -> Target:
    return Target(
        Provider(provider, f"https://{provider}.test", ("chat",)), Credential(key, "s"), "m"
    )


PRIMARY, BACKUP, SECOND_KEY = target("primary"), target("backup"), target("primary", "second")


@dataclass
class World:
    """Providers that fail as they were told, and requests that are routed to them."""

    rules: BreakerRules
    queue: tuple[Target, ...]
    down: dict[Target, tuple[Failure, int, int]]  # the failure, from when to when, in seconds
    asked_s: float | None = None
    restarts: bool = False
    board: Board = field(default_factory=Board)
    sent: list[tuple[int, Target]] = field(default_factory=list)

    def request(self, at_s: int) -> Target | None:
        """Route one request at `at_s` and return who answered."""
        now_us = START + at_s * S
        if self.restarts:
            self.board = decoded(encoded(self.board))
        queue = tuple(t for t in self.queue if admits(self.board, t, now_us).state != "no")
        plan = Plan(queue, now_us + 60 * S, max_attempts=4)
        history: list[Outcome] = []
        while True:
            step = admitted_step(plan, history, self.board, Now(now_us, now_us))
            if not isinstance(step, Attempt):
                return None
            now_us += round(step.wait_s * 1e6)
            name = f"{at_s}.{len(history)}"
            self.board = granted(self.board, step.target, name, self.rules, now_us)
            self.sent.append((at_s, step.target))
            failure = self.failure(step.target, at_s)
            wait_s = None if failure is None else self.asked_s
            outcome = Outcome(
                step.target, failure, retry_after_s=wait_s, ended_us=now_us, attempt_id=name
            )
            self.board = after(self.board, outcome, self.rules, now_us)
            if failure is None:
                return step.target
            history.append(outcome)

    def failure(self, where: Target, at_s: int) -> Failure | None:
        failure, begin_s, end_s = self.down.get(where, (None, 0, 0))
        return failure if begin_s <= at_s < end_s else None


@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "restarts all the time"])
@pytest.mark.parametrize("app", ["claude", "codex", "gemini", "openai"])
@pytest.mark.parametrize("failure", ["server_error", "unreachable", "overloaded", "late"])
def test_sixty_seconds_down(app: App, failure: Failure, *, restarts: bool) -> None:
    rules = BREAKER_RULES[app]
    world = World(rules, (PRIMARY, BACKUP), {PRIMARY: (failure, 0, 60)}, restarts=restarts)
    times = range(0, 80, 4)
    answered = [world.request(at_s) for at_s in times]
    tries = [at_s for at_s, where in world.sent if where == PRIMARY and at_s < 60]
    assert None not in answered
    assert len(tries) <= 15  # requests in the outage; without a breaker some make 45 of 15
    assert len(tries) <= rules.failures + 3  # then probes only, at growing distances
    back_s = next(s for s, who in zip(times, answered, strict=True) if s >= 60 and who == PRIMARY)
    assert back_s - 60 <= 30  # the benchmark's bound, and below every longest probe interval
    assert back_s - 60 <= rules.max_open_s


def test_no_more_than_one_probe_an_interval_in_a_long_outage() -> None:
    rules = BREAKER_RULES["codex"]
    world = World(rules, (PRIMARY, BACKUP), {PRIMARY: ("server_error", 0, 3600)})
    answered = [world.request(at_s) for at_s in range(3700)]
    tries = [at_s for at_s, where in world.sent if where == PRIMARY and at_s < 3600]
    probes = tries[rules.failures :]
    gaps = [later - at_s for at_s, later in pairwise(probes)]
    assert gaps[0] == 30
    assert set(gaps[1:]) == {60}
    assert PRIMARY in answered[3600:3661]


def test_a_hint_of_156_hours_is_over_after_an_hour() -> None:
    world = World(
        BREAKER_RULES["claude"],
        (PRIMARY, BACKUP),
        {PRIMARY: ("rate_limited", 0, 60)},
        asked_s=156 * 3600.0,
    )
    assert [world.request(at_s) for at_s in (0, 60, 3599, 3600)] == [
        BACKUP,
        BACKUP,
        BACKUP,
        PRIMARY,
    ]


@pytest.mark.parametrize("failure", ["credential", "quota", "rate_limited", "server_error"])
def test_two_keys_at_one_address_fail_over_to_each_other(failure: Failure) -> None:
    world = World(
        BREAKER_RULES["codex"],
        (PRIMARY, SECOND_KEY),
        {PRIMARY: (failure, 0, 50), SECOND_KEY: (failure, 100_000, 100_050)},
    )
    assert [world.request(0), world.request(100_010)] == [SECOND_KEY, PRIMARY]


def test_when_all_are_away_the_client_is_told_when_to_come_back() -> None:
    down: dict[Target, tuple[Failure, int, int]] = {
        PRIMARY: ("rate_limited", 0, 60),
        BACKUP: ("rate_limited", 0, 60),
    }
    world = World(BREAKER_RULES["codex"], (PRIMARY, BACKUP), down, asked_s=40.0)
    assert world.request(0) is None
    now_us = START + 10 * S
    refused = [admits(world.board, where, now_us) for where in world.queue]
    assert all_away(refused, now_us) == Refusal(
        429,
        "No provider can be asked: primary/k/m: cooling after rate limited, 30 s left; "
        "backup/k/m: cooling after rate limited, 30 s left. Try again later.",
        retry=True,
        retry_after_s=30.0,
    )


def test_away_for_another_reason_is_a_503() -> None:
    down: dict[Target, tuple[Failure, int, int]] = {
        PRIMARY: ("rate_limited", 0, 60),
        BACKUP: ("server_error", 0, 60),
    }
    world = World(BREAKER_RULES["codex"], (PRIMARY, BACKUP), down)
    for at_s in range(10):
        world.request(at_s)
    refused = [admits(world.board, where, START + 10 * S) for where in world.queue]
    refusal = all_away(refused, START + 10 * S)
    assert (refusal.status, refusal.retry) == (503, True)
    assert refusal.retry_after_s is not None


def test_waiting_is_no_use_where_the_configuration_is_wrong() -> None:
    down: dict[Target, tuple[Failure, int, int]] = {PRIMARY: ("credential", 0, 60)}
    world = World(BREAKER_RULES["codex"], (PRIMARY,), down)
    world.request(0)
    refusal = all_away([admits(world.board, PRIMARY, START)], START)
    assert (refusal.status, refusal.retry) == (502, False)


def test_a_provider_that_is_alone_is_spared_as_well() -> None:
    rules = BREAKER_RULES["codex"]
    world = World(rules, (PRIMARY,), {PRIMARY: ("server_error", 0, 120)})
    answered = [world.request(at_s) for at_s in range(0, 240, 2)]
    tries = [at_s for at_s, _ in world.sent if at_s < 120]
    assert len(tries) <= rules.failures + 4  # the repeats of a request end where the breaker opens
    assert answered[-1] == PRIMARY
