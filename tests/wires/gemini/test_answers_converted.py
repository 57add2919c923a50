from collections.abc import Iterable
from itertools import pairwise

import msgspec
import pytest
from google import genai
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, Began, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Media, Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.sse import SseCutter, events
from proxy.wire import Location
from proxy.wires.gemini.codec import GEMINI_CODEC
from tests.wires.canned import canned

ASKED = Request(model="asked", turns=())
SIGNED = Opaque("gemini", "c2ln")
FOREIGN = Opaque("anthropic", "s-1")
USAGE = Usage(prompt=10, uncached_input=6, cache_read=4, output=9, reasoning=5)
CALL = ToolCall(id="c1", name="f", arguments='{"a":"b"}')


def decoded(data: bytes, cuts: Iterable[int] = ()) -> list[Event]:
    cutter, decoder = SseCutter(), GEMINI_CODEC.decoder()
    found: list[Event] = []
    places = [0, *sorted(cuts), len(data)]
    for begin, end in pairwise(places):
        for event in events(cutter.feed(data[begin:end])):
            found += decoder.feed(event)
    for event in events(cutter.rest):
        found += decoder.feed(event)
    return found + decoder.finish()


def encoded(said: Iterable[Event]) -> bytes:
    encoder = GEMINI_CODEC.encoder(ASKED)
    return b"".join(encoder.feed(event) for event in said)


def answered(*parts: Part, **more: object) -> Answer:
    answer = Answer(id="r1", model="g", parts=parts, usage=USAGE)
    return msgspec.structs.replace(answer, **more)


ANSWERS = [
    pytest.param(answered(Text(text="hé\n")), id="text"),
    pytest.param(answered(), id="nothing"),
    pytest.param(
        answered(
            Thinking(text="hm", opaque=FOREIGN),
            Text(
                text="hé ñ",
                citations=(
                    Citation(url="https://a", title="A", start=1, end=2),
                    Citation(title="B", quote="hé", start=1, end=2),
                    Citation(url="https://a", title="A", start=3, end=4),
                ),
            ),
        ),
        id="a cited text",
    ),
    pytest.param(
        answered(
            Text(text="é", citations=(Citation(url="https://a", start=0, end=1),)),
            CALL,
            Text(text="ñ", citations=(Citation(url="https://b", start=0, end=1),)),
            stop="tool_call",
        ),
        id="cited texts around a call",
    ),
    pytest.param(
        answered(Thinking(text="hm", opaque=FOREIGN), Text(text="a"), CALL, stop="tool_call"),
        id="another wire's thinking, text and a call",
    ),
    pytest.param(
        answered(
            Thinking(redacted=True, opaque=FOREIGN),
            msgspec.structs.replace(CALL, opaque=SIGNED),
            msgspec.structs.replace(CALL, id="c2", arguments="{}"),
            stop="tool_call",
        ),
        id="parallel calls behind redacted thinking",
    ),
    pytest.param(answered(Text(text="a"), Text(text="", opaque=SIGNED)), id="signed at its end"),
    pytest.param(answered(Text(text="a", opaque=SIGNED)), id="signed text"),
    pytest.param(answered(Media(kind="image", media_type="image/png", data="AAAA")), id="an image"),
    *(
        pytest.param(answered(Text(text="a"), stop=stop), id=f"stopped by {stop}")
        for stop in ("max_tokens", "refusal", "broken")
    ),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    losses: list[Loss] = []
    assert GEMINI_CODEC.read_answer(GEMINI_CODEC.write_answer(answer, ASKED, losses), []) == answer
    assert losses == []
    assert fold(decoded(encoded(unfold(answer)))) == answer


@given(st.data())
def test_any_cut_of_a_stream_gives_the_same_events(data: st.DataObject) -> None:
    stream = encoded(unfold(answered(Thinking(text="hm"), Text(text="hé" * 9), CALL)))
    cuts = data.draw(st.lists(st.integers(0, len(stream))))
    assert decoded(stream, cuts) == decoded(stream)


PIECES = (
    (
        '{"candidates":[{"content":{"parts":[{"text":"th","thought":true}],"role":"model"}}],'
        '"modelVersion":"g","responseId":"r"}'
    ),
    '{"candidates":[{"content":{"parts":[{"text":"ink","thought":true},{"text":"Hel"}]}}]}',
    (
        '{"candidates":[{"content":{"parts":[{"text":"lo"}]}},'
        '{"index":1,"content":{"parts":[{"text":"other"}]},"finishReason":"STOP"}]}'
    ),
    "garbage",
    (
        '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"b":1.0}},'
        '"thoughtSignature":"c2ln"},{"functionCall":{"name":"f"}},{"odd":1},5]}}]}'
    ),
    '{"candidates":[{"finishReason":"STOP"}]}',
    '{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"thoughtsTokenCount":1}}',
)
WHOLE = (
    '{"candidates":[{"content":{"parts":[{"text":"think","thought":true},{"text":"Hello"},'
    '{"functionCall":{"name":"f","args":{"b":1.0}},"thoughtSignature":"c2ln"},'
    '{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}],"modelVersion":"g","responseId":"r",'
    '"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"thoughtsTokenCount":1}}'
)


def test_a_stream_says_the_same_as_the_whole_answer() -> None:
    streamed = fold(decoded("".join(f"data: {piece}\n\n" for piece in PIECES).encode()))
    whole = GEMINI_CODEC.read_answer(WHOLE.encode(), [])
    assert streamed == whole
    assert whole is not None
    assert whole.stop == "tool_call"
    assert whole.usage == Usage(prompt=3, uncached_input=3, cache_read=0, output=3, reasoning=1)
    first, second = (part for part in whole.parts if isinstance(part, ToolCall))
    assert (first.arguments, first.opaque, second.arguments) == ('{"b":1.0}', SIGNED, "{}")
    assert first.id != second.id


def test_calls_of_two_answers_differ_in_their_ids() -> None:
    other = GEMINI_CODEC.read_answer(WHOLE.replace('"r"', '"r2"').encode(), [])
    whole = GEMINI_CODEC.read_answer(WHOLE.encode(), [])
    assert other is not None
    assert whole is not None
    assert other.parts[2] != whole.parts[2]


@pytest.mark.parametrize(
    ("stream", "stop"),
    [
        pytest.param(
            b'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}', None, id="cut"
        ),
        pytest.param(
            b'data: {"candidates":[{"finishReason":"STOP"}]}\n\ndata: {"error":{"code":503}}\n\n',
            None,
            id="an error",
        ),
        pytest.param(
            b'data: {"promptFeedback":{"blockReason":"OTHER"}}\n\n',
            "refusal",
            id="a refused prompt",
        ),
        pytest.param(
            b'data: {"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}\n\n',
            "broken",
            id="a call that cannot be read",
        ),
    ],
)
def test_how_a_stream_ends(stream: bytes, stop: str | None) -> None:
    answer = fold(decoded(stream))
    assert (None if answer is None else answer.stop) == stop


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"[1]", b'{"error":{"code":500}}'])
def test_what_is_no_answer_is_none(body: bytes) -> None:
    assert GEMINI_CODEC.read_answer(body, []) is None


def test_interleaved_calls_are_written_whole_and_in_order() -> None:
    bare = msgspec.structs.replace(CALL, arguments="")
    stream = encoded(
        [
            Started(id="r1", model="g"),
            Began(index=0, part=bare),
            Began(index=1, part=msgspec.structs.replace(bare, id="c2")),
            Piece(index=0, text='{"a":\n'),
            Piece(index=1, text="{"),
            Piece(index=1, text="}"),
            Ended(1),
            Piece(index=0, text="1}"),
            Ended(0),
            Finished(stop="tool_call"),
        ]
    )
    assert [line.partition(b'"args":')[2][:7] for line in stream.split(b"\n\n")[:2]] == [
        b'{"a":1}',
        b'{},"id"',
    ]
    assert stream.count(b"\n") == 6


def test_pieces_are_written_at_once_and_a_thoughts_token_last() -> None:
    encoder = GEMINI_CODEC.encoder(ASKED)
    assert encoder.feed(Started()) == encoder.feed(Began(index=0, part=Thinking())) == b""
    assert b'"parts":[{"text":"hm","thought":true}]' in encoder.feed(Piece(index=0, text="hm"))
    assert encoder.feed(Signed(index=0, opaque=FOREIGN)) == b""
    assert b'{"text":"","thought":true,"thoughtSignature":"' in encoder.feed(Ended(0))
    assert encoder.feed(Finished(stop="end")) == (
        b'data: {"candidates":[{"finishReason":"STOP","index":0}],"modelVersion":"asked"}\n\n'
    )


def test_what_a_client_cannot_hear_is_a_loss() -> None:
    broken = ToolCall(id="c", name="f", arguments='{"a')
    answer = answered(Refusal(text="no"), broken, stop="tool_call", stop_sequence="x")
    losses: list[Loss] = []
    body = GEMINI_CODEC.write_answer(answer, ASKED, losses)
    assert b'"finishReason":"MALFORMED_FUNCTION_CALL"' in body
    assert [loss.path for loss in losses] == ["parts[0]", "parts[1]", "stop_sequence"]
    encoder = GEMINI_CODEC.encoder(ASKED)
    stream = b"".join(encoder.feed(event) for event in unfold(answer))
    assert b'"finishReason":"MALFORMED_FUNCTION_CALL"' in stream
    assert encoder.losses == losses


def test_counts() -> None:
    assert GEMINI_CODEC.write_count is not None
    assert GEMINI_CODEC.read_count(GEMINI_CODEC.write_count(7)) == 7
    assert GEMINI_CODEC.read_count(b"{}") is None


def client(address: str) -> genai.client.AsyncClient:
    options = types.HttpOptions(base_url=address)
    return genai.Client(api_key="k", http_options=options).aio


LOCATION = Location("/v1/models/g:generateContent", {})
SPOKEN = answered(
    Thinking(text="hm", opaque=FOREIGN), Text(text="h\u2028\x85é"), CALL, stop="tool_call"
)
GROUNDED = answered(Text(text="hé"), Text(text="ñ", citations=(Citation(url="https://a"),)))


def judged(parts: list[types.Part]) -> None:
    assert "".join(part.text or "" for part in parts if not part.thought) == "h\u2028\x85é"
    assert "".join(part.text or "" for part in parts if part.thought) == "hm"
    calls = [part.function_call for part in parts if part.function_call]
    assert [(call.name, call.id, call.args) for call in calls] == [("f", "c1", {"a": "b"})]
    kept = types.Content(role="model", parts=parts).model_dump_json(exclude_none=True)
    request = GEMINI_CODEC.read_request(f'{{"contents":[{kept}]}}'.encode(), LOCATION).request
    assert request.turns[0].parts == SPOKEN.parts


def judged_usage(usage: types.GenerateContentResponseUsageMetadata | None) -> None:
    assert usage is not None
    assert (usage.prompt_token_count, usage.candidates_token_count) == (10, 4)
    assert (usage.thoughts_token_count, usage.total_token_count) == (5, 19)


@pytest.mark.anyio
async def test_the_vendors_sdk_reads_a_whole_answer() -> None:
    async with canned(GEMINI_CODEC.write_answer(SPOKEN, ASKED, []), "application/json") as address:
        said = await client(address).models.generate_content(model="g", contents="hi")
    assert said.candidates
    assert said.candidates[0].content
    assert said.candidates[0].finish_reason == types.FinishReason.STOP
    assert (said.model_version, said.response_id) == ("g", "r1")
    judged(said.candidates[0].content.parts or [])
    judged_usage(said.usage_metadata)


@pytest.mark.anyio
async def test_the_vendors_sdk_reads_a_stream() -> None:
    parts: list[types.Part] = []
    async with canned(encoded(unfold(SPOKEN)), "text/event-stream") as address:
        said = await client(address).models.generate_content_stream(model="g", contents="hi")
        pieces = [piece async for piece in said]
    for piece in pieces:
        assert piece.candidates
        content = piece.candidates[0].content
        parts += (content and content.parts) or []
    judged(parts)
    judged_usage(pieces[-1].usage_metadata)


@pytest.mark.anyio
async def test_the_vendors_sdk_reads_what_grounds_an_answer() -> None:
    async with canned(GEMINI_CODEC.write_answer(GROUNDED, ASKED, []), "application/json") as url:
        whole = await client(url).models.generate_content(model="g", contents="hi")
    async with canned(encoded(unfold(GROUNDED)), "text/event-stream") as url:
        said = await client(url).models.generate_content_stream(model="g", contents="hi")
        *_, last = [piece async for piece in said]
    for answer in (whole, last):
        assert answer.candidates
        found = answer.candidates[0].grounding_metadata
        assert found is not None
        assert found.model_dump(exclude_none=True) == {
            "grounding_chunks": [{"web": {"uri": "https://a"}}],
            "grounding_supports": [
                {
                    "grounding_chunk_indices": [0],
                    "segment": {"start_index": 3, "end_index": 5, "text": "ñ"},
                }
            ],
        }
