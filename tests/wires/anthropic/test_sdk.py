"""What the official SDK shows of the answers that we write."""

from collections.abc import Callable

import anthropic
import pytest
from anthropic.types import Message

from proxy.canonical.answer import Answer
from proxy.canonical.fold import unfold
from proxy.canonical.parts import Opaque, Text, Thinking, ToolCall
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC as CODEC
from tests.wires.anthropic.test_answers import ANSWERS, ASKED, INTERLEAVED, answer, streamed
from tests.wires.canned import canned

pytestmark = pytest.mark.anyio


def whole_body(said: Answer) -> bytes:
    return CODEC.write_answer(said, ASKED, [])


def stream_body(said: Answer) -> bytes:
    return streamed(list(unfold(said)))[0]


async def shown(body: bytes, *, stream: bool) -> Message:
    kind = "text/event-stream" if stream else "application/json"
    async with (
        canned(body, kind) as url,
        anthropic.AsyncAnthropic(base_url=url, api_key="k", max_retries=0) as client,
    ):
        if not stream:
            return await client.messages.create(
                model="m", max_tokens=9, messages=[{"role": "user", "content": "a"}]
            )
        async with client.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "a"}]
        ) as said:
            return await said.get_final_message()


@pytest.mark.parametrize("said", ANSWERS)
async def test_the_sdk_reads_back_what_was_said(said: Answer) -> None:
    """Its message, dumped, is an answer of this wire: read again, it is the same."""
    for body, stream in ((whole_body(said), False), (stream_body(said), True)):
        message = await shown(body, stream=stream)
        Message.model_validate(message.model_dump(), strict=True)
        assert message.stop_reason is not None
        again = CODEC.read_answer(message.model_dump_json(exclude_none=True).encode(), [])
        assert again is not None
        assert compact(again) == compact(said)


def compact(said: Answer) -> list[object]:
    """Return what counts of an answer; the SDK spells arguments its own way."""
    parts = [
        part.arguments.replace(" ", "") if isinstance(part, ToolCall) else part
        for part in said.parts
    ]
    return [said.id, said.model, said.stop, said.stop_sequence, said.usage.output, *parts]


async def test_the_sdk_takes_interleaved_calls() -> None:
    message = await shown(streamed(INTERLEAVED)[0], stream=True)
    assert [block.to_dict()["input"] for block in message.content] == [{"k": 1}, {"l": 2}]
    assert message.stop_reason == "tool_use"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (10, 20)


@pytest.mark.parametrize(
    ("body_of", "stream"),
    [pytest.param(whole_body, False, id="whole"), pytest.param(stream_body, True, id="streamed")],
)
async def test_the_sdk_keeps_foreign_tokens(
    body_of: Callable[[Answer], bytes], *, stream: bool
) -> None:
    token = Opaque("responses", "encrypted", "rs_1")
    message = await shown(
        body_of(answer(Thinking(text="hm", opaque=token), Text(text="I"))), stream=stream
    )
    thought = message.content[0].to_dict()
    assert thought["type"] == "thinking"
    assert thought["thinking"] == "hm"
    assert str(thought["signature"]).startswith("pm1.")
    assert message.content[1].to_dict()["text"] == "I"


async def test_the_sdk_raises_when_a_stream_breaks_off() -> None:
    encoder = CODEC.encoder(ASKED)
    body = encoder.feed(INTERLEAVED[0]) + encoder.error_event("gone")
    with pytest.raises(anthropic.APIStatusError, match="gone"):
        await shown(body, stream=True)
