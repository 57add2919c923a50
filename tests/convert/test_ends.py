"""A stream ends for the client where it ends for the relay, whatever a provider sends."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.speech import SPEECH
from fixtures.speech.types import Call, Prompt, Reply, Said, Tool, WireName
from proxy.canonical import Usage
from proxy.canonical.parts import Text
from proxy.canonical.request import Request, Turn
from proxy.convert.names import Names
from proxy.convert.relay import ConvertingRelay
from proxy.convert.stream import StreamConversion
from proxy.errors import Broken
from proxy.relay import Relay
from proxy.wires import CODECS, WIRES
from tests.wires.streams import named

ASKED = Request(model="m", turns=(Turn(role="user", parts=(Text(text="hi"),)),), stream=True)
TOOL = Tool("sh")
SAID = Said(
    id="abc",
    prompt=Prompt(model="m", stream=True, tools=(TOOL,)),
    reply=Reply(texts=("Hello ", "é"), calls=(Call(TOOL, '{"a":1}'),) * 2, thinking="Hm."),
    usage=Usage(prompt=140, uncached_input=40, cache_read=100, output=15, reasoning=5),
)
NAMES = tuple(SPEECH)
GONE = object()
ODD: tuple[Any, ...] = (
    None,
    -1,
    1.5,
    True,
    "",
    "x",
    [],
    {},
    [None],
    {"a": 1},
    10**30,
    1e300,
    "\0",
    "\u2028",
    GONE,
)
each_wire = pytest.mark.parametrize("wire", NAMES)
each_client = pytest.mark.parametrize("client", NAMES)


def carrier(wire: str, client: str) -> ConvertingRelay:
    conversion = StreamConversion(CODECS[wire].decoder(), Names(), CODECS[client].encoder(ASKED))
    return ConvertingRelay(WIRES[wire].reader(), conversion)


def relayed(wire: str, client: str, stream: bytes) -> tuple[ConvertingRelay, bytes]:
    """Return what carried `stream`, and what of it came out."""
    relay = carrier(wire, client)
    return relay, relay.feed(stream) + relay.end()


def shows_end(client: str, stream: bytes) -> bool:
    relay = Relay(WIRES[client].reader())
    relay.feed(stream)
    return relay.terminal


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    inside = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else inside:
        yield from places(inner, (*at, key))


def changed(value: Any, at: tuple[Any, ...], odd: object) -> Any:
    if not at:
        return None if odd is GONE else odd
    key, *rest = at
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    if not rest and odd is GONE:
        del copy[key]
    else:
        copy[key] = changed(value[key], tuple(rest), odd)
    return copy


def spoken(wire: WireName) -> list[bytes]:
    return [body.data for body in SPEECH[wire].events(SAID)]


@st.composite
def odd_streams(draw: st.DrawFn, wire: WireName) -> bytes:
    """Draw a stream of which one value is another, or gone."""
    sent = spoken(wire)
    at = draw(st.integers(0, len(sent) - 1) | st.integers(len(sent) - 3, len(sent) - 1))
    head, _, data = sent[at].partition(b"data: ")
    if data.startswith(b"[DONE]"):
        return b"".join(sent)
    said = json.loads(data)
    place = draw(st.sampled_from(list(places(said))))
    other = json.dumps(changed(said, place, draw(st.sampled_from(ODD))), ensure_ascii=False)
    return b"".join([*sent[:at], head, b"data: ", other.encode(), b"\n\n", *sent[at + 1 :]])


@each_wire
@each_client
@given(data=st.data())
def test_both_ends_are_one(wire: WireName, client: WireName, data: st.DataObject) -> None:
    try:
        relay, out = relayed(wire, client, data.draw(odd_streams(wire)))
    except Broken:
        return
    assert relay.fault or relay.terminal is shows_end(client, out)


def end_of(wire: WireName, data: str) -> bytes:
    *begun, _ = spoken(wire)
    return b"".join(begun) + named(
        {"anthropic": "message_stop", "responses": "response.completed"}[wire], data
    )


@each_client
@pytest.mark.parametrize(
    ("wire", "data"),
    [
        pytest.param("anthropic", "null", id="anthropic: nothing but its name"),
        pytest.param("anthropic", '{"type":"x"}', id="anthropic: of another type"),
        pytest.param("responses", "{}", id="responses: nothing but its name"),
        pytest.param(
            "responses",
            '{"type":"response.completed","response":{"id":"r","model":5}}',
            id="responses: of an answer that is none",
        ),
    ],
)
def test_an_end_of_an_odd_shape_is_the_end(wire: WireName, data: str, client: WireName) -> None:
    stream = end_of(wire, data)
    relay, out = relayed(wire, client, stream)
    assert relay.terminal
    assert shows_end(client, out)
    straight = Relay(WIRES[wire].reader())
    assert straight.feed(stream) == stream
    assert straight.terminal


@each_client
@pytest.mark.parametrize(
    ("wire", "last"),
    [
        pytest.param(
            "chat",
            {"id": 7, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            id="chat: its last chunk has an odd id",
        ),
        pytest.param(
            "chat",
            {"choices": [{"index": 0, "delta": {"tool_calls": {}}, "finish_reason": "stop"}]},
            id="chat: its last chunk has odd calls",
        ),
    ],
)
def test_an_end_that_cannot_be_said_is_none(
    wire: WireName, last: dict[str, object], client: WireName
) -> None:
    words = {"choices": [{"index": 0, "delta": {"content": "Hello"}}]}
    stream = b"".join(b"data: " + json.dumps(one).encode() + b"\n\n" for one in (words, last))
    relay, out = relayed(wire, client, stream)
    assert not relay.terminal
    assert not shows_end(client, out)


BAD = b'data: {"a":\n\n'


@each_wire
@each_client
def test_what_came_with_a_hole_is_told_up_to_it_and_never_as_whole(
    wire: WireName, client: WireName
) -> None:
    sent = spoken(wire)
    last = len(sent) - 2 if wire == "chat" else len(sent) - 1  # there a finish reason is an end
    begun = last // 2
    apart, at_once = carrier(wire, client), carrier(wire, client)
    said = [b"".join(relay.feed(one) for one in sent[:begun]) for relay in (apart, at_once)]
    assert said[0] == said[1] != b""
    told = b"".join(apart.feed(one) for one in sent[begun : begun + 1])
    with_a_hole = sent[begun] + BAD + b"".join(sent[begun + 1 :])
    if told:
        assert at_once.feed(with_a_hole) == told
        assert not at_once.terminal
        with pytest.raises(Broken, match="unreadable_event"):
            at_once.feed(sent[-1])
    else:
        with pytest.raises(Broken, match="unreadable_event"):
            at_once.feed(with_a_hole)
    assert not at_once.terminal
    at_once.feed(b"data: [DONE]")
    with suppress(Broken):
        assert at_once.end() == b""
    assert not at_once.terminal
    assert at_once.error_event("why") == apart.error_event("why")


@each_wire
@each_client
def test_what_cannot_be_read_before_anything_was_told_is_another_providers_chance(
    wire: WireName, client: WireName
) -> None:
    relay = carrier(wire, client)
    with pytest.raises(Broken, match="unreadable_event"):
        relay.feed(b"".join(spoken(wire)[:-1]).replace(b"data: ", BAD + b"data: ", 4))
    assert not relay.terminal


@each_client
def test_what_cannot_be_read_behind_the_end_is_nothing(client: WireName) -> None:
    *begun, _, _ = spoken("chat")
    for noise in (BAD, BAD + b"data: [DONE]\n\n"):
        relay = carrier("chat", client)
        out = b"".join(relay.feed(one) for one in begun) + relay.feed(noise) + relay.end()
        assert relay.terminal
        assert shows_end(client, out)
