"""What is learnt of each event, and what it changes for the requests after it."""

from dataclasses import replace

import msgspec
import pytest

from proxy import steering
from proxy.canonical import Usage
from proxy.clock import REAL
from proxy.routing.activating import Progress
from proxy.routing.asked import Queue
from proxy.routing.budgets import Budget
from proxy.routing.health import BREAKER_RULES
from proxy.routing.network import plain_network
from proxy.routing.pins import PinKey
from proxy.routing.rules import Rule
from proxy.routing.types import Attempt, Credential, Outcome, Plan, Provider, Stop, Target
from proxy.steering import Steering, Wish
from proxy.steering.memory import Memory, decoded, encoded, forgotten, restarted
from tests.steering.network import (
    KEY,
    MAIN,
    RELAY,
    START,
    TEAM,
    WISH,
    S,
    network,
    scene,
    target,
)

ALL = "main/k main/team relay/k"
OPENS_AFTER = BREAKER_RULES["claude"].failures
DAILY = Budget(owner="main", per="day", tokens=100, usd=5.0)


def plan(*targets: object, **more: object) -> Plan:
    return Plan(tuple(targets), START + 3600 * S, **more)


def test_a_queue_is_its_apps_own_unless_a_rule_says_another() -> None:
    here = scene()
    assert here.steering.queue_for(WISH) == (here.queue, None)
    special = Queue(name="special", candidates=here.queue.candidates[:1])
    rule = Rule(name="big", queue="special", min_tokens=1000)
    here.steering.network = replace(
        here.steering.network,
        queues={**here.steering.network.queues, "special": special},
        rules=(rule,),
    )
    assert here.steering.queue_for(WISH) == (here.queue, None)
    assert here.steering.queue_for(replace(WISH, prompt_tokens=2000)) == (special, "big")
    assert here.steering.queue_for(replace(WISH, app="gemini")) == (None, None)


def test_deciding_changes_nothing() -> None:
    here = scene()
    before = here.steering.memory
    assert here.order() == here.order() == ALL
    assert (here.steering.memory, here.steering.changes) == (before, 0)


def test_what_was_chosen_has_its_address_and_secret() -> None:
    here = scene()
    decision = here.steering.decide(here.queue, WISH)
    found = [here.steering.network.target(chosen) for chosen in decision.chosen]
    assert [one.provider.base_url for one in found] == ["https://main.test"] * 2 + [
        "https://relay.test"
    ]
    assert [one.model for one in found] == ["m"] * 3


def test_counting_tells_which_model_was_asked_for() -> None:
    here = scene()
    here.steering.counted(here.queue, WISH)
    here.steering.counted(here.queue, WISH)
    assert here.steering.memory.turns == {"claude": 2}
    assert here.steering.asked == {"claude": "m"}


def test_a_breaker_opens_admits_one_probe_and_closes() -> None:
    here, rules = scene(), BREAKER_RULES["claude"]
    here.fails(MAIN, "server_error", times=rules.failures)
    assert here.order() == "main/team relay/k"
    here.clock.passes(rules.open_s + 1)
    assert here.order() == ALL
    asked = replace(MAIN, model="m")
    for number in range(rules.successes):
        here.steering.began("claude", asked, f"probe-{number}")
        assert here.order() == "main/team relay/k"  # somebody else is the probe
        here.steering.learned("claude", Outcome(asked, attempt_id=f"probe-{number}"))
        assert here.order() == ALL


def test_a_step_heeds_what_others_learnt_since_the_plan() -> None:
    here = scene()
    main, relay = replace(MAIN, model="m"), replace(RELAY, model="m")
    assert here.steering.step(plan(main, relay), []) == Attempt(main)
    here.fails(MAIN, "server_error", times=OPENS_AFTER)
    assert here.steering.step(plan(main, relay), []) == Attempt(relay)
    lost = Outcome(relay, failure="unreachable", ended_us=START)
    assert here.steering.step(plan(main, relay), [lost]) == Stop("exhausted")


def test_a_quota_in_a_header_turns_requests_away_until_it_is_reset() -> None:
    here = scene()
    left = {
        b"anthropic-ratelimit-unified-5h-utilization": b"0.97",
        b"anthropic-ratelimit-unified-5h-reset": str(START // S + 600).encode(),
    }
    here.steering.heard(MAIN, left)
    assert here.order() == "main/team relay/k"
    here.steering.heard(TEAM, {b"date": b"today"})
    assert list(here.steering.memory.quotas) == ["main/k"]
    here.clock.passes(601)
    assert here.order() == ALL


def test_the_limits_of_an_api_are_those_of_one_model() -> None:
    here = scene(MAIN, RELAY)
    name = b"anthropic-ratelimit-tokens-remaining"
    here.steering.heard(replace(MAIN, model="m"), {name: b"0"})
    assert here.order() == "relay/k"
    assert here.order(replace(WISH, model="n")) == "main/k relay/k"
    here.steering.adopt(here.steering.network)
    assert list(here.steering.memory.quotas) == ["main/k/m"]
    here.steering.heard(replace(MAIN, model="m"), {b"x-codex-primary-used-percent": b"100"})
    assert here.order(replace(WISH, model="n")) == "relay/k"


def test_a_quota_that_would_hold_for_ages_is_undated() -> None:
    here = scene(MAIN)
    name = b"anthropic-ratelimit-requests"
    headers = {name + b"-remaining": b"0", name + b"-reset": b"999999999999"}
    here.steering.heard(MAIN, headers)
    sentence = here.steering.decide(here.queue, WISH).sentence
    assert sentence is not None
    assert "over quota" in sentence
    here.clock.passes(61)
    assert here.order() == "main/k"


def test_first_content_is_averaged_by_target() -> None:
    here = scene()
    for ms in (100.0, 200.0):
        here.steering.content(replace(MAIN, model="m"), ms)
    (name, latency), *others = here.steering.memory.latencies.items()
    assert (name, latency.mean_ms, latency.n, others) == ("main/k/m", 130.0, 2, [])


def test_a_session_stays_where_it_was_served() -> None:
    here = scene()
    here.serves(RELAY)
    assert here.order() == "relay/k main/k main/team"
    other = msgspec.structs.replace(KEY, session="other")
    assert here.order(replace(WISH, key=other)) == ALL


def test_a_spent_budget_turns_requests_away_until_midnight() -> None:
    here = scene(budget=DAILY)
    for tokens in (60, 40):
        assert here.order() == ALL
        usage = Usage(prompt=tokens - 10, output=10)
        here.steering.spent(here.queue, MAIN, usage, None)
    assert here.order() == "main/team relay/k"
    here.clock.passes(16 * 3600)
    assert here.order() == ALL
    here.steering.spent(here.queue, RELAY, Usage(prompt=900), None)
    assert set(here.steering.memory.spent) == {DAILY.id}


def test_what_was_spent_is_priced_at_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(steering, "cost_usd", lambda *given: asked.append(given))
    here = scene(budget=DAILY)
    here.steering.spent(here.queue, MAIN, Usage(prompt=5), "claude-sonnet-4-5")
    assert asked == [("main", "claude-sonnet-4-5", Usage(prompt=5), START)]


def test_a_price_that_is_not_known_is_not_nothing() -> None:
    here = scene(budget=DAILY)
    here.steering.spent(here.queue, MAIN, Usage(prompt=5), "no-such-model")
    assert here.steering.memory.spent[DAILY.id].usd is None
    usage = Usage(prompt=100_000, output=0)
    here.steering.spent(here.queue, MAIN, usage, "claude-sonnet-4-5")
    assert here.steering.memory.spent[DAILY.id].usd == pytest.approx(0.3)
    here.steering.spent(here.queue, MAIN, Usage(prompt=5), "no-such-model")
    assert here.steering.memory.spent[DAILY.id].usd == pytest.approx(0.3)


def test_a_switch_asks_another_first_for_a_while() -> None:
    here = scene()
    here.serves(MAIN)
    here.steering.switch("claude", "relay", START + 60 * S)
    assert here.order() == "relay/k main/k main/team"
    assert here.steering.switched_to("claude") is not None
    assert here.steering.switched_to("codex") is None
    here.clock.passes(60)
    assert here.steering.switched_to("claude") is None
    assert here.order() == ALL


def test_a_switch_ends_when_it_is_told_to_and_moves_to_the_next() -> None:
    here = scene()
    here.steering.switch("claude", "relay")
    here.steering.switch("claude", "main")
    assert here.order() == ALL
    here.steering.switch("claude", "relay")
    here.steering.switch("claude", None)
    assert here.order() == ALL
    assert here.steering.memory.switches == {}


def test_a_switch_leads_sessions_away_from_who_signed_their_thinking() -> None:
    here = scene()
    here.serves(MAIN)
    signed = replace(WISH, bonds=frozenset({"signature"}))
    assert here.order(signed) == ALL
    here.steering.switch("claude", "relay")
    assert here.order(signed) == "relay/k main/k main/team"
    assert here.steering.decide(here.queue, signed).chosen[0].strip


def test_a_switch_to_who_is_not_in_the_queue_leaves_it_as_it_is() -> None:
    here = scene()
    here.serves(TEAM)
    away = [replace(one, enabled=one.provider != "relay") for one in here.queue.candidates]
    for candidates in (here.queue.candidates[:2], tuple(away)):
        queue = replace(here.queue, candidates=candidates, policy="round_robin")
        before = here.steering.decide(queue, WISH)
        here.steering.switch("claude", "relay")
        assert here.steering.decide(queue, WISH) == before
        here.steering.switch("claude", None)


def test_a_switch_leaves_the_keys_of_a_provider_in_their_order() -> None:
    here = scene(RELAY, MAIN, TEAM)
    here.steering.switch("claude", "main")
    sessions = [replace(WISH, key=PinKey(None, "claude", f"s-{no}", "m")) for no in range(16)]
    assert {here.order(wish) for wish in sessions} == {"main/k main/team relay/k"}


def test_a_switch_to_what_is_down_asks_the_others() -> None:
    here = scene()
    here.steering.switch("claude", "relay")
    here.fails(RELAY, "server_error", times=OPENS_AFTER)
    assert here.order() == "main/k main/team"


@pytest.mark.parametrize(
    ("key", "order", "known"),
    [
        pytest.param("main", ALL, True, id="a provider, with all below it"),
        pytest.param("main/k", "main/k relay/k", True, id="a credential"),
        pytest.param("main/k/m", "relay/k", True, id="a target, whose credential is still cooling"),
        pytest.param("relay", "relay/k", False, id="what is well"),
        pytest.param("mai", "relay/k", False, id="no prefix of a name"),
    ],
)
def test_reset(key: str, order: str, known: object) -> None:
    here = scene()
    for one in (MAIN, TEAM):
        here.fails(one, "credential")
        here.fails(one, "rate_limited")
    assert here.order() == "relay/k"
    changes = here.steering.changes
    assert bool(here.steering.reset(key)) is known
    assert here.order() == order
    assert (here.steering.changes > changes) is known


def test_a_reset_forgets_quotas() -> None:
    here = scene()
    here.steering.heard(MAIN, {b"anthropic-ratelimit-unified-5h-utilization": b"1"})
    assert here.order() == "main/team relay/k"
    assert here.steering.reset("main/k")
    assert here.order() == ALL


def test_another_configuration_keeps_what_is_still_there() -> None:
    here = scene()
    here.serves(RELAY)
    here.fails(MAIN, "rate_limited")
    here.fails(RELAY, "server_error", times=OPENS_AFTER)
    here.steering.switch("claude", "relay")
    here.steering.adopt(network(RELAY, MAIN))
    assert here.order(replace(WISH, key=None)) == ""
    assert set(here.steering.memory.pins.entries) == {KEY.text}
    here.steering.adopt(network(MAIN))
    assert here.steering.memory.switches == {}
    here.steering.adopt(network(RELAY, MAIN))
    assert here.order() == "relay/k"  # it was gone, and what was known of it with it


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(target("main", key="new"), id="another key of the same label"),
        pytest.param(
            replace(MAIN, provider=replace(MAIN.provider, base_url="https://new.test")),
            id="another address of the same name",
        ),
    ],
)
def test_what_is_replaced_begins_anew(other: object) -> None:
    here = scene(MAIN, RELAY)
    here.fails(MAIN, "credential")
    here.fails(MAIN, "unreachable", times=OPENS_AFTER)
    here.steering.adopt(network(other, RELAY))
    new_key = other.credential != MAIN.credential
    assert here.order() == ("relay/k" if new_key else "main/k relay/k")


def test_a_new_key_is_asked_at_once_and_the_old_ones_failures_are_its_own() -> None:
    here = scene(MAIN, RELAY)
    here.fails(MAIN, "credential")
    assert here.order() == "relay/k"
    here.steering.adopt(network(target("main", key="new"), RELAY))
    assert here.order() == "main/k relay/k"
    here.fails(MAIN, "credential")  # it was asked before the reload
    assert here.order() == "main/k relay/k"


def test_a_request_from_before_a_reload_can_still_be_decided() -> None:
    here = scene()
    old = here.queue
    here.steering.adopt(network(RELAY))
    assert len(here.steering.decide(old, WISH).chosen) == 3


def test_attempts_under_way_are_counted_by_credential() -> None:
    here = scene()
    here.steering.began("claude", replace(MAIN, model="m"), "1")
    here.steering.began("claude", replace(MAIN, model="n"), "2")
    assert (here.steering.in_flight("main/k"), here.steering.in_flight("main/team")) == (2, 0)
    here.steering.ended(replace(MAIN, model="m"))
    assert here.steering.in_flight("main/k") == 1


def full() -> Memory:
    """Return a memory in which everything is set."""
    here = scene(budget=DAILY)
    here.fails(MAIN, "rate_limited", times=3)
    here.steering.began("claude", MAIN, "probe")
    here.serves(RELAY)
    here.serves(MAIN)
    here.steering.heard(TEAM, {b"anthropic-ratelimit-unified-5h-utilization": b"0.5"})
    here.steering.content(MAIN, 12.5)
    here.steering.spent(here.queue, MAIN, Usage(prompt=5, cache_read=2), None)
    here.steering.activated(
        "main/k/m", Progress(slot_us=START, tried_us=START, tries=1, day_us=START)
    )
    here.steering.switch("claude", "relay", START + S)
    here.steering.counted(here.queue, WISH)
    return here.steering.memory


def test_a_memory_comes_back_from_json_as_it_was() -> None:
    assert decoded(encoded(full())) == full()
    assert all(
        getattr(full(), name) != getattr(Memory(), name) for name in Memory.__struct_fields__[1:]
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b'{"version":2}', id="another version"),
        pytest.param(b'{"board":{"keys":{"a":{"streak":"x"}}}}', id="a field of another type"),
    ],
)
def test_what_is_no_memory(data: bytes) -> None:
    assert decoded(data) is None


def test_a_restart_loses_the_probe_and_nothing_else() -> None:
    here = scene()
    here.fails(MAIN, "server_error", times=OPENS_AFTER)
    here.clock.passes(60)
    here.steering.began("claude", replace(MAIN, model="m"), "probe")
    before = here.steering.memory
    after = restarted(before, here.steering.network, here.clock.us)
    assert before.board.keys["main/k"].probe is not None
    assert after.board.keys["main/k"].probe is None
    assert after.board.keys["main/k"].faults == before.board.keys["main/k"].faults


def test_what_is_forgotten_leaves_the_rest() -> None:
    before = full()
    after = forgotten(before, "main")
    assert after.board.keys == {}
    assert after.quotas == {}
    assert after.pins == before.pins
    assert forgotten(after, "main") is after


def test_the_cheapest_is_asked_first_by_what_its_cache_has_had() -> None:
    main, relay = (
        Provider(name, f"https://{name}.test", ("anthropic",), price_factor=factor)
        for name, factor in (("main", 1.0), ("relay", 0.5))
    )
    targets = [Target(one, Credential("k", "s"), "claude-opus-4-5") for one in (main, relay)]
    network = plain_network({"claude": tuple(targets)})
    queue = replace(network.queues["claude"], policy="cheapest", sticky=False)
    steering = Steering(replace(network, queues={"claude": queue}), REAL)
    wish = Wish(app="claude", model="claude-opus-4-5")

    def first() -> str:
        return steering.decide(queue, wish).chosen[0].provider

    assert first() == "relay"
    warm, cold = Usage(prompt=100, cache_read=95), Usage(prompt=100, cache_read=0)
    for _ in range(9):
        steering.spent(queue, targets[0], warm, "claude-opus-4-5")
        steering.spent(queue, targets[1], cold, "claude-opus-4-5")
    assert first() == "main"  # half the price, but nothing from the cache
    scores = {one.provider: one.score for one in steering.decide(queue, wish).chosen}
    assert scores["main"] == pytest.approx(0.95 * 0.5 + 0.05 * 6.25)
    assert scores["relay"] == pytest.approx(6.25 / 2)
