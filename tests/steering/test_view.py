"""What a person sees of routing."""

from dataclasses import replace

import msgspec
import pytest

from proxy.canonical import Usage
from proxy.routing.budgets import Budget
from proxy.routing.pins import PinKey
from proxy.routing.windows import Schedule, read_window
from proxy.steering import looking
from proxy.steering.standing import Standing
from proxy.steering.view import AppView, Bar, BudgetView, QuotaView, SwitchView, TargetView
from tests.steering.network import KEY, MAIN, RELAY, START, TEAM, WISH, S, Scene, scene

OPENS_AFTER = 8
WELL = Standing(key="main/k", badge="healthy", breaker="closed")
DAILY = Budget(owner="main", per="day", tokens=100, usd=5.0)


def seen(here: Scene) -> AppView:
    (view,) = looking.apps(here.steering, here.clock.us)
    return view


def seen_target(here: Scene, number: int = 0) -> TargetView:
    return seen(here).targets[number]


def test_of_a_proxy_that_knows_nothing() -> None:
    view = seen(scene(MAIN, RELAY))
    assert (view.app, view.queue, view.policy, view.sticky) == (
        "claude",
        "claude",
        "priority",
        True,
    )
    assert (view.target, view.model, view.switch, view.sentence) == ("main/k", None, None, None)
    assert view.targets[0] == TargetView(
        id="main/k", provider="main", credential="k", rank=0, health=WELL
    )
    assert [one.rank for one in view.targets] == [0, 1]


def test_an_open_breaker_with_the_time_left() -> None:
    here = scene()
    here.fails(MAIN, "server_error", times=OPENS_AFTER)
    here.clock.passes(5)
    view = seen(here)
    assert view.target == "main/team"
    assert [one.rank for one in view.targets] == [None, 0, 1]
    assert view.targets[0].bar == Bar(by="breaker_open", left_s=10.0)
    assert view.targets[0].health == Standing(
        key="main/k",
        badge="unhealthy",
        breaker="open",
        open_s=10.0,
        failures=OPENS_AFTER,
        failure="server_error",
    )
    assert [one.key for one in view.targets[0].parts] == ["main/k", "main/k/m"]
    here.clock.passes(10)
    assert seen_target(here).health.breaker == "half_open"
    here.steering.began("claude", replace(MAIN, model="m"), "probe")
    assert seen_target(here).health.probing
    assert seen_target(here).bar == Bar(by="probing", left_s=5.0)


def test_what_is_wrong_with_one_model_is_said_of_the_model_that_is_asked_for() -> None:
    here = scene(MAIN, RELAY)
    here.fails(MAIN, "rate_limited")
    assert seen(here).target == "main/k"  # any model
    assert [one.key for one in seen_target(here).parts] == ["main/k/m"]
    here.steering.counted(here.queue, WISH)
    view = seen(here)
    assert (view.model, view.target) == ("m", "relay/k/m")
    assert view.targets[0].bar == Bar(by="cooling", left_s=5.0)
    assert view.targets[0].health.cooling_s == 5.0


def test_when_nobody_can_be_asked() -> None:
    here = scene(MAIN)
    here.fails(MAIN, "credential")
    view = seen(here)
    assert (view.target, view.soonest_s) == (None, 1800.0)
    assert view.sentence is not None
    assert view.sentence.startswith("No target of the queue claude can be asked: main/k: cooling")


@pytest.mark.parametrize(
    ("change", "bar"),
    [
        pytest.param({"enabled": False}, Bar(by="disabled"), id="disabled"),
        pytest.param(
            {"schedule": Schedule((read_window("fri 09:00-17:00"),))},
            Bar(by="window_closed", left_s=3600.0),
            id="outside its window",
        ),
    ],
)
def test_what_the_configuration_bars(change: dict[str, object], bar: Bar) -> None:
    here = scene()
    first, *others = here.queue.candidates
    queue = replace(here.queue, candidates=(replace(first, **change), *others))
    here.steering.network = replace(here.steering.network, queues={"claude": queue})
    assert seen_target(here).bar == bar
    assert seen_target(here).rank is None


def test_a_target_that_is_there_twice() -> None:
    views = seen(scene(MAIN, RELAY, MAIN)).targets
    assert [(one.rank, one.bar and one.bar.by) for one in views] == [
        (0, None),
        (1, None),
        (None, "twice"),
    ]


@pytest.mark.parametrize(
    ("until_us", "view"),
    [
        pytest.param(None, SwitchView(provider="relay"), id="for good"),
        pytest.param(START + 90 * S, SwitchView(provider="relay", left_s=90.0), id="for a while"),
        pytest.param(START, None, id="over"),
    ],
)
def test_a_switch(until_us: int | None, view: SwitchView | None) -> None:
    here = scene()
    here.steering.switch("claude", "relay", until_us)
    assert seen(here).switch == view
    assert seen(here).target == ("main/k" if view is None else "relay/k")
    assert [one.id for one in seen(here).targets] == ["main/k", "main/team", "relay/k"]


def test_quotas_latency_and_what_is_under_way() -> None:
    here = scene()
    left = {
        b"anthropic-ratelimit-unified-5h-utilization": b"0.5",
        b"anthropic-ratelimit-unified-5h-reset": str(START // S + 600).encode(),
    }
    here.steering.heard(MAIN, left)
    here.steering.content(MAIN, 123.456)
    here.steering.began("claude", MAIN, "1")
    view = seen_target(here)
    assert view.quotas == (QuotaView(name="unified-5h", used=0.5, reset_s=600.0),)
    assert (view.first_content_ms, view.in_flight) == (123.5, 1)


def test_budgets() -> None:
    here = scene(budget=DAILY)
    of = BudgetView(id=DAILY.id, usd=0.0, of_usd=5.0, of_tokens=100, ends_s=16 * 3600.0)
    assert seen_target(here).budgets == (of,)
    here.steering.spent(here.queue, MAIN, Usage(prompt=60), None)
    spent = msgspec.structs.replace(of, tokens=60, usd=None)  # a price that is not known
    assert seen_target(here).budgets == (spent,)
    here.clock.passes(16 * 3600)
    assert seen_target(here).budgets == (msgspec.structs.replace(of, ends_s=24 * 3600.0),)


def test_pins_are_counted_where_they_belong() -> None:
    here = scene()
    for number in range(3):
        here.serves(MAIN, PinKey(None, "claude", f"s{number}", "m"))
    here.serves(replace(MAIN, model="m-1"), PinKey(None, "claude", "of a model", "m"))
    here.serves(MAIN, PinKey(None, "codex", "of another app", "m"))
    here.serves(RELAY, KEY)
    here.clock.passes(200)
    here.serves(RELAY, PinKey(None, "claude", "s0", "m"))  # away from home
    places = [(one.pins, one.away) for one in seen(here).targets]
    assert places == [(4, 1), (0, 0), (1, 0)]
    here.clock.passes(150)
    assert [one.pins for one in seen(here).targets] == [1, 0, 0]  # only that one was renewed


def test_providers() -> None:
    here = scene()
    here.fails(TEAM, "credential")
    here.fails(MAIN, "rate_limited")
    here.steering.heard(MAIN, {b"anthropic-ratelimit-unified-5h-utilization": b"0.5"})
    main, relay = looking.providers(here.steering, here.clock.us)
    assert (main.name, main.wires, main.enabled, main.queues) == (
        "main",
        ("anthropic",),
        True,
        ("claude",),
    )
    k, team = main.credentials
    assert (k.label, k.health.badge, [one.key for one in k.parts]) == ("k", "healthy", ["main/k/m"])
    assert [one.name for one in k.quotas] == ["unified-5h"]
    assert (team.label, team.health.badge, team.health.cooling_s) == ("team", "degraded", 1800.0)
    assert [one.key for one in team.parts] == ["main/team"]
    assert relay.credentials[0].parts == ()


def test_a_provider_that_fails_as_a_whole_is_said_of_all_its_keys() -> None:
    here = scene()
    here.fails(MAIN, "unreachable", times=OPENS_AFTER)
    views = seen(here).targets
    assert [one.health.breaker for one in views] == ["open", "open", "closed"]
    assert [[part.key for part in one.parts] for one in views] == [["main"], ["main"], []]


def test_nothing_of_it_is_secret_and_looking_changes_nothing() -> None:
    here = scene()
    before = here.steering.memory
    told = msgspec.json.encode(
        (looking.apps(here.steering, START), looking.providers(here.steering, START))
    )
    assert here.steering.memory is before
    assert b'"old"' not in told  # the secret of every key
    assert b"main.test" not in told
