"""Answers out of the middle, to Responses clients: the official SDK judges."""

import json
from collections.abc import Iterable
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, Began, Ended, Event, Finished, Piece, Started
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Media, Opaque, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.sse import events
from proxy.wires.responses.codec import RESPONSES_CODEC
from tests.wires.canned import canned
from tests.wires.responses.answers import (
    ASKED,
    WHOLE,
    decoded,
)

SDK_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def encoded(said: Iterable[Event], request: Request = ASKED) -> bytes:
    encoder = RESPONSES_CODEC.encoder(request)
    return b"".join(encoder.feed(event) for event in said)


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
foreign = st.builds(Opaque, st.just("gemini"), words, st.none() | words)
citations = st.builds(
    lambda url, title, start, chars: Citation(url=url, title=title, start=start, end=start + chars),
    words,
    st.none() | words,
    st.integers(0, 9),
    st.integers(0, 9),
)
parts = st.one_of(
    st.builds(Text, text=words, opaque=st.none() | foreign),
    st.builds(Text, text=words, citations=st.lists(citations, max_size=3).map(tuple)),
    st.builds(Refusal, text=words),
    st.builds(Thinking, text=words | st.just(""), opaque=foreign),
    st.builds(Thinking, redacted=st.just(True), opaque=foreign),
    st.builds(
        ToolCall,
        id=words,
        name=words,
        arguments=st.just('{"a":1}'),
        namespace=st.none() | st.just("clock"),
        opaque=st.none() | foreign,
    ),
    st.builds(ToolCall, id=words, name=words, arguments=words, custom=st.just(True)),
)
counts = st.integers(0, 1000)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    read, fresh = draw(counts), draw(counts)
    usage = Usage(
        prompt=read + fresh,
        uncached_input=fresh,
        cache_read=read,
        cache_write=0,
        output=draw(counts),
        reasoning=draw(counts),
    )
    said = tuple(draw(st.lists(parts, max_size=4)))
    kinds = {type(part) for part in said}
    stop = "tool_call" if ToolCall in kinds else "refusal" if Refusal in kinds else "end"
    return Answer(
        id="resp_1",
        model="m",
        parts=said,
        stop=draw(st.sampled_from([stop, "max_tokens"])),
        usage=usage,
        created_s=draw(counts),
    )


@given(answer=answers())
def test_an_encoded_stream_says_the_same_answer(answer: Answer) -> None:
    assert fold(decoded(encoded(unfold(answer)))) == answer


@given(answer=answers())
def test_a_written_answer_says_the_same_answer(answer: Answer) -> None:
    losses: list[Loss] = []
    body = RESPONSES_CODEC.write_answer(answer, ASKED, losses)
    assert RESPONSES_CODEC.read_answer(body, []) == answer
    assert losses == []


@settings(max_examples=30, deadline=None)  # the SDK's types are slow
@given(answer=answers())
def test_every_event_is_one_that_the_sdk_defines(answer: Answer) -> None:
    said = [json.loads(event.data) for event in events(encoded(unfold(answer)))]
    assert [event["sequence_number"] for event in said] == list(range(len(said)))
    for event in said:
        SDK_EVENT.validate_python(event)
    assert len({event["response"]["id"] for event in said if "response" in event}) == 1
    Response.model_validate_json(RESPONSES_CODEC.write_answer(answer, ASKED, []))
    last = said[-1]["response"]
    assert last == json.loads(RESPONSES_CODEC.write_answer(answer, ASKED, [])) or (
        answer.stop == "max_tokens"  # a part that is still open then is told as incomplete
    )


def test_the_life_of_a_message_and_of_a_call_without_arguments() -> None:
    said: list[Event] = [
        Started(id="msg_x"),
        Began(index=0, part=Text(text="")),
        Piece(index=0, text="a"),
        Ended(0),
        Began(index=1, part=ToolCall(id="c", name="f", arguments="")),
        Finished(stop="tool_call"),
    ]
    kinds = [event.name.decode().removeprefix("response.") for event in events(encoded(said))]
    assert kinds == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]


def test_what_no_item_can_say_is_a_loss() -> None:
    picture = Answer(parts=(Media(kind="image", data="QUJD"),), stop="paused")
    encoder, losses = RESPONSES_CODEC.encoder(ASKED), list[Loss]()
    for event in unfold(picture):
        encoder.feed(event)
    RESPONSES_CODEC.write_answer(picture, ASKED, losses)
    assert encoder.losses == losses
    assert [loss.path for loss in losses] == ["parts[0]", "stop"]


def test_a_stream_that_breaks_off_fails_with_what_it_had() -> None:
    encoder = RESPONSES_CODEC.encoder(ASKED)
    said = b"".join(map(encoder.feed, list(unfold(WHOLE))[:-1])) + encoder.error_event("gone")
    last = json.loads(list(events(said))[-1].data)
    assert last["type"] == "response.failed"
    assert last["response"]["status"] == "failed"
    assert last["response"]["error"] == {"code": "server_error", "message": "gone"}
    assert len(last["response"]["output"]) == len(WHOLE.parts)
    assert encoder.feed(Finished(stop="end")) == b""


@pytest.mark.anyio
async def test_the_sdk_reads_the_stream() -> None:
    async with (
        canned(encoded(unfold(WHOLE)), "text/event-stream") as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
        client.responses.stream(model="m", input="x") as heard,
    ):
        check(await heard.get_final_response())


@pytest.mark.anyio
async def test_the_sdk_reads_the_whole_answer() -> None:
    async with (
        canned(RESPONSES_CODEC.write_answer(WHOLE, ASKED, []), "application/json") as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
    ):
        check(await client.responses.create(model="m", input="x"))


@pytest.mark.anyio
async def test_the_sdk_shows_a_failure() -> None:
    said = RESPONSES_CODEC.encoder(ASKED).error_event("gone")
    async with (
        canned(said, "text/event-stream") as url,
        openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
        client.responses.stream(model="m", input="x") as heard,
    ):
        kinds = [event.type async for event in heard]
    assert kinds == ["response.created", "response.in_progress", "response.failed"]


def check(shown: Any) -> None:
    thought, message, call, custom = shown.output
    assert (thought.summary[0].text, thought.encrypted_content) == ("hm", "token")
    assert (shown.output_text, message.role) == ("Grüße", "assistant")
    assert (call.call_id, call.namespace, call.arguments) == ("c", "clock", '{"s":1}')
    assert (custom.type, custom.call_id, custom.input) == ("custom_tool_call", "d", "ls()")
    assert (shown.status, shown.usage.input_tokens, shown.usage.output_tokens) == (
        "completed",
        140,
        15,
    )
    assert shown.usage.input_tokens_details.cached_tokens == 100
    assert shown.usage.output_tokens_details.reasoning_tokens == 5
