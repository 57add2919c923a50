"""Requests and answers from wire to wire, on fake wires."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Usage
from proxy.canonical.answer import Answer
from proxy.canonical.fold import unfold
from proxy.canonical.parts import Opaque, Part, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Reasoning, Request, Tool, ToolChoice, Turn
from proxy.convert.request import Conversion, Wanted, convert_request
from proxy.convert.stream import (
    ConvertedAnswer,
    StreamConversion,
    convert_answer,
    stream_of_whole,
    whole_of_stream,
)
from proxy.errors import ClientError
from tests.convert.fake import CLIENT, HERE, PROVIDER, FakeDecoder, FakeEncoder

PATCH = Tool(name="apply_patch", custom=True)
LONG = "a_tool_with_a_name_that_is_longer_than_the_provider_takes"
ASKED = Request(
    model="claude-x-thinking",
    turns=(
        Turn(role="user", parts=(Text(text="hello"),)),
        Turn(
            role="assistant",
            parts=(
                Thinking(text="hm", opaque=Opaque("client", "t")),
                ToolCall(id="a", name=LONG, namespace="ns", arguments="{}"),
            ),
        ),
    ),
    tools=(PATCH, Tool(name=LONG, namespace="ns", schema="{}")),
    tool_choice=ToolChoice(mode="auto"),
    max_output_tokens=20_000,
)
LOST = Loss("model", "claude-x-thinking", "the fake loses it")


def converted(model: str | None = None) -> Conversion:
    return convert_request(CLIENT, PROVIDER, msgspec.json.encode(ASKED), HERE, Wanted(model))


def provider_answer(conversion: Conversion) -> tuple[Answer, Answer]:
    """Return an answer in the names that were sent, and what the client must see."""
    patch, grouped = msgspec.json.decode(conversion.written.body, type=Request).tools
    rest: tuple[Part, ...] = (Thinking(text="é", opaque=Opaque("provider", "s")), Text(text="hi"))
    sent = (
        *rest,
        ToolCall(id="1", name=patch.name, arguments='{"input":"x"}'),
        ToolCall(id="2", name=grouped.name, arguments='{"a":1}'),
    )
    meant = (
        *rest,
        ToolCall(id="1", name="apply_patch", arguments="x", custom=True),
        ToolCall(id="2", name=LONG, namespace="ns", arguments='{"a":1}'),
    )
    answers = (
        Answer(id="m", parts=of, stop="tool_call", usage=Usage(output=3)) for of in (sent, meant)
    )
    told, seen = answers
    return told, seen


def in_events(answer: Answer) -> list[bytes]:
    return [b"data: " + msgspec.json.encode(event) + b"\n\n" for event in unfold(answer)]


def test_a_request_is_read_settled_fitted_and_written() -> None:
    conversion = converted()
    assert conversion.request == ASKED
    sent = msgspec.json.decode(conversion.written.body, type=Request)
    assert sent.model == "claude-x"
    assert sent.reasoning == Reasoning(effort="xhigh", budget_tokens=19_999)
    assert [turn.role for turn in sent.turns] == ["user", "assistant", "user"]
    assert not any(tool.custom or tool.namespace for tool in sent.tools)
    assert all(len(tool.name) <= PROVIDER.tools.max_name_chars for tool in sent.tools)
    assert [loss.path for loss in conversion.losses] == [
        "read",
        "turns[1].parts[0].opaque",
        "turns[1].parts[1]",
        "written",
    ]


def test_the_model_that_routing_chose_is_asked_for_as_it_stands() -> None:
    sent = msgspec.json.decode(converted("other-thinking").written.body, type=Request)
    assert sent.model == "other-thinking"
    assert sent.reasoning.budget_tokens == 19_999


def test_a_request_that_cannot_be_read_is_the_clients_fault() -> None:
    with pytest.raises(ClientError):
        convert_request(CLIENT, PROVIDER, b"{", HERE)


def test_a_whole_answer() -> None:
    conversion = converted()
    told, seen = provider_answer(conversion)
    answer = convert_answer(CLIENT, PROVIDER, conversion, msgspec.json.encode(told))
    assert answer == ConvertedAnswer(msgspec.json.encode(seen), (LOST,))


def test_a_whole_answer_to_a_client_that_wants_a_stream() -> None:
    conversion = converted()
    told, seen = provider_answer(conversion)
    stream = stream_of_whole(CLIENT, PROVIDER, conversion, msgspec.json.encode(told))
    assert stream == ConvertedAnswer(b"".join(in_events(seen)), (LOST,))


def test_a_stream_to_a_client_that_wants_a_whole_answer() -> None:
    conversion = converted()
    told, seen = provider_answer(conversion)
    whole = whole_of_stream(CLIENT, PROVIDER, conversion, b"".join(in_events(told)))
    assert whole == ConvertedAnswer(msgspec.json.encode(seen), (LOST,))


def test_what_is_no_answer_gives_none() -> None:
    conversion = converted()
    told, _ = provider_answer(conversion)
    cut = b"".join(in_events(told)[:-1])
    assert convert_answer(CLIENT, PROVIDER, conversion, b"<html>") is None
    assert stream_of_whole(CLIENT, PROVIDER, conversion, b"<html>") is None
    assert whole_of_stream(CLIENT, PROVIDER, conversion, cut) is None
    assert whole_of_stream(CLIENT, PROVIDER, conversion, b"") is None


def test_a_stream_is_converted_as_it_comes() -> None:
    conversion = converted()
    told, seen = provider_answer(conversion)
    stream = StreamConversion(FakeDecoder(), conversion.names, FakeEncoder(conversion.request))
    *first, last = in_events(told)
    assert b"".join(stream.feed(block) for block in first) == b"".join(in_events(seen)[:-1])
    assert stream.feed(last) == b""
    before = stream.finished
    assert stream.finish() == in_events(seen)[-1]
    assert (before, stream.finished) == (False, True)
    assert stream.losses == (LOST,)
    assert stream.feed(first[0]) == b""
    assert b"cut off" in stream.error_event("cut off")


CONVERSION = converted()
EVENTS = in_events(provider_answer(CONVERSION)[0])


@given(st.sets(st.integers(0, len(EVENTS))))
def test_any_cut_gives_the_same_stream(at: set[int]) -> None:
    def of(blocks: list[bytes]) -> bytes:
        stream = StreamConversion(FakeDecoder(), CONVERSION.names, FakeEncoder(CONVERSION.request))
        return b"".join(stream.feed(block) for block in blocks) + stream.finish()

    edges = [0, *sorted(at), len(EVENTS)]
    blocks = [b"".join(EVENTS[start:stop]) for start, stop in itertools.pairwise(edges)]
    assert of(blocks) == of([b"".join(EVENTS)])


def test_many_pieces_of_a_held_call_come_as_one() -> None:
    stream = StreamConversion(FakeDecoder(), CONVERSION.names, FakeEncoder(CONVERSION.request))
    call = ToolCall(id="1", name="apply_patch", arguments="")
    began, piece, ended = (
        b"data: " + text + b"\n\n"
        for text in (
            b'{"type":"began","index":0,"part":%b}' % msgspec.json.encode(call),
            b'{"type":"piece","index":0,"text":"%b"}' % (b"x" * 64),
            b'{"type":"ended","index":0}',
        )
    )
    stream.feed(began)
    for _ in range(10_000):
        assert stream.feed(piece) == b""
    assert b"x" * 640_000 in stream.feed(ended)
