"""Answers of the chat wire to the middle and back, whole and as streams."""

import json as json_module
from collections.abc import Iterable
from typing import Any

import msgspec
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Usage
from proxy.canonical.answer import (
    Answer,
    Began,
    Ended,
    Event,
    Finished,
    Piece,
    Signed,
    Started,
)
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Media, Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request, Sampling
from proxy.sse import SseCutter, SseEvent, events
from proxy.wires.chat.codec import CHAT_CODEC
from tests.nested import nested
from tests.wires.canned import canned

ASKED = Request(model="asked", turns=())
USAGE_JSON = {
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 2},
}
USAGE = Usage(prompt=10, uncached_input=5, cache_read=4, cache_write=1, output=5, reasoning=2)


def chunk(delta: Any = None, reason: str | None = None, **more: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    said = {"id": "a1", "created": 7, "model": "m", "choices": choices, **more}
    return b"data: " + msgspec.json.encode(said) + b"\n\n"


def calls(*deltas: dict[str, Any]) -> bytes:
    return chunk({"tool_calls": list(deltas)})


def first(index: int | None, call_id: str | None, name: str, arguments: Any = "") -> dict[str, Any]:
    return {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}


def more(index: int | None, arguments: str) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": arguments}}


ROLE = chunk({"role": "assistant", "content": ""})
DONE = b"data: [DONE]\n\n"
LAST = chunk(usage=USAGE_JSON)


def decode(stream: Iterable[bytes]) -> list[Event]:
    decoder, cutter = CHAT_CODEC.decoder(), SseCutter()
    said: list[Event] = []
    for piece in stream:
        for event in events(cutter.feed(piece)):
            said += decoder.feed(event)
    return said + decoder.finish()


def answer(*parts: Part, **fields: Any) -> Answer:
    known = {"id": "a1", "model": "m", "created_s": 7, "usage": USAGE, **fields}
    return Answer(parts=parts, **known)


LS = ToolCall(id="c1", name="ls", arguments='{"p":1}')
CAT = ToolCall(id="c2", name="cat", arguments='{"q":2}')
STREAMS = [
    pytest.param(
        [ROLE, chunk({"content": "a"}), chunk({"content": "b é\u2028"}), chunk({}, "stop"), LAST],
        answer(Text(text="ab é\u2028")),
        id="text, then usage alone",
    ),
    pytest.param(
        [
            ROLE,
            chunk({"reasoning_content": "h", "reasoning": "h"}),
            chunk({"reasoning": "m"}),
            chunk({"content": "so"}),
            chunk({}, "stop", usage=USAGE_JSON),
        ],
        answer(Thinking(text="hm"), Text(text="so")),
        id="reasoning of both spellings, usage with the finish reason",
    ),
    pytest.param(
        [
            ROLE,
            calls(first(0, "c1", "ls"), first(1, "c2", "cat")),
            calls(more(1, '{"q"'), more(0, '{"p"')),
            calls(more(0, ":1}"), more(1, ":2}")),
            chunk({}, "tool_calls"),
            LAST,
            DONE,
        ],
        answer(LS, CAT, stop="tool_call"),
        id="calls interleave, several in a chunk",
    ),
    pytest.param(
        [
            ROLE,
            calls(first(0, "c1", "ls", '{"p"')),
            calls(first(0, "c1", "ls", ":1}")),
            chunk({}, "stop"),
            LAST,
        ],
        answer(LS, stop="tool_call"),
        id="id and name are repeated, and the server says stop",
    ),
    pytest.param(
        [
            calls(first(None, "c1", "ls", '{"p"')),
            calls(more(None, ":1}")),
            calls(first(None, "c2", "cat", {"q": 2})),
            chunk({}, "tool_calls"),
            LAST,
        ],
        answer(LS, CAT, stop="tool_call"),
        id="no index, and arguments that are an object",
    ),
    pytest.param(
        [
            calls(first(0, "c1", "ls", '{"p":1}')),
            calls(first(0, "c2", "cat", '{"q":2}')),
            chunk({}, "tool_calls"),
            LAST,
        ],
        answer(LS, CAT, stop="tool_call"),
        id="one index for all calls, told apart by id",
    ),
    pytest.param(
        [
            calls({"index": 0, "id": "c1"}),
            calls(more(0, '{"p"')),
            calls(first(0, None, "ls", ":1}")),
            chunk({}, "tool_calls"),
            LAST,
        ],
        answer(LS, stop="tool_call"),
        id="the name comes late",
    ),
    pytest.param(
        [
            chunk({"content": "a"}),
            calls(first(0, "c1", "ls")),
            chunk({"content": "b"}),
            calls(more(0, '{"p":1}')),
            chunk({}, "tool_calls"),
            LAST,
        ],
        answer(Text(text="a"), LS, Text(text="b"), stop="tool_call"),
        id="text between the pieces of a call",
    ),
    pytest.param(
        [calls(first(0, "c1", "ls")), chunk({}, "tool_calls"), LAST],
        answer(ToolCall(id="c1", name="ls", arguments="{}"), stop="tool_call"),
        id="no arguments",
    ),
    pytest.param(
        [calls(first(0, "c1", "ls", '{"p":')), chunk({}, "length"), LAST],
        answer(ToolCall(id="c1", name="ls", arguments='{"p":'), stop="max_tokens"),
        id="a call that was cut by the limit",
    ),
    pytest.param(
        [chunk({"refusal": "n"}), chunk({"refusal": "o"}), chunk({}, "stop"), LAST],
        answer(Refusal(text="no"), stop="refusal"),
        id="a refusal",
    ),
    pytest.param(
        [chunk({"content": "a"}), chunk({}, "content_filter"), LAST],
        answer(Text(text="a"), stop="refusal"),
        id="a content filter",
    ),
    pytest.param(
        [
            chunk(),
            b": comment\r\n\r\n",
            b"data:garbage\n\n",
            chunk({"content": "a"}),
            chunk(
                None,
                choices=[{"index": 1, "delta": {"content": "z"}, "finish_reason": "length"}],
            ),
            chunk({}, "stop"),
            LAST,
            chunk({"content": "late"}),
            DONE,
        ],
        answer(Text(text="a")),
        id="garbage, another choice, and what comes too late",
    ),
    pytest.param(
        [chunk({"content": "a"}), chunk({}, "stop")],
        answer(Text(text="a"), usage=Usage()),
        id="no usage, and the end of the bytes",
    ),
    pytest.param(
        [chunk({"content": "a"}), DONE],
        answer(Text(text="a"), usage=Usage()),
        id="no finish reason",
    ),
    pytest.param(
        [chunk({"function_call": {"name": "ls", "arguments": '{"p":1}'}}), chunk({}, "stop"), LAST],
        answer(
            msgspec.structs.replace(LS, id="invented"),
            stop="tool_call",
        ),
        id="the retired function_call",
    ),
]


def same(found: Answer | None, expected: Answer) -> None:
    """Compare; ids that had to be invented need only be there."""
    assert found is not None
    parts = [
        msgspec.structs.replace(theirs, id=ours.id)
        if isinstance(ours, ToolCall) and isinstance(theirs, ToolCall) and len(theirs.id) > 20
        else theirs
        for ours, theirs in zip(expected.parts, found.parts, strict=True)
    ]
    assert msgspec.structs.replace(found, parts=tuple(parts)) == expected


@pytest.mark.parametrize(("stream", "expected"), STREAMS)
def test_a_stream_folds_to_its_answer(stream: list[bytes], expected: Answer) -> None:
    said = decode(stream)
    same(fold(said), expected)
    assert [event for event in said if isinstance(event, Started | Finished)] == [
        said[0],
        said[-1],
    ]
    began = {event.index for event in said if isinstance(event, Began)}
    assert sorted(event.index for event in said if isinstance(event, Ended)) == sorted(began)
    assert began == set(range(len(began)))


@pytest.mark.parametrize(("stream", "expected"), STREAMS)
def test_any_cut_gives_the_same_events(stream: list[bytes], expected: Answer) -> None:
    whole = b"".join(stream)
    cut = [whole[at : at + 1] for at in range(len(whole))]
    assert decode(cut) == decode([whole])
    crlf = whole.replace(b"\n\n", b"\r\n\r\n")
    assert decode([crlf]) == decode([whole])
    same(fold(decode(cut)), expected)


UNFINISHED = [
    pytest.param([ROLE, chunk({"content": "a"})], id="cut in the text"),
    pytest.param([b'data: {"error":{"message":"x"}}\n\n', DONE], id="an error"),
    pytest.param(
        [chunk({"content": "a"}), b'data: {"object":"error","message":"x"}\n\n', DONE],
        id="a bare error after content",
    ),
    pytest.param([], id="nothing"),
]


@pytest.mark.parametrize("stream", UNFINISHED)
def test_what_broke_off_is_not_finished(stream: list[bytes]) -> None:
    assert fold(decode(stream)) is None


def whole(message: dict[str, Any], reason: str | None = "stop") -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    said = {"id": "a1", "created": 7, "model": "m", "choices": [choice], "usage": USAGE_JSON}
    return msgspec.json.encode(said)


def called(*deltas: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(deltas)}


WHOLE = [
    pytest.param({"content": "a"}, answer(Text(text="a")), id="text"),
    pytest.param(
        {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        answer(Text(text="ab")),
        id="a list of texts",
    ),
    pytest.param(
        {"reasoning_content": "hm", "content": "so"},
        answer(Thinking(text="hm"), Text(text="so")),
        id="reasoning",
    ),
    pytest.param(
        called(first(None, "c1", "ls", '{"p":1}'), first(None, "c2", "cat", {"q": 2})),
        answer(LS, CAT, stop="tool_call"),
        id="calls",
    ),
    pytest.param({"refusal": "no"}, answer(Refusal(text="no"), stop="refusal"), id="a refusal"),
    pytest.param({"content": None}, answer(), id="nothing"),
]


@pytest.mark.parametrize(("message", "expected"), WHOLE)
def test_a_whole_answer(message: dict[str, Any], expected: Answer) -> None:
    assert CHAT_CODEC.read_answer(whole(message), []) == expected


@pytest.mark.parametrize(("message", "expected"), WHOLE)
def test_a_stream_says_what_the_whole_answer_says(
    message: dict[str, Any], expected: Answer
) -> None:
    stream = [chunk({"role": "assistant"}), chunk(message), chunk({}, "stop"), LAST]
    assert fold(decode(stream)) == expected


@pytest.mark.parametrize("created", ["soon", 1e300, -1, 2**70, [1], None])
def test_a_time_that_is_none_is_unknown(created: object) -> None:
    said = msgspec.json.decode(whole({"content": "a"}))
    body = msgspec.json.encode(said | {"created": 0}).replace(
        b'"created":0', b'"created":' + json_module.dumps(created).encode()
    )
    found = CHAT_CODEC.read_answer(body, [])
    assert found == answer(Text(text="a"), created_s=None)


def test_an_invented_id_is_the_same_in_both_forms() -> None:
    message = called(first(0, None, "ls"), first(1, None, "ls"))
    found = CHAT_CODEC.read_answer(whole(message), [])
    assert found == fold(decode([chunk(message), chunk({}, "stop"), LAST]))
    assert found is not None
    assert len({part.id for part in found.parts if isinstance(part, ToolCall)}) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"choices":[]}',
        b'{"choices":[{}]}',
        b'{"choices":5}',
        b'{"error":{"message":"x"},"choices":[{"message":{"content":"a"}}]}',
    ],
)
def test_no_answer(body: bytes) -> None:
    assert CHAT_CODEC.read_answer(body, []) is None


SAID = [
    pytest.param(answer(Text(text="hi")), id="text"),
    pytest.param(answer(Thinking(text="hm"), Text(text="so")), id="thinking, text"),
    pytest.param(answer(Text(text="a"), LS, CAT, stop="tool_call"), id="text, calls"),
    pytest.param(
        answer(ToolCall(id="c1", name="e", arguments="x = 1", custom=True), stop="tool_call"),
        id="a free-form call",
    ),
    pytest.param(
        answer(ToolCall(id="c1", name="ls", arguments="{}"), stop="tool_call"), id="no arguments"
    ),
    pytest.param(answer(Text(text="a"), stop="max_tokens"), id="the limit"),
    pytest.param(answer(Refusal(text="no"), stop="refusal"), id="a refusal"),
    pytest.param(answer(Text(text="a"), stop="refusal"), id="a filter"),
    pytest.param(answer(), id="nothing"),
    pytest.param(
        answer(
            Text(
                text="so é",
                citations=(
                    Citation(url="https://a", title="A", start=0, end=2),
                    Citation(url="https://b", start=3, end=4),
                ),
            ),
            LS,
            stop="tool_call",
        ),
        id="a cited text before a call",
    ),
]


def encode(said: Iterable[Event], asked: Request = ASKED) -> bytes:
    encoder = CHAT_CODEC.encoder(asked)
    stream = b"".join(encoder.feed(event) for event in said)
    assert encoder.losses == []
    return stream


@pytest.mark.parametrize("said", SAID)
def test_what_is_streamed_decodes_the_same(said: Answer) -> None:
    assert fold(decode([encode(unfold(said))])) == said


@pytest.mark.parametrize("said", SAID)
def test_what_is_written_whole_reads_the_same(said: Answer) -> None:
    losses: list[Loss] = []
    assert CHAT_CODEC.read_answer(CHAT_CODEC.write_answer(said, ASKED, losses), []) == said
    assert losses == []


def test_interleaved_calls_stay_apart() -> None:
    bare = [msgspec.structs.replace(call, arguments="") for call in (LS, CAT)]
    said: list[Event] = [
        Started(id="a1", model="m", created_s=7),
        Began(index=0, part=bare[0]),
        Began(index=1, part=bare[1]),
        Piece(index=1, text='{"q"'),
        Piece(index=0, text='{"p":1}'),
        Piece(index=1, text=":2}"),
        Ended(1),
        Ended(0),
        Finished(stop="tool_call", usage=USAGE),
    ]
    assert fold(decode([encode(said)])) == answer(LS, CAT, stop="tool_call")


def test_the_grammar_of_a_stream() -> None:
    stream = encode(unfold(answer(Text(text="a"), LS, stop="tool_call")))
    *sent, done = (event.data for event in events(stream))
    assert done == b"[DONE]"
    chunks = [msgspec.json.decode(data) for data in sent]
    assert {(c["id"], c["created"], c["model"], c["object"]) for c in chunks} == {
        ("a1", 7, "m", "chat.completion.chunk")
    }
    deltas = [c["choices"][0]["delta"] for c in chunks if c["choices"]]
    named = {"index": 0, "id": "c1", "type": "function"}
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"content": "a"},
        {"tool_calls": [{**named, "function": {"name": "ls", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"p":1}'}}]},
        {},
    ]
    reasons = [c["choices"][0]["finish_reason"] for c in chunks if c["choices"]]
    assert reasons == [None, None, None, None, "tool_calls"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {**USAGE_JSON, "total_tokens": 15}


def test_usage_is_hidden_from_who_did_not_ask() -> None:
    asked = msgspec.structs.replace(ASKED, usage_shown=False)
    assert b"usage" not in encode(unfold(answer(Text(text="a"))), asked)


def test_what_clients_cannot_be_told_is_a_loss_in_both_forms() -> None:
    token = Opaque("anthropic", "t")
    said = answer(
        Thinking(text="hm", opaque=token),
        Media(kind="image", data="x"),
        msgspec.structs.replace(LS, opaque=token),
        stop_sequence="END",
    )
    asked = msgspec.structs.replace(ASKED, sampling=Sampling(logprobs=True, answers=2))
    losses: list[Loss] = []
    CHAT_CODEC.write_answer(said, asked, losses)
    encoder = CHAT_CODEC.encoder(asked)
    for event in unfold(said):
        encoder.feed(event)
    assert encoder.losses == losses
    assert [loss.what for loss in losses] == [*["signature", "media", "signature", "stop_sequence"]]
    assert encoder.feed(Signed(index=0, opaque=token)) == b""


def test_a_broken_stream_ends_in_an_error() -> None:
    encoder = CHAT_CODEC.encoder(ASKED)
    encoder.feed(Started())
    (event,) = events(encoder.error_event("why"))
    assert msgspec.json.decode(event.data)["error"]["message"] == "why"


def test_nothing_is_counted() -> None:
    assert CHAT_CODEC.read_count(b"{}") is None
    assert CHAT_CODEC.write_count is None


json = nested(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *["choices", "delta", "message", "index", "content", "tool_calls", "function"],
                    *["id", "name", "arguments", "usage", "finish_reason", "created", "error"],
                ]
            ),
            inner,
            max_size=5,
        )
    ),
).map(msgspec.json.encode)


@given(sent=st.lists(json | st.binary(max_size=9), max_size=4))
def test_garbage_raises_nothing(sent: list[bytes]) -> None:
    decoder = CHAT_CODEC.decoder()
    said = [event for data in sent for event in decoder.feed(SseEvent(b"", data))]
    said += decoder.finish()
    assert sum(isinstance(event, Finished) for event in said) <= 1
    fold(said)
    for data in sent:
        CHAT_CODEC.read_answer(data, [])


CITED = Text(text="so é", citations=(Citation(url="https://a", title="A"),) * 2)
JUDGED = answer(Thinking(text="hm"), CITED, LS, CAT, stop="tool_call")


def check(completion: Any) -> None:
    choice = completion.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "so é"
    assert choice.message.reasoning_content == "hm"
    cited = [annotation.url_citation.to_dict() for annotation in choice.message.annotations]
    assert cited == [{"start_index": 0, "end_index": 4, "title": "A", "url": "https://a"}] * 2
    found = [
        (call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls
    ]
    assert found == [("c1", "ls", '{"p":1}'), ("c2", "cat", '{"q":2}')]
    assert completion.usage.total_tokens == 15
    assert completion.usage.prompt_tokens_details.cached_tokens == 4
    assert completion.id == "a1"


@pytest.mark.anyio
async def test_the_sdk_shows_a_whole_answer() -> None:
    body = CHAT_CODEC.write_answer(JUDGED, ASKED, [])
    async with (
        canned(body, "application/json") as url,
        openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=0) as client,
    ):
        check(await client.chat.completions.create(model="m", messages=[]))


@pytest.mark.anyio
async def test_the_sdk_shows_a_stream() -> None:
    async with (
        canned(encode(unfold(JUDGED)), "text/event-stream") as url,
        openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=0) as client,
        client.chat.completions.stream(model="m", messages=[]) as stream,
    ):
        check(await stream.get_final_completion())


@pytest.mark.anyio
async def test_the_sdk_raises_at_a_broken_stream() -> None:
    encoder = CHAT_CODEC.encoder(ASKED)
    body = encoder.feed(Started()) + encoder.error_event("why")
    async with (
        canned(body, "text/event-stream") as url,
        openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=0) as client,
    ):
        chunks = await client.chat.completions.create(model="m", messages=[], stream=True)
        with pytest.raises(openai.APIError, match="why"):
            [chunk async for chunk in chunks]
