"""What steering says has happened: what changed for others, and nothing else."""

import pytest

from proxy.canonical import Usage
from proxy.happened import Cooled, Happened, Moved, Opened
from proxy.routing.budgets import Budget
from proxy.routing.pins import Place, Served
from proxy.routing.types import Failure, Outcome, Target
from tests.steering.network import KEY, MAIN, RELAY, START, S, Scene, network, scene

A, B = Place("main", "k", "m"), Place("relay", "k", "m")
OPENS_AFTER = 8  # faults in a row, of Claude's


def told(here: Scene, target: Target, failure: Failure | None, **more: float) -> list[Happened]:
    """Return what one attempt makes happen, its beginning first."""
    begun = here.steering.began("claude", target, "a")
    outcome = Outcome(target, failure, attempt_id="a", **more)
    return [*begun, *here.steering.learned("claude", outcome)]


def kinds(happened: list[Happened]) -> list[str]:
    return [one.kind for one in happened]


def test_on_a_healthy_target_nothing_happens() -> None:
    here = scene()
    assert [told(here, MAIN, None) for _ in range(3)] == [[]] * 3
    assert told(here, MAIN, "caller_fault") == []


def test_a_cooldown_says_whose_it_is_until_when_and_why() -> None:
    here = scene()
    (cooled,) = told(
        here, Target(MAIN.provider, MAIN.credential, "m/1"), "rate_limited", retry_after_s=20.0
    )
    assert cooled == Happened(
        kind="cooldown_begun",
        at_us=START,
        provider="main",
        credential="k",
        model="m/1",
        until_us=START + 20 * S,
        failure="rate_limited",
        detail=Cooled(asked_s=20.0, failures=1),
    )


def test_what_concerns_a_provider_names_no_key() -> None:
    here = scene()
    happened = [one for _ in range(OPENS_AFTER) for one in told(here, MAIN, "unreachable")]
    opened = [one for one in happened if one.kind == "breaker_opened"]
    assert opened == [
        Happened(
            kind="breaker_opened",
            at_us=START,
            provider="main",
            until_us=START + 15 * S,
            failure="unreachable",
            detail=Opened(opened=1, faults=OPENS_AFTER),
        )
    ]


def test_a_breaker_opens_lets_a_trial_through_and_closes() -> None:
    here = scene()
    for _ in range(OPENS_AFTER):
        last = told(here, MAIN, "server_error")
    assert "breaker_opened" in kinds(last)
    here.clock.passes(16)
    trial = told(here, MAIN, "server_error")
    assert kinds(trial)[:2] == ["breaker_half_open", "breaker_opened"]
    assert trial[1].detail == Opened(opened=2, faults=OPENS_AFTER + 1)
    here.clock.passes(31)
    again = [kinds(told(here, MAIN, None)) for _ in range(4)]
    assert again == [
        ["breaker_half_open"],
        ["breaker_half_open"],
        ["breaker_half_open", "breaker_closed"],
        [],
    ]


MOVED = Moved(provider="main", credential="k", model="m", is_home=False)


@pytest.mark.parametrize(
    ("steps", "want"),
    [
        pytest.param([(0, A, {})], [("pin_made", A, None)], id="the first answer makes it"),
        pytest.param([(0, A, {}), (9, A, {})], [("pin_made", A, None)], id="a hit is none"),
        pytest.param(
            [(0, A, {}), (9, B, {"why": "main/k: overloaded"})],
            [("pin_made", A, None), ("pin_moved", B, MOVED)],
            id="a failover moves it for the time being",
        ),
        pytest.param(
            [(0, A, {}), (9, B, {"moves": True, "broken": True, "why": "main/k: disabled"})],
            [
                ("pin_made", A, None),
                ("pin_broken", B, Moved(provider="main", credential="k", model="m", is_home=True)),
            ],
            id="a place that is gone breaks it",
        ),
        pytest.param(
            [(0, A, {}), (301, B, {})],
            [("pin_made", A, None), ("pin_expired", A, None), ("pin_made", B, None)],
            id="after five minutes it was over",
        ),
        pytest.param(
            [(0, A, {}), (9, B, {}), (100, B, {}), (309, B, {})],
            [
                ("pin_made", A, None),
                ("pin_moved", B, MOVED),
                ("pin_moved", B, Moved(provider="main", credential="k", model="m", is_home=True)),
            ],
            id="five minutes away, it belongs there",
        ),
    ],
)
def test_pins(steps: list[tuple[float, Place, dict[str, object]]], want: list[object]) -> None:
    here, found = scene(), []
    for at_s, place, more in steps:
        here.clock.us = START + round(at_s * S)
        served = Served(key=KEY, place=place, **more)
        found += here.steering.served(served, here.queue)
    assert [
        (one.kind, Place(one.provider or "", one.credential or "", one.model), one.detail)
        for one in found
    ] == want
    assert {(one.app, one.session_id) for one in found} == {("claude", "s")}
    assert [one.why for one in found if one.why] == [m["why"] for _, _, m in steps if "why" in m]


def test_a_pin_that_ran_out_says_when() -> None:
    here = scene()
    here.steering.served(Served(key=KEY, place=A), here.queue)
    here.clock.passes(400)
    expired, made = here.steering.served(Served(key=KEY, place=A), here.queue)
    assert (expired.at_us, expired.until_us) == (START + 400 * S, START + 300 * S)
    assert made.until_us == START + 700 * S


def test_a_budget_is_exhausted_once_a_day() -> None:
    here = scene(budget=Budget(owner="main/k", per="day", tokens=100))
    found = [here.steering.spent(here.queue, MAIN, Usage(prompt=60), None) for _ in range(3)]
    exhausted = Happened(
        kind="budget_exhausted",
        at_us=START,
        provider="main",
        credential="k",
        until_us=START + 16 * 3600 * S,
        why="120 of 100 tokens of main/k a day",
    )
    assert found == [(), (exhausted,), ()]
    here.clock.passes(24 * 3600)
    found = [here.steering.spent(here.queue, MAIN, Usage(prompt=60), None) for _ in range(2)]
    assert [len(one) for one in found] == [0, 1]


def test_what_a_person_wants() -> None:
    here = scene()
    until_us = START + 60 * S
    (switched,) = here.steering.switch("claude", "relay", until_us)
    assert switched == Happened(
        kind="provider_switched", at_us=START, app="claude", provider="relay", until_us=until_us
    )
    (ended,) = here.steering.switch("claude", None)
    assert (ended.kind, ended.provider) == ("switch_ended", "relay")
    assert here.steering.switch("claude", None) == ()
    told(here, RELAY, "rate_limited")
    (reset,) = here.steering.reset("relay")
    assert (reset.kind, reset.provider, reset.credential) == ("health_reset", "relay", None)
    assert here.steering.reset("relay") == ()


def test_a_key_that_is_replaced_is_reset() -> None:
    here = scene()
    told(here, RELAY, "rate_limited")
    other = Target(RELAY.provider, type(RELAY.credential)("k", "new"), None)
    (reset,) = here.steering.adopt(network(MAIN, other))
    assert (reset.kind, reset.provider, reset.credential) == ("health_reset", "relay", "k")
    assert reset.why == "another one of its name is configured"
