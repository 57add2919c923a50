"""A refusal that names what it will not take: the same provider is asked once more, without it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from fixtures.drivers.respx import mount
from fixtures.engine import FakeProvider
from tests.asgi import Rows, Seen, asking, proxy

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=False)
WANTED = {**BODY, "context_management": {"edits": []}, "temperature": 1.0}
ANSWER = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "yes"}]}
NO_IMAGES = "this model does not support image input"


def refusal(message: str, status: int = 400) -> httpx.Response:
    error = {"type": "invalid_request_error", "message": message}
    return httpx.Response(status, json={"type": "error", "error": error})


def picky(*refused: str, then: httpx.Response | None = None) -> Callable[..., httpx.Response]:
    """Return a provider that names the first of the fields that it does not know."""

    def reply(body: dict[str, Any]) -> httpx.Response:
        named = next((name for name in refused if name in body), None)
        if named is not None:
            return refusal(f"{named}: Extra inputs are not permitted")
        return then or httpx.Response(200, json=ANSWER)

    return reply


@dataclass
class Played:
    seen: Seen
    rows: Rows
    heard: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mended(self) -> list[str | None]:
        return [row.mended for row in self.rows.only.attempts]


async def played(
    reply: Callable[..., httpx.Response],
    *others: FakeProvider,
    body: dict[str, Any] = WANTED,
    wire: Any = "anthropic",
) -> Played:
    """Ask once; `reply` is what the first provider says."""
    heard: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(json.loads(request.content))
        return reply(heard[-1])

    with proxy(FakeProvider("main", wires=(wire,)), *others) as here:
        here.router.clear()
        here.router.route(host="main.test").mock(side_effect=answer)
        for other in others:
            mount(here.router, f"https://{other.name}.test", other)
        seen = await here.call(PATH, body)
    return Played(seen, here.rows, heard)


async def test_what_was_named_is_left_out_at_the_same_provider() -> None:
    told = await played(picky("context_management"), FakeProvider("relay"))
    assert told.seen.json() == ANSWER
    assert told.rows.story == ["main refused", "main whole", "whole"]
    assert told.mended == [None, "unsupported_parameter"]
    assert told.heard == [WANTED, {k: v for k, v in WANTED.items() if k != "context_management"}]
    (loss,) = told.rows.only.losses
    assert (loss.attempt_no, loss.path) == (2, "context_management")


async def test_it_is_tried_once_and_the_client_gets_the_first_refusal() -> None:
    told = await played(picky("context_management", "temperature"), FakeProvider("relay"))
    assert told.seen.status == 400
    assert "context_management: Extra inputs" in told.seen.json()["error"]["message"]
    assert told.rows.story == ["main refused", "main refused", "caller_fault"]
    assert told.mended == [None, "unsupported_parameter"]
    assert told.rows.only.request.status == 400


async def test_where_the_second_try_fails_otherwise_the_next_provider_gets_all_of_it() -> None:
    relay = FakeProvider("relay")
    told = await played(picky("context_management", then=refusal("overloaded", 529)), relay)
    assert told.seen.status == 200
    assert told.rows.story == ["main refused", "main refused", "relay whole", "whole"]
    assert json.loads(relay.received[0].body) == WANTED


async def test_mended_tries_are_of_the_one_budget() -> None:
    names = [f"p{no}" for no in range(5)]
    crowd = [FakeProvider(name) for name in names]
    reply = picky("context_management", then=refusal("oh", 500))

    def answer(request: httpx.Request) -> httpx.Response:
        return reply(json.loads(request.content))

    with proxy(*crowd) as here:
        here.router.clear()
        for name in names:
            here.router.route(host=f"{name}.test").mock(side_effect=answer)
        await here.call(PATH, WANTED)
    assert here.rows.only.request.n_attempts == 7


async def test_what_no_rule_knows_goes_to_the_client_as_it_is() -> None:
    told = await played(lambda _: refusal("max_tokens: must be greater than 0"))
    assert told.seen.status == 400
    assert told.rows.story == ["main refused", "caller_fault"]
    assert told.mended == [None]


async def test_a_converted_request_is_mended_in_the_providers_wire() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    image = {"type": "image", "source": source}
    said = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}]
    message = {"role": "assistant", "content": "a picture"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}

    def reply(body: dict[str, Any]) -> httpx.Response:
        if "image_url" in json.dumps(body):
            return httpx.Response(400, json={"error": {"message": NO_IMAGES}})
        return httpx.Response(200, json={**answer, "choices": [choice]})

    told = await played(reply, body={**BODY, "messages": said}, wire="chat")
    assert told.seen.json()["content"][0]["text"] == "a picture"
    assert told.rows.story == ["main refused", "main whole", "whole"]
    assert told.mended == [None, "images_refused"]
    assert "image omitted" in json.dumps(told.heard[1])


async def test_a_stream_is_mended_too() -> None:
    main = FakeProvider("main", events=3)
    path, body = asking("anthropic", stream=True)
    with proxy(main) as here:
        here.router.clear()
        first = refusal("context_management: Extra inputs are not permitted")
        here.router.route(host="main.test", json__context_management={}).mock(return_value=first)
        mount(here.router, "https://main.test", main)
        seen = await here.call(path, {**body, "context_management": {}})
    assert seen.body.count(b"event: message_stop") == 1
    assert here.rows.story == ["main refused", "main whole", "whole"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"detail": "Unsupported parameter: temperature"}, id="as FastAPI says it"),
        pytest.param({"message": "Unsupported parameter: temperature"}, id="bare"),
    ],
)
async def test_words_of_no_wires_shape_count_as_well(said: dict[str, str]) -> None:
    def reply(body: dict[str, Any]) -> httpx.Response:
        refused = "temperature" in body
        return httpx.Response(400, json=said) if refused else httpx.Response(200, json=ANSWER)

    told = await played(reply)
    assert told.rows.story == ["main refused", "main whole", "whole"]
    assert told.rows.only.attempts[0].error_message == "Unsupported parameter: temperature"
