"""What an answer says is no error, and what one key is refused concerns no other key."""

from dataclasses import replace

import httpx
import pytest

from fixtures.drivers.respx import side_effect
from fixtures.engine import FakeProvider
from fixtures.heard import hear, hear_whole
from fixtures.speech.types import Reply, WireName
from proxy.routing.types import Credential, Target
from proxy.wires import WIRES
from tests.asgi import APPS, asking, network_of, proxy, target

pytestmark = pytest.mark.anyio
TEXTS = (
    "403 forbidden. ",
    '{"error":{"type":"overloaded_error","message":"Overloaded"}} ',
    "event: error data: 529 rate_limit_error: prompt is too long, insufficient_quota",
)
SAID = tuple("".join(TEXTS).split())


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("client", WIRES)
async def test_words_of_failure_in_an_answer_are_an_answer(
    client: WireName, provider: WireName, stream: bool
) -> None:
    path, body = asking(client, stream=stream)
    main = FakeProvider("main", wires=(provider,), replies=lambda _: Reply(texts=TEXTS))
    with proxy(main, FakeProvider("relay", events=3)) as here:
        seen = await here.call(path, body)
        again = await here.call(path, body)
    assert [entry.request.outcome for entry in here.rows.entries] == ["whole", "whole"]
    rows = [row for entry in here.rows.entries for row in entry.attempts]
    assert [(row.provider, row.failure, row.error_type) for row in rows] == [
        ("main", None, None),
        ("main", None, None),
    ]
    assert seen.status == again.status == 200
    assert (hear if stream else hear_whole)(client, seen.body).words == SAID


async def test_a_403_is_one_whatever_it_says() -> None:
    path, body = asking("anthropic", stream=True)
    main = FakeProvider("main", faults=("says:403:403 forbidden",), events=3)
    with proxy(main, FakeProvider("relay", events=3)) as here:
        await here.call(path, body)
    assert here.rows.story == ["main refused", "relay whole", "whole"]
    assert here.rows.only.attempts[0].failure == "forbidden"


@pytest.mark.parametrize("second", ["main", "same"])
async def test_of_two_keys_at_one_address_the_limited_one_is_left_alone(second: str) -> None:
    """They are told apart by their keys, whether one provider has both or each has its own."""
    limited = FakeProvider("main", after="status:429:60", events=3)
    well = FakeProvider("other", events=3)
    place = target(limited).provider
    keys = [
        Target(place, Credential("one", "key-one")),
        Target(replace(place, name=second), Credential("two", "key-two")),
    ]

    async def by_key(request: httpx.Request) -> httpx.Response:
        is_first = "key-one" in str(request.headers.raw)
        return await side_effect(limited if is_first else well)(request)

    path, body = asking("anthropic", stream=True)
    with proxy(network=network_of(dict.fromkeys(APPS, tuple(keys)))) as here:
        here.router.route(host="main.test").mock(side_effect=by_key)
        for _ in range(3):
            await here.call(path, body)
    rows = [[row.credential for row in entry.attempts] for entry in here.rows.entries]
    assert rows == [["one", "two"], ["two"], ["two"]]
    assert {entry.request.outcome for entry in here.rows.entries} == {"whole"}


async def test_a_session_that_moves_leaves_its_signed_thoughts_behind() -> None:
    path, body = asking("anthropic", stream=True)
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVkLWJ5LW1haW4="}
    said = [{"role": "assistant", "content": [thought, {"type": "text", "text": "hello:0"}]}]
    user = {"role": "user", "content": "hello"}
    longer = body | {"messages": [user, *said, user]}
    session = {"x-session-id": "one"}
    main, relay = FakeProvider("main", events=3), FakeProvider("relay", events=3)
    with proxy(main, relay) as here:
        await here.call(path, body, session)
        main.fail("status:529")
        await here.call(path, longer, session)
    moved = here.rows.entries[1]
    assert [row.provider for row in moved.attempts] == ["main", "relay"]
    assert [b"c2lnbmVk" in asked.body for asked in relay.received] == [False]
    assert [b"c2lnbmVk" in asked.body for asked in main.received] == [False, True]
    assert {entry.request.outcome for entry in here.rows.entries} == {"whole"}
    assert moved.losses != ()
