"""What one request teaches, the next one heeds: breakers, cooldowns, pins, limits and rules."""

import json
import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import anyio
import pytest

from fixtures.engine import FakeProvider
from proxy.routing.asked import Queue
from proxy.routing.health import BreakerRules
from proxy.routing.network import Network, candidate_of, plain_network
from proxy.routing.rules import Rule
from proxy.routing.seats import Seats
from proxy.routing.signals import UserRule
from proxy.routing.types import Backoff, Credential, Target
from proxy.routing.windows import Schedule, Window
from tests.asgi import APPS, SHORT, Proxy, asking, network_of, proxy, target, until_asked

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)
SESSION = {"x-claude-code-session-id": "s-1"}


def queue_of(*providers: FakeProvider, **changes: Any) -> Network:
    """Return a network with one queue for every app; `changes` are those of its first candidate."""
    network = network_of(dict.fromkeys(APPS, tuple(map(target, providers))))
    first, *others = network.queues["claude"].candidates
    queue = replace(network.queues["claude"], candidates=(replace(first, **changes), *others))
    return replace(network, queues=dict.fromkeys(APPS, queue))


def without_patience(network: Network) -> Network:
    limits = replace(SHORT, first_byte_s=0.03)
    return replace(network, apps={"claude": replace(network.apps["claude"], limits=limits)})


def providers(*names: str) -> list[FakeProvider]:
    return [FakeProvider(name, events=3) for name in names]


async def served_by(here: Proxy, headers: dict[str, str] | None = None) -> str | None:
    """Ask once, in a session of its own if none is given; gives who served it."""
    fresh = {"x-claude-code-session-id": f"fresh-{len(here.rows.entries)}"}
    await here.call(PATH, BODY, headers or fresh)
    return here.rows.entries[-1].request.provider


def pins(here: Proxy) -> list[str | None]:
    return [row.pin for row in here.rows.entries[-1].attempts]


async def test_a_breaker_keeps_requests_away_from_who_fails() -> None:
    main, relay = providers("main", "relay")
    main.fail(after="status:500")
    with proxy(main, relay) as here:
        served = [await served_by(here) for _ in range(20)]
        decision = json.loads(here.rows.entries[-1].request.decision or "")
    assert served == ["relay"] * 20
    assert len(main.log) == 8  # the threshold of Claude Code's breaker
    assert decision["skipped"][0]["by"] == "breaker_open"
    assert here.rows.entries[0].attempts[0].rule == "other_status"


async def test_a_rate_limit_is_heeded_by_later_requests() -> None:
    main, relay = providers("main", "relay")
    main.fail("status:429:60")
    with proxy(main, relay) as here:
        assert [await served_by(here) for _ in range(3)] == ["relay"] * 3
    assert len(main.log) == 1
    first, second, _ = here.rows.entries
    assert [row.failure for row in first.attempts] == ["rate_limited", None]
    assert [row.provider for row in second.attempts] == ["relay"]


async def test_two_keys_of_one_provider_fail_over_to_each_other() -> None:
    main = FakeProvider("main", key="good", events=3)
    place = target(main).provider
    keys = [Target(place, Credential(label, label)) for label in ("bad", "good")]
    with proxy(main, network=network_of(dict.fromkeys(APPS, tuple(keys)))) as here:
        assert [await served_by(here) for _ in range(2)] == ["main", "main"]
    rows = [[row.credential for row in entry.attempts] for entry in here.rows.entries]
    assert rows == [["bad", "good"], ["good"]]


async def test_when_all_are_away_the_client_is_told_until_when() -> None:
    (main,) = providers("main")
    main.fail("status:429:50")
    with proxy(main) as here:
        first = await here.call(PATH, BODY)
        second = await here.call(PATH, BODY)
    assert (first.status, second.status) == (429, 429)
    assert 45 <= int(second.headers[b"retry-after"]) <= 50
    assert "cooling after rate limited" in second.json()["error"]["message"]
    assert here.rows.entries[-1].attempts == ()
    assert here.rows.entries[-1].request.outcome == "exhausted"


async def test_who_is_back_by_the_time_the_client_is_told_is_not_called_away() -> None:
    (main,) = providers("main")
    main.fail("status:429:0.2")
    limits = replace(SHORT, keepalive_s=0.02)
    with proxy(main, limits=limits) as here:
        await here.call(PATH, BODY)
        steering = here.app.exchange.steering
        decide = steering.decide

        def slow(*given: Any) -> Any:
            decision = decide(*given)
            time.sleep(0.25)  # as when the client does not take a sign of life
            return decision

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(steering), "decide", lambda _, *given: slow(*given))
            seen = await here.call(PATH, BODY)
    assert (seen.status, "None" in seen.body.decode()) == (503, False)


async def test_a_refused_key_is_not_the_end_while_another_only_cools() -> None:
    main, relay = providers("main", "relay")
    main.fail("status:429:50")
    relay.fail("ok", "status:401")
    with proxy(main, relay) as here:
        assert (await here.call(PATH, BODY)).status == 200
        seen = await here.call(PATH, BODY)
    assert seen.status == 503
    assert b"x-should-retry" not in seen.headers
    assert 45 <= int(seen.headers[b"retry-after"]) <= 50


async def test_a_refused_key_is_no_reason_to_ask_again() -> None:
    (main,) = providers("main")
    main.fail(after="status:401")
    with proxy(main) as here:
        first = await here.call(PATH, BODY)
        second = await here.call(PATH, BODY)
    assert (first.status, second.status) == (502, 502)
    assert second.headers[b"x-should-retry"] == b"false"
    assert len(main.log) == 1


async def test_a_session_stays_where_its_cache_is() -> None:
    main, relay = providers("main", "relay")
    main.fail("ok", "status:500", "ok", "ok")
    with proxy(main, relay) as here:
        assert await served_by(here, SESSION) == "main"
        assert pins(here) == ["miss"]
        assert await served_by(here, SESSION) == "relay"
        assert pins(here) == ["hit", "moved"]
        assert here.rows.entries[-1].attempts[1].pin_why == "main/key: server_error"
        assert await served_by(here, SESSION) == "relay"  # not home again at once
        assert pins(here) == ["moved"]
        assert await served_by(here, {"x-claude-code-session-id": "s-2"}) == "main"  # a new one
        assert pins(here) == ["miss"]
        await here.call(PATH, BODY)
        await here.call(PATH, BODY)  # no session is named: it is known by how it began
    told = [(row.pin, row.provider) for e in here.rows.entries[-2:] for row in e.attempts]
    assert told == [("miss", "main"), ("hit", "main")]
    assert here.rows.entries[-1].request.session_source == "hash of system prompt and first message"


async def test_a_pin_belongs_to_a_client_key_and_a_family_of_models() -> None:
    main, relay = providers("main", "relay")
    keys = {"one": "k-1", "two": "k-2"}
    with proxy(main, relay, client_keys=keys) as here:
        for key, model in (("k-1", "opus"), ("k-2", "opus"), ("k-1", "haiku"), ("k-1", "opus")):
            headers = {**SESSION, "authorization": f"Bearer {key}"}
            await here.call(PATH, {**BODY, "model": f"claude-{model}-5"}, headers)
    assert [entry.attempts[0].pin for entry in here.rows.entries] == ["miss"] * 3 + ["hit"]


async def test_who_leaves_with_the_last_event_was_served() -> None:
    (main,) = providers("main")
    main.fail("stall_at:99")  # keeps the connection after its end
    with proxy(main) as here:
        here.leaves_after = b"message_stop"
        await here.call(PATH, BODY, SESSION)
        memory = here.app.exchange.steering.memory
    assert here.rows.only.request.outcome == "whole"
    assert len(memory.pins.entries) == 1
    assert [health.window[-1].total for health in memory.board.keys.values()] == [1, 1, 1]


@pytest.mark.parametrize("fault", ["status:400", "cut_at:1"])
async def test_only_a_whole_answer_makes_a_pin(fault: str) -> None:
    main, relay = providers("main", "relay")
    main.fail(fault)
    with proxy(main) as here:
        await here.call(PATH, BODY, SESSION)
        await here.call(PATH, BODY, SESSION)
    assert pins(here) == ["miss"]
    del relay


async def test_a_stream_that_broke_counts_against_the_provider() -> None:
    main, relay = providers("main", "relay")
    main.fail(after="reset_at:5")
    with proxy(main, relay) as here:
        for _ in range(9):
            await served_by(here)
    assert len(main.log) == 8
    assert here.rows.entries[0].request.outcome == "reset"
    assert here.rows.entries[-1].request.provider == "relay"


async def test_a_probe_whose_stream_broke_opens_the_breaker_again() -> None:
    main, relay = providers("main", "relay")
    main.fail(after="reset_at:5")
    network = queue_of(main, relay)
    breaker = BreakerRules(failures=1, open_s=0.05, successes=2)
    rules = replace(network.apps["claude"], breaker=breaker)
    with proxy(main, relay, network=replace(network, apps={"claude": rules})) as here:
        assert await served_by(here) == "main"
        await anyio.sleep(0.06)
        assert [await served_by(here) for _ in range(2)] == ["main", "relay"]


async def test_neither_callers_faults_nor_hang_ups_count() -> None:
    main, relay = providers("main", "relay")
    main.fail(*["status:400"] * 12, after="no_headers")
    with proxy(main, relay, limits=replace(SHORT, first_byte_s=60)) as here:
        for _ in range(12):
            await here.call(PATH, BODY)
        for number in range(10):
            here.left = anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(here.call, PATH, BODY)
                await until_asked(main, 13 + number)
                here.left.set()
        here.left = anyio.Event()
        main.fail()
        assert await served_by(here) == "main"
    assert here.app.exchange.steering.in_flight("main/key") == 0


async def test_counts_and_lists_tell_nothing_of_health() -> None:
    main, relay = providers("main", "relay")
    with proxy(main, relay) as here:
        for _ in range(12):
            broken = {"x-fault-main": "status:500", "x-fault-relay": "status:500"}
            await here.call("/v1/messages/count_tokens", BODY, broken)
            await here.call("/v1/models", b"", {**broken, "anthropic-version": "x"}, "GET")
        assert await served_by(here) == "main"


async def test_limits_of_counting_are_not_those_of_answering() -> None:
    main, relay = providers("main", "relay")
    spent = {
        "anthropic-ratelimit-requests-limit": "9",
        "anthropic-ratelimit-requests-remaining": "0",
    }
    with proxy(main, relay) as here:
        here.router.clear()
        here.router.route(host="main.test").respond(json={"input_tokens": 7}, headers=spent)
        seen = await here.call("/v1/messages/count_tokens", BODY)
        assert seen.json() == {"input_tokens": 7}
        assert here.app.exchange.steering.memory.quotas == {}


async def test_only_answers_count_for_turns_and_for_the_model_last_asked_for() -> None:
    (main,) = providers("main")
    with proxy(main) as here:
        await here.call(PATH, BODY)
        await here.call("/v1/models", b"", {"anthropic-version": "x"}, "GET")
        steering = here.app.exchange.steering
    assert steering.asked == {"claude": BODY["model"]}
    assert steering.memory.turns == {"claude": 1}


async def test_whole_answers_say_nothing_of_first_content() -> None:
    (main,) = providers("main")
    with proxy(main) as here:
        await here.call(*asking("anthropic", stream=False))
        assert here.app.exchange.steering.memory.latencies == {}
        await here.call(PATH, BODY)
        assert [one.n for one in here.app.exchange.steering.memory.latencies.values()] == [1]


async def test_the_same_target_is_tried_again_where_no_other_is_left() -> None:
    (main,) = providers("main")
    main.fail("status:500", "status:529")
    network = plain_network({"claude": (target(main),)}, dict.fromkeys(APPS, SHORT))
    rules = replace(network.apps["claude"], backoff=Backoff(base_s=0.01))
    with proxy(main, network=replace(network, apps={"claude": rules})) as here:
        seen = await here.call(PATH, BODY)
    assert seen.status == 200
    assert here.rows.story == ["main refused", "main refused", "main whole", "whole"]


async def test_of_two_that_have_waited_for_the_same_target_one_is_its_probe() -> None:
    (main,) = providers("main")
    main.fail("status:500:1", "status:500:1")
    network = plain_network({"claude": (target(main),)}, dict.fromkeys(APPS, SHORT))
    rules = replace(
        network.apps["claude"],
        backoff=Backoff(base_s=0.0),
        breaker=BreakerRules(failures=2, open_s=0.5),
    )
    main.pace_s = 0.02
    with proxy(main, network=replace(network, apps={"claude": rules})) as here:
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, PATH, BODY)
            group.start_soon(here.call, PATH, BODY)
    assert len(main.log) == 3
    assert sorted(e.request.outcome for e in here.rows.entries) == ["exhausted", "whole"]


async def test_a_repeat_that_is_the_probe_counts() -> None:
    (main,) = providers("main")
    main.fail("status:500:0.2", after="status:500")
    network = plain_network({"claude": (target(main),)}, dict.fromkeys(APPS, SHORT))
    rules = replace(
        network.apps["claude"],
        backoff=Backoff(base_s=0.0, repeats=1),
        breaker=BreakerRules(failures=1, open_s=0.1),
    )
    with proxy(main, network=replace(network, apps={"claude": rules})) as here:
        await here.call(PATH, BODY)
        await here.call(PATH, BODY)
    assert [len(entry.attempts) for entry in here.rows.entries] == [2, 0]


async def test_a_request_that_fails_again_and_again_counts_once() -> None:
    (main,) = providers("main")
    main.fail(after="status:500")
    network = plain_network({"claude": (target(main),)}, dict.fromkeys(APPS, SHORT))
    rules = replace(network.apps["claude"], backoff=Backoff(base_s=0.001))
    with proxy(main, network=replace(network, apps={"claude": rules})) as here:
        for _ in range(8):
            await here.call(PATH, BODY)
        await here.call(PATH, BODY)
    assert [len(entry.attempts) for entry in here.rows.entries] == [3] * 7 + [1, 0]


async def test_attempts_have_one_budget() -> None:
    several = providers(*"abcdefgh")
    for one in several:
        one.fail("status:500")
    with proxy(*several) as here:
        await here.call(PATH, BODY)
    assert here.rows.only.request.n_attempts == 7


async def test_a_rule_of_the_users_comes_before_the_table() -> None:
    main, relay = providers("main", "relay")
    main.fail("status:400")
    own = UserRule(failure="overloaded", statuses=(400,), pattern="as it was told").as_rule("mine")
    network = replace(queue_of(main, relay), failures={"main": (own,)})
    with proxy(main, relay, network=network) as here:
        assert await served_by(here) == "relay"
    row = here.rows.only.attempts[0]
    assert (row.failure, row.rule) == ("overloaded", "mine")


async def test_a_closed_window_says_when_it_opens() -> None:
    main, relay = providers("main", "relay")
    never = Schedule((Window(days=frozenset(), opens_min=0, closes_min=1),))
    with proxy(main, relay, network=queue_of(main, relay, schedule=never)) as here:
        assert await served_by(here) == "relay"
    with proxy(main, network=queue_of(main, schedule=never)) as here:
        seen = await here.call(PATH, BODY)
    assert seen.status == 503
    assert "main/key" in seen.json()["error"]["message"]
    assert "window closed" in seen.json()["error"]["message"]


async def test_a_switched_off_provider_is_named() -> None:
    (main,) = providers("main")
    with proxy(main, network=queue_of(main, enabled=False)) as here:
        seen = await here.call(PATH, BODY)
    assert seen.status == 400
    assert "disabled" in seen.json()["error"]["message"]


async def test_only_so_many_are_served_at_once() -> None:
    main, relay = providers("main", "relay")
    main.pace_s = 0.05
    with proxy(main, relay, network=queue_of(main, relay, seats=Seats(1))) as here:
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, PATH, BODY)
            await until_asked(main)
            group.start_soon(here.call, PATH, BODY)
    assert sorted(e.request.provider or "" for e in here.rows.entries) == ["main", "relay"]


async def test_a_failover_finds_only_free_seats() -> None:
    main, relay, last = providers("main", "relay", "last")
    main.fail(after="no_headers")
    relay.pace_s = 0.05
    network = without_patience(queue_of(main, relay, last))
    first, second, third = network.queues["claude"].candidates
    crowded = (first, replace(second, seats=Seats(1)), third)
    queue = replace(network.queues["claude"], candidates=crowded)
    network = replace(network, queues={"claude": queue})
    with proxy(main, relay, last, network=network) as here:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(here.call, PATH, BODY)
    served = sorted(e.request.provider or "" for e in here.rows.entries)
    assert served == ["last", "last", "relay"]


async def test_a_failover_waits_for_a_seat_where_no_other_is_left() -> None:
    main, relay = providers("main", "relay")
    main.fail(after="no_headers")
    relay.pace_s = 0.03
    network = without_patience(queue_of(main, relay))
    first, second = network.queues["claude"].candidates
    for seats, outcomes in (
        (Seats(1, 5.0), ["whole", "whole"]),
        (Seats(1), ["exhausted", "whole"]),
    ):
        crowded = (first, replace(second, seats=seats))
        queue = replace(network.queues["claude"], candidates=crowded)
        with proxy(main, relay, network=replace(network, queues={"claude": queue})) as here:
            async with anyio.create_task_group() as group:
                group.start_soon(here.call, PATH, BODY)
                group.start_soon(here.call, PATH, BODY)
        assert sorted(e.request.outcome for e in here.rows.entries) == outcomes
        rows = [row for e in here.rows.entries for row in e.attempts if row.provider == "relay"]
        assert all(b.started_us >= a.started_us + a.total_us - 999 for a, b in pairwise(rows))


async def test_a_session_waits_for_its_seat() -> None:
    main, relay = providers("main", "relay")
    with proxy(main, relay, network=queue_of(main, relay, seats=Seats(1, 5.0))) as here:
        await here.call(PATH, BODY, SESSION)
        main.pace_s = 0.03
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, PATH, BODY)
            await until_asked(main, 2)
            group.start_soon(here.call, PATH, BODY, SESSION)
    assert [e.request.provider for e in here.rows.entries] == ["main"] * 3


async def test_a_rule_leads_to_another_queue() -> None:
    main, relay = providers("main", "relay")
    network = queue_of(main, relay)
    second = candidate_of(target(relay))
    queues = {**network.queues, "cheap": Queue(name="cheap", candidates=(second,))}
    rule = Rule(name="small ones", queue="cheap", models=("*haiku*",))
    with proxy(main, relay, network=replace(network, queues=queues, rules=(rule,))) as here:
        await here.call(PATH, {**BODY, "model": "claude-haiku-5"})
        await here.call(PATH, {**BODY, "model": "claude-opus-5"})
    first, second_one = (entry.request for entry in here.rows.entries)
    assert (first.provider, first.queue, first.route_rule) == ("relay", "cheap", "small ones")
    assert (second_one.provider, second_one.route_rule) == ("main", None)


async def test_a_switch_takes_effect_with_the_next_request() -> None:
    main, relay = providers("main", "relay")
    with proxy(main, relay) as here:
        assert await served_by(here, SESSION) == "main"
        here.app.exchange.steering.switch("claude", "relay")
        assert await served_by(here, SESSION) == "relay"
        here.app.exchange.steering.switch("claude", None)
        assert await served_by(here) == "main"


async def test_another_configuration_keeps_what_was_learnt() -> None:
    main, relay = providers("main", "relay")
    main.fail("status:429:60")
    with proxy(main, relay) as here:
        assert await served_by(here) == "relay"
        exchange = here.app.exchange
        exchange.adopt(replace(exchange.policy, network=queue_of(main, relay)), "other")
        assert await served_by(here) == "relay"
    assert len(main.log) == 1
    assert here.rows.entries[-1].request.config_hash == "other"


async def test_a_mended_request_is_no_fault_of_the_provider() -> None:
    main, relay = providers("main", "relay")
    refusal = {"error": {"message": "context_management: Extra inputs are not permitted"}}
    with proxy(main, relay) as here:
        here.router.clear()
        here.router.post("https://main.test/v1/messages").respond(400, json=refusal)
        for _ in range(12):
            await here.call(PATH, {**BODY, "context_management": {}})
    assert {len(entry.attempts) for entry in here.rows.entries} == {2}


async def test_a_lesser_model_than_was_asked_for_is_noted() -> None:
    answer = {"type": "message", "content": [], "model": "claude-haiku-4-5"}
    with proxy(FakeProvider("main")) as here:
        here.router.clear()
        here.router.post("https://main.test/v1/messages").respond(json=answer)
        await here.call(PATH, {**BODY, "stream": False, "model": "claude-opus-4-5"})
    assert here.rows.only.request.downgraded is True
