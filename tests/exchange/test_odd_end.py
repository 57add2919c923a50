"""An end that the client cannot be told, before a connection that breaks: no end at all."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from fixtures.engine import FakeProvider
from tests.asgi import asking, proxy

pytestmark = pytest.mark.anyio
WORDS = {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}
ODD = {"id": 7, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
PLAIN = {**ODD, "id": "c"}


class Sent(httpx.AsyncByteStream):
    """Words, an end, and then a connection that breaks."""

    def __init__(self, last: object) -> None:
        self._said = (WORDS, last)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for one in self._said:
            yield b"data: " + json.dumps(one).encode() + b"\n\n"
        raise httpx.ReadError("reset")


@pytest.mark.parametrize(
    ("last", "outcome", "ending"),
    [
        pytest.param(ODD, "reset", b'"type":"error"', id="an odd one"),
        pytest.param(PLAIN, "whole", b'"type":"message_stop"', id="one that can be told"),
    ],
)
async def test_it_is_said_that_it_broke_off(last: object, outcome: str, ending: bytes) -> None:
    path, body = asking("anthropic", stream=True)
    head = {"content-type": "text/event-stream"}
    with proxy(FakeProvider("main", wires=("chat",))) as here:
        here.router.clear()
        answer = httpx.Response(200, headers=head, stream=Sent(last))
        here.router.route(host="main.test").mock(return_value=answer)
        seen = await here.call(path, body)
    assert here.rows.story == [f"main {outcome}", outcome]
    assert ending in seen.body.split(b"\n\n")[-2]


async def test_an_end_without_its_blank_line_goes_out_once() -> None:
    """A provider may say everything in one event, and close: that event is content and end."""
    path, body = asking("gemini", stream=True)
    said = {"candidates": [{"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"}]}
    head = {"content-type": "text/event-stream"}
    with proxy(FakeProvider("main", wires=("gemini",))) as here:
        here.router.clear()
        data = b"data: " + json.dumps(said).encode()
        answer = httpx.Response(200, headers=head, content=data)
        here.router.route(host="main.test").mock(return_value=answer)
        seen = await here.call(path, body)
    assert seen.body == data
    assert here.rows.story == ["main whole", "whole"]
