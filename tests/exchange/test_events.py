"""What a request has caused stands in its line; what nobody's request has, in one of its own."""

from dataclasses import replace

import pytest

from fixtures.engine import FakeProvider
from proxy.exchange import Policy
from proxy.record import EventRow
from tests.asgi import asking, proxy

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)
SESSION = {"x-claude-code-session-id": "s-1"}


def told(row: EventRow) -> tuple[object, ...]:
    return row.kind, row.attempt_no, row.provider, row.session_id, row.failure


async def test_a_failover_with_its_cooldown_and_its_pin() -> None:
    main, relay = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    main.fail("status:429:60")
    with proxy(main, relay) as here:
        await here.call(PATH, BODY, SESSION)
        await here.call(PATH, BODY, SESSION)
    first, second = here.rows.entries
    assert [row.reason for row in first.attempts] == ["first", "failover"]
    assert first.request.served_attempt_no == 2
    assert [told(row) for row in first.events] == [
        ("cooldown_begun", 1, "main", None, "rate_limited"),
        ("pin_made", 2, "relay", "s-1", None),
    ]
    assert {row.request_id for row in first.events} == {first.request.request_id}
    begun = first.events[0]
    assert begun.until_us is not None
    assert 59_000_000 < begun.until_us - begun.event_us <= 60_000_000
    assert begun.detail == '{"asked_s":60.0,"failures":1}'
    assert second.events == ()  # its pin was hit
    assert here.rows.events == []


async def test_each_has_an_id_of_its_own() -> None:
    main, relay = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    main.fail(after="status:500")
    with proxy(main, relay) as here:
        for number in range(12):
            await here.call(PATH, BODY, {"x-claude-code-session-id": f"s-{number}"})
    rows = [row for entry in here.rows.entries for row in entry.events]
    assert "breaker_opened" in {row.kind for row in rows}
    assert len({row.event_id for row in rows}) == len(rows)


async def test_another_configuration_is_noted_with_its_own_hash() -> None:
    main = FakeProvider("main", events=3)
    with proxy(main) as here:
        exchange = here.app.exchange
        exchange.adopt(replace(exchange.policy, client_keys={"me": "x"}), "c0ffee")
        assert isinstance(exchange.policy, Policy)
    assert [(row.kind, row.config_hash) for row in here.rows.events] == [
        ("config_loaded", "c0ffee")
    ]
