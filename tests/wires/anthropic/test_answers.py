"""Answers of Anthropic Messages, whole and streamed: to the middle and from it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
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
    StopReason,
)
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Media, Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request, Turn
from proxy.sse import SseCutter, SseEvent, events
from proxy.wire import Location
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC as CODEC
from tests.nested import nested

ASKED = Request(model="claude-x", turns=(Turn(role="user", parts=(Text(text="hi"),)),))
USAGE = Usage(
    prompt=60,
    uncached_input=10,
    cache_read=20,
    cache_write=30,
    cache_write_5m=30,
    cache_write_1h=0,
    output=9,
    reasoning=4,
)
SIGNED = Opaque("anthropic", "c2ln")
CALLS = (
    ToolCall(id="toolu_1", name="read", arguments='{"path": "ä"}'),
    ToolCall(id="toolu_2", name="list", arguments="{}"),
)


def answer(*parts: Part, stop: StopReason = "end", sequence: str | None = None) -> Answer:
    return Answer(
        id="msg_1", model="claude-x", parts=parts, stop=stop, stop_sequence=sequence, usage=USAGE
    )


ANSWERS = [
    pytest.param(answer(Text(text="Grüße \u2028 🎈")), id="text"),
    pytest.param(answer(), id="nothing"),
    pytest.param(
        answer(
            Text(text="I"),
            Text(text="ü", citations=(Citation(url="https://a", title="A", quote="ü."),) * 2),
        ),
        id="a cited text",
    ),
    pytest.param(
        answer(Thinking(text="hm", opaque=SIGNED), Text(text="I"), *CALLS, stop="tool_call"),
        id="a thought, a text and two calls",
    ),
    pytest.param(
        answer(Thinking(redacted=True, opaque=SIGNED), Text(text="I")), id="a hidden thought"
    ),
    pytest.param(answer(Thinking(opaque=SIGNED), Text(text="I")), id="a thought without words"),
    pytest.param(answer(Thinking(text="hm"), Text(text="I")), id="an unsigned thought"),
    *(
        pytest.param(answer(Text(text="I"), stop=stop), id=f"ended by {stop}")
        for stop in ("max_tokens", "context_full", "refusal", "paused")
    ),
    pytest.param(answer(Text(text="I"), stop="stop_sequence", sequence="END"), id="a stop text"),
]


def streamed(said: Sequence[Event], asked: Request = ASKED) -> tuple[bytes, list[Loss]]:
    encoder = CODEC.encoder(asked)
    return b"".join(encoder.feed(event) for event in said), encoder.losses


def decoded(body: bytes, cuts: Sequence[int] = ()) -> list[Event]:
    cutter, decoder = SseCutter(), CODEC.decoder()
    places = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    chunks = [body[a:b] for a, b in pairwise(places)]
    heard = [
        said
        for chunk in chunks
        for event in events(cutter.feed(chunk))
        for said in decoder.feed(event)
    ]
    return heard + decoder.finish()


@pytest.mark.parametrize("whole", ANSWERS)
def test_an_answer_survives_whole_and_streamed(whole: Answer) -> None:
    losses: list[Loss] = []
    assert CODEC.read_answer(CODEC.write_answer(whole, ASKED, losses), []) == whole
    body, lost = streamed(list(unfold(whole)))
    assert fold(decoded(body)) == whole
    assert losses == lost == []


@given(cuts=st.lists(st.integers(0, 10_000), max_size=8), ends=st.sampled_from([b"\n", b"\r\n"]))
def test_any_cut_gives_the_same_events(cuts: list[int], ends: bytes) -> None:
    whole = answer(Thinking(text="hm", opaque=SIGNED), Text(text="ü🎈"), *CALLS, stop="tool_call")
    body = streamed(list(unfold(whole)))[0].replace(b"\n", ends)
    assert decoded(body, cuts) == decoded(body)


INTERLEAVED: list[Event] = [
    Started(id="msg_1", model="claude-x"),
    Began(index=0, part=Text(text="")),
    Began(index=1, part=ToolCall(id="a", name="x", arguments="")),
    Piece(index=1, text='{"k"'),
    Began(index=2, part=ToolCall(id="b", name="y", arguments="")),
    Piece(index=2, text='{"l":'),
    Piece(index=1, text=":1}"),
    Ended(0),
    Piece(index=2, text="2}"),
    Ended(2),
    Ended(1),
    Finished(stop="end", usage=USAGE),
]


def test_interleaved_parts_become_blocks_in_a_row() -> None:
    body, losses = streamed(INTERLEAVED)
    order = [
        (data["index"], event.name.decode().removeprefix("content_block_"))
        for event in events(body)
        if "index" in (data := msgspec.json.decode(event.data))
    ]
    assert order == [
        *((0, "start"), (0, "delta"), (0, "stop")),
        *((1, "start"), (1, "delta"), (1, "stop")),
    ]
    assert fold(decoded(body)) == answer(
        ToolCall(id="a", name="x", arguments='{"k":1}'),
        ToolCall(id="b", name="y", arguments='{"l":2}'),
        stop="tool_call",
    )
    assert losses == []


@pytest.mark.parametrize("late", [False, True], ids=["known at its start", "known at its end"])
def test_a_token_of_a_call_travels_beside_it(late: bool) -> None:
    token = Opaque("gemini", "sig/+=")
    call = ToolCall(id="toolu_1", name="read", arguments="{}", opaque=token)
    said: list[Event] = [
        Started(id="msg_1", model="m"),
        Began(index=0, part=msgspec.structs.replace(call, arguments="", opaque=None)),
        Piece(index=0, text="{}"),
        Signed(index=0, opaque=token),
        Ended(0),
        Finished(stop="tool_call"),
    ]
    body, losses = streamed(said if late else list(unfold(answer(call, stop="tool_call"))))
    heard = fold(decoded(body))
    assert heard is not None
    assert losses == []
    shown = msgspec.json.decode(CODEC.write_answer(heard, ASKED, []))["content"]
    assert {block["type"] for block in shown} == {"thinking", "tool_use"}
    turn = {"role": "assistant", "content": shown}
    back = CODEC.read_request(
        msgspec.json.encode({"model": "m", "messages": [turn]}), Location("/v1/messages", {})
    )
    assert back.request.turns[0].parts == (call,)


def test_ids_of_the_conversation_are_not_used_again() -> None:
    call = ToolCall(id="call_0", name="x", arguments="{}")
    asked = msgspec.structs.replace(ASKED, turns=(Turn(role="assistant", parts=(call,)),))
    body, _ = streamed(list(unfold(answer(call))), asked)
    whole = CODEC.read_answer(CODEC.write_answer(answer(call), asked, []), [])
    assert fold(decoded(body)) == whole
    assert whole is not None
    assert whole.parts == (msgspec.structs.replace(call, id="call_0-again1"),)


def test_an_answer_without_names_or_counts_is_still_whole() -> None:
    """Claude Code refuses a null among the counts, and takes one id for one message."""
    bare = Answer(parts=(Refusal(text="no"),))
    shown = msgspec.json.decode(CODEC.write_answer(bare, ASKED, []))
    start = msgspec.json.decode(next(events(streamed(list(unfold(bare)))[0])).data)["message"]
    counts = ("input_tokens", "output_tokens")
    assert shown["model"] == start["model"] == "claude-x"
    assert shown["id"] == start["id"] != ""
    assert [start["usage"][name] for name in counts] == [0, 0]
    assert start["content"] == []
    assert shown["content"] == [{"type": "text", "text": "no"}]


LOST = [
    pytest.param(Answer(parts=(Media(kind="image", data="AA=="),)), ["content[0]"], id="an image"),
    pytest.param(Answer(stop="broken"), ["stop_reason"], id="a call that cannot be read"),
]


@pytest.mark.parametrize(("whole", "paths"), LOST)
def test_what_a_client_cannot_be_shown_is_a_loss(whole: Answer, paths: list[str]) -> None:
    losses: list[Loss] = []
    CODEC.write_answer(whole, ASKED, losses)
    assert [loss.path for loss in losses] == paths
    assert [loss.path for loss in streamed(list(unfold(whole)))[1]] == paths


def sse(*said: Mapping[str, object]) -> bytes:
    return b"".join(b"data:" + msgspec.json.encode(event) + b"\r\n\r\n" for event in said)


START = {
    "type": "message_start",
    "message": {"id": "m", "model": "x", "usage": {"input_tokens": 3}},
}
STOP = {"type": "message_stop"}


def block(index: int, **said: object) -> dict[str, object]:
    return {"type": "content_block_start", "index": index, "content_block": said}


def test_what_compatible_servers_do() -> None:
    """Text in the start, arguments in the start alone, no stops, no reason, unknown things."""
    body = sse(
        START,
        block(0, type="text", text="a"),
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "b"}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "?"}},
        block(1, type="server_tool_use", id="s", name="web_search", input={}),
        block(2, type="tool_use", id="t", name="x", input={"k": 1}),
        {"type": "surprise"},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5}},
        STOP,
        STOP,
    )
    assert fold(decoded(b": hello\r\n\r\ndata: [DONE\r\n\r\n" + body)) == Answer(
        id="m",
        model="x",
        parts=(Text(text="ab"), ToolCall(id="t", name="x", arguments='{"k":1}')),
        stop="tool_call",
        usage=Usage(prompt=3, uncached_input=3, output=5),
    )


BROKEN = [
    pytest.param(sse(START, block(0, type="text", text="a")), id="it breaks off"),
    pytest.param(
        sse(START, {"type": "error", "error": {"type": "api_error"}}, STOP), id="an error"
    ),
    pytest.param(b"", id="nothing"),
    pytest.param(streamed(INTERLEAVED[:-1])[0], id="our own, without an end"),
]


@pytest.mark.parametrize("body", BROKEN)
def test_without_an_end_it_is_not_finished(body: bytes) -> None:
    assert fold(decoded(body)) is None


NO_ANSWERS = [
    pytest.param(b"{", id="no JSON"),
    pytest.param(b'{"type":"error","error":{"type":"api_error"}}', id="an error"),
    pytest.param(b'{"choices":[]}', id="of another wire"),
]


@pytest.mark.parametrize("body", NO_ANSWERS)
def test_no_answer_is_none(body: bytes) -> None:
    assert CODEC.read_answer(body, []) is None


values = nested(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "type",
                        "index",
                        "delta",
                        "content_block",
                        "text",
                        "message",
                        "usage",
                        "content",
                    )
                ]
            ),
            inner | st.sampled_from(["text", "tool_use", "message", "content_block_start"]),
            max_size=4,
        )
    ),
)
names = st.sampled_from([b"", b"content_block_delta", b"message_stop", b"message_start", b"error"])


@given(st.lists(st.tuples(names, values.map(msgspec.json.encode) | st.binary(max_size=9))))
def test_garbage_stands_for_nothing(sent: list[tuple[bytes, bytes]]) -> None:
    decoder = CODEC.decoder()
    heard = [said for name, data in sent for said in decoder.feed(SseEvent(name, data))]
    heard += decoder.finish()
    fold(heard)
    assert sum(isinstance(said, Finished) for said in heard) <= 1
    for _, data in sent:
        CODEC.read_answer(data, [])
        CODEC.read_count(data)
