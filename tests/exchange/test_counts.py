"""Counts of tokens: asked of a provider that can, estimated where none does, and marked so."""

from typing import Any

import anyio
import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.exchange import preparing
from proxy.routing.network import plain_network
from tests.asgi import asking, proxy, target, two

pytestmark = pytest.mark.anyio
ANTHROPIC = ("/v1/messages/count_tokens?beta=true", asking("anthropic", stream=True)[1])
RESPONSES = ("/v1/responses/input_tokens", {"model": "m", "input": "hello"})
GEMINI = ("/v1beta/models/m:countTokens", asking("gemini", stream=False)[1])
KEYS = {ANTHROPIC[0]: "input_tokens", RESPONSES[0]: "input_tokens", GEMINI[0]: "totalTokens"}
each_asker = pytest.mark.parametrize(
    ("path", "body"), [ANTHROPIC, RESPONSES, GEMINI], ids=["anthropic", "responses", "gemini"]
)


@each_asker
async def test_a_provider_that_can_count_is_asked(path: str, body: dict[str, Any]) -> None:
    with proxy(two()[0]) as here:
        seen = await here.call(path, body)
    assert seen.json()[KEYS[path]] > 0
    assert seen.headers[b"content-type"] == b"application/json"
    request = here.rows.only.request
    assert (request.endpoint, request.outcome) == ("count_tokens", "whole")
    assert (request.prompt_tokens, request.estimated_by) == (None, None)


@each_asker
@pytest.mark.parametrize(
    "fault", ["status:404", "status:405", "status:501", "status:500", "refuse", "html"]
)
async def test_where_it_cannot_the_count_is_estimated(
    path: str, body: dict[str, Any], fault: str
) -> None:
    main = FakeProvider("main")
    with proxy(main) as here:
        seen = await here.call(path, body, {"x-fault-main": fault})
    assert seen.status == 200
    assert 0 < seen.json()[KEYS[path]] < 50
    tokenizer = here.rows.only.request.estimated_by
    assert tokenizer
    assert seen.headers[b"x-pointsman-estimated-by"] == tokenizer.encode()
    assert here.rows.story[-1] == "whole"
    assert here.rows.only.request.provider is None


@pytest.mark.parametrize("fault", ["status:529", "status:529:2", "no_headers"])
async def test_nobody_waits_for_a_count(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "ASIDE_S", 0.1)
    main = FakeProvider("main")
    with proxy(main, network=plain_network({"claude": (target(main),)})) as here:
        with anyio.fail_after(1.5):
            seen = await here.call(*ANTHROPIC, {"x-fault-main": fault})
    assert b"x-pointsman-estimated-by" in seen.headers
    assert len(main.log) == 1


@each_asker
async def test_nobody_is_asked_where_no_wire_can_count(path: str, body: dict[str, Any]) -> None:
    main = FakeProvider("main", wires=("chat",))
    with proxy(main) as here:
        seen = await here.call(path, body)
    assert seen.json()[KEYS[path]] > 0
    assert here.rows.story == ["whole"]
    assert main.log == []


async def test_what_the_caller_got_wrong_is_no_reason_to_estimate() -> None:
    with proxy(FakeProvider("main")) as here:
        seen = await here.call(*ANTHROPIC, {"x-fault-main": "status:400"})
    assert (seen.status, here.rows.only.request.outcome) == (400, "caller_fault")


async def test_a_count_that_cannot_be_read_is_refused() -> None:
    with proxy(FakeProvider("main", wires=("chat",))) as here:
        seen = await here.call(ANTHROPIC[0], {"model": "m", "messages": 7})
    assert (seen.status, here.rows.only.request.outcome) == (400, "rejected")


@pytest.mark.parametrize("wire", ["anthropic", "responses", "gemini"])
async def test_a_count_goes_over_another_wire(wire: WireName) -> None:
    path, body = RESPONSES if wire != "responses" else ANTHROPIC
    main = FakeProvider("main", wires=(wire,))
    with proxy(main) as here:
        seen = await here.call(path, body)
    assert seen.json()["input_tokens"] > 0
    assert here.rows.story == ["main whole", "whole"]
    assert here.rows.only.request.estimated_by is None
