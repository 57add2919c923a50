"""A provider that answers whole where a stream was asked for, or the other way round."""

import json
from itertools import product
from typing import Any, Literal

import pytest

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.wires import CODECS, WIRES
from tests.asgi import asking, proxy

pytestmark = pytest.mark.anyio
PAIRS = [*product(WIRES, repeat=2)]
each_pair = pytest.mark.parametrize(
    ("client", "provider"), PAIRS, ids=[f"{client} on {provider}" for client, provider in PAIRS]
)
TEXT = "hello:0 hello:1 hello:2"


def provided(wire: WireName, answers_in: Literal["whole", "stream"], *faults: str) -> FakeProvider:
    return FakeProvider("main", wires=(wire,), events=3, answers_in=answers_in, faults=faults)


def said(body: bytes, wire: str) -> str:
    read = CODECS[wire].read_answer(body, [])
    assert read is not None
    return "".join(getattr(part, "text", "") for part in read.parts)


def streamed(body: bytes) -> list[Any]:
    """Return the data of each event."""
    lines = [line[6:] for line in body.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@each_pair
async def test_a_whole_answer_becomes_the_stream_that_was_asked_for(
    client: str, provider: WireName
) -> None:
    path, body = asking(client, stream=True)
    main = provided(provider, "whole")
    with proxy(main) as here:
        seen = await here.call(path, body)
    assert seen.headers[b"content-type"].startswith(b"text/event-stream")
    assert here.rows.story == ["main whole", "whole"]
    events = streamed(seen.body)
    assert TEXT.replace(" ", "") in json.dumps(events).replace(" ", "")
    row = here.rows.only.attempts[0]
    assert row.output_tokens == main.log[0].usage.output
    assert row.saw_terminal is None


@each_pair
async def test_a_stream_becomes_the_whole_answer_that_was_asked_for(
    client: str, provider: WireName
) -> None:
    path, body = asking(client, stream=False)
    main = provided(provider, "stream")
    with proxy(main) as here:
        seen = await here.call(path, body)
    assert seen.headers[b"content-type"] == b"application/json"
    assert said(seen.body, client) == TEXT
    assert here.rows.story == ["main whole", "whole"]
    row = here.rows.only.attempts[0]
    assert row.output_tokens == main.log[0].usage.output
    assert row.saw_terminal is True


@each_pair
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("reset_at:6", "reset"), ("no_terminal", "truncated"), ("error_event:5", "error_event")],
)
async def test_a_stream_that_breaks_off_is_no_whole_answer(
    client: str, provider: WireName, fault: str, outcome: str
) -> None:
    if provider == "gemini":
        fault = fault.replace(":6", ":2").replace(":5", ":2")
    path, body = asking(client, stream=False)
    main = provided(provider, "stream", fault)
    with proxy(main, FakeProvider("relay", events=3)) as here:
        seen = await here.call(path, body)
    assert here.rows.story == [f"main {outcome}", "relay whole", "whole"]
    assert said(seen.body, client) == TEXT


async def test_a_page_is_no_answer_in_either_form() -> None:
    path, body = asking("anthropic", stream=True)
    with proxy(FakeProvider("main", faults=["html"])) as here:
        seen = await here.call(path, body)
    assert seen.status == 503
    assert here.rows.story == ["main malformed", "exhausted"]


async def test_what_we_cannot_read_cannot_be_said_in_another_form() -> None:
    body = {"model": "m", "stream": True, "max_tokens": 9, "messages": "not for us"}
    answer = {"type": "message", "content": [{"type": "text", "text": "hello"}]}
    with proxy(FakeProvider("main")) as here:
        here.router.clear()
        here.router.post("https://main.test/v1/messages").respond(json=answer)
        await here.call("/v1/messages", body)
    assert here.rows.story == ["main malformed", "exhausted"]
    assert here.rows.only.attempts[0].error_type == "not_convertible"


@pytest.mark.parametrize("provider", WIRES)
async def test_a_gemini_stream_without_sse_is_one_array(provider: WireName) -> None:
    path, body = asking("gemini", stream=True)
    main = FakeProvider("main", wires=(provider,), events=3)
    with proxy(main) as here:
        seen = await here.call(path.partition("?")[0], body)
    told = seen.json()
    parts = [part for one in told for part in one["candidates"][0]["content"].get("parts", ())]
    assert "".join(part["text"] for part in parts) == TEXT
    assert told[-1]["candidates"][0]["finishReason"] == "STOP"
    assert here.rows.story == ["main whole", "whole"]
