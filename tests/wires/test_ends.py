"""When a stream has ended, and what its counts are worth until then."""

import msgspec
import pytest

from proxy.canonical import Usage
from proxy.relay import Relay
from proxy.wires import WIRES
from tests.wires.streams import STREAMS, bare, named


def event(value: object) -> bytes:
    return bare(msgspec.json.encode(value).decode())


def choice(index: int, text: str | None = None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    return event({"choices": [{"index": index, "delta": delta, "finish_reason": finish}]})


def candidate(index: int, text: str = "", finish: str | None = None) -> bytes:
    content = {"parts": [{"text": text}]}
    return event({"candidates": [{"index": index, "content": content, "finishReason": finish}]})


CHAT_USAGE = event({"choices": [], "usage": {"prompt_tokens": 1}})
CHAT_USAGE_IN_CHOICE = event(
    {
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}],
        "usage": {"prompt_tokens": 1},
    }
)
DONE = bare("[DONE]")


@pytest.mark.parametrize(
    ("wire", "said", "ended"),
    [
        pytest.param(
            "chat",
            [choice(0, "a"), choice(0, finish="stop"), choice(1, "b")],
            False,
            id="chat: a choice that begins after the others have ended",
        ),
        pytest.param(
            "chat",
            [choice(0, "a"), choice(0, finish="stop"), choice(1, ""), choice(1, finish="stop")],
            True,
            id="chat: and ends",
        ),
        pytest.param(
            "chat",
            [choice(0, "a"), choice(0, finish="stop"), CHAT_USAGE, CHAT_USAGE_IN_CHOICE],
            True,
            id="chat: usage after the finish",
        ),
        pytest.param(
            "chat", [choice(0, "a"), DONE, CHAT_USAGE], True, id="chat: DONE without a finish"
        ),
        pytest.param(
            "gemini",
            [candidate(0, "a"), candidate(1, "b"), candidate(0, finish="STOP")],
            False,
            id="gemini: one of two candidates is open",
        ),
        pytest.param(
            "gemini",
            [candidate(0, "a"), candidate(0, finish="STOP"), candidate(1)],
            False,
            id="gemini: a candidate that begins after the others have ended",
        ),
        pytest.param(
            "gemini",
            [
                candidate(0, "a", finish="STOP"),
                candidate(1, "b", finish="STOP"),
                event({"usageMetadata": {"promptTokenCount": 1}}),
            ],
            True,
            id="gemini: all candidates have ended, usage follows",
        ),
        pytest.param(
            "gemini",
            [event({"promptFeedback": {"blockReason": "SAFETY"}}), event({"usageMetadata": {}})],
            True,
            id="gemini: a refused prompt has no candidates",
        ),
        pytest.param(
            "anthropic", [*STREAMS["anthropic"].events, DONE], True, id="anthropic: DONE is noise"
        ),
        pytest.param(
            "responses", [*STREAMS["responses"].events, DONE], True, id="responses: DONE is noise"
        ),
    ],
)
def test_a_stream_has_ended_when_every_answer_in_it_has(
    wire: str, said: list[bytes], ended: bool
) -> None:
    relay = Relay(WIRES[wire].reader())
    assert b"".join(relay.feed(one) for one in said) == b"".join(said)
    assert relay.terminal is ended
    assert relay.told().source in {None, "reported" if ended else "partial"}


def test_of_several_message_deltas_each_adds_to_the_one_before() -> None:
    start, *_ = STREAMS["anthropic"].handshake
    deltas = (
        '{"type":"message_delta","delta":{"stop_reason":"end_turn"}}',
        '{"type":"message_delta","usage":{"input_tokens":11,"output_tokens":7}}',
        '{"type":"message_delta","delta":{},"usage":{"output_tokens":9}}',
        '{"type":"message_delta","delta":{}}',
        '{"type":"message_delta","usage":{"output_tokens":null}}',
    )
    relay = Relay(WIRES["anthropic"].reader())
    relay.feed(start + b"".join(named("message_delta", delta) for delta in deltas))
    told = relay.told()
    assert (told.stop_reason, told.source, told.service_tier) == (
        "end_turn",
        "reported",
        "standard",
    )
    assert told.usage == Usage(
        prompt=141,
        uncached_input=11,
        cache_read=100,
        cache_write=30,
        cache_write_5m=20,
        cache_write_1h=10,
        output=9,
    )


IN_PROGRESS = '{"type":"response.in_progress","response":{"usage":{"input_tokens":1}}}'


@pytest.mark.parametrize(
    ("wire", "said"),
    [
        pytest.param(
            "chat",
            event({"choices": [{"delta": {"content": "a"}}], "usage": {"prompt_tokens": 1}}),
            id="chat: usage in every chunk",
        ),
        pytest.param("responses", bare(IN_PROGRESS), id="responses: usage before the end"),
    ],
)
def test_usage_of_a_stream_that_has_not_ended_is_partial(wire: str, said: bytes) -> None:
    relay = Relay(WIRES[wire].reader())
    relay.feed(said)
    told = relay.told()
    assert (told.usage.prompt, told.source) == (1, "partial")
