"""What a provider of each wire says, told to a client of each other: all of it, or a loss.

Provider and client are played by their own codecs, so that every wire says all it can.
"""

from collections.abc import Callable, Iterable
from itertools import permutations, zip_longest

import msgspec
import pytest

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, Began, Ended, Event, Finished, Piece, StopReason
from proxy.canonical.envelope import issued
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request, Tool, Turn
from proxy.codec import Codec
from proxy.convert.request import Conversion, convert_request
from proxy.convert.stream import (
    StreamConversion,
    convert_answer,
    stream_of_whole,
    whole_of_stream,
)
from proxy.sse import events
from proxy.wire import Location
from proxy.wires import CODECS

PAIRS = [*permutations(CODECS, 2)]
each_pair = pytest.mark.parametrize(
    ("client", "provider"), PAIRS, ids=[f"{client} on {provider}" for client, provider in PAIRS]
)
SCHEMA = '{"type":"object","properties":{"path":{"type":"string"}}}'
ASKED = Request(
    model="a-model",
    turns=(Turn(role="user", parts=(Text(text="Read both."),)),),
    tools=(Tool(name="read", schema=SCHEMA), Tool(name="look", schema=SCHEMA)),
    max_output_tokens=4096,
    stream=True,
)
USAGE = Usage(prompt=20, uncached_input=15, cache_read=5, output=7, reasoning=3)
HELLO = Text(text="Hello, wörld.")
READ = ToolCall(id="call_1", name="read", arguments='{"path":"é 1"}')
LOOK = ToolCall(id="call_2", name="look", arguments='{"path": "b", "deep": {"n": [1, null]}}')
BARE = ToolCall(id="call_3", name="look", arguments="{}")
WITH_TOKENS = {"anthropic", "responses", "gemini"}
SAYABLE: dict[str, tuple[StopReason, ...]] = {
    "anthropic": ("max_tokens", "context_full", "stop_sequence", "refusal", "paused"),
    "chat": ("max_tokens", "refusal", "broken"),
    "responses": ("max_tokens", "refusal"),
    "gemini": ("max_tokens", "refusal", "broken"),
}
# Clients of these wires can be told these ends; of the others they are told something near.
HEARABLE: dict[str, set[StopReason]] = {
    wire: {"end", "tool_call", "max_tokens", "refusal", *extra}
    for wire, extra in (
        ("anthropic", ("context_full", "stop_sequence", "paused")),
        ("chat", ()),
        ("responses", ()),
        ("gemini", ("broken",)),
    )
}


def answer(*parts: Part, stop: StopReason = "end") -> Answer:
    met = "END" if stop == "stop_sequence" else None
    return Answer(
        id="m1",
        model="a-model",
        parts=parts,
        stop=stop,
        stop_sequence=met,
        usage=USAGE,
        created_s=1,
    )


def whole(provider: str, said: Answer) -> bytes:
    return _in_own_words(provider, said, CODECS[provider].write_answer(said, ASKED, []))


def stream(provider: str, said: Answer, told: Iterable[Event]) -> bytes:
    encoder = CODECS[provider].encoder(ASKED)
    return _in_own_words(provider, said, b"".join(encoder.feed(event) for event in told))


def _in_own_words(provider: str, said: Answer, body: bytes) -> bytes:
    """Return `body` with the one end that a wire has a word for, and we never tell a client."""
    if (provider, said.stop) != ("chat", "broken"):
        return body
    return body.replace(b'"finish_reason":"stop"', b'"finish_reason":"error"')


def fragments(said: Answer) -> list[Event]:
    """Return `said` two letters at a time, all calls at once and their pieces in turns."""
    told: list[Event] = []
    calls: list[list[Event]] = []
    for event in unfold(said):
        match event:
            case Piece(index=index, text=text):
                cut = [Piece(index=index, text=text[at : at + 2]) for at in range(0, len(text), 2)]
                (calls[-1] if isinstance(said.parts[index], ToolCall) else told).extend(cut)
            case Began(part=ToolCall()):
                told.append(event)
                calls.append([])
            case Ended(index) if isinstance(said.parts[index], ToolCall):
                calls[-1].append(event)
            case Finished():
                told += [one for turn in zip_longest(*calls) for one in turn if one is not None]
                told.append(event)
            case _:
                told.append(event)
    return told


def read_stream(codec: Codec, body: bytes) -> Answer | None:
    decoder = codec.decoder()
    told = [one for event in events(body) for one in decoder.feed(event)]
    return fold([*told, *decoder.finish()])


def asked(client: str, provider: str) -> Conversion:
    sent = CODECS[client].write_request(ASKED)
    query = dict(pair.split("=", 1) for pair in sent.raw_query.split("&") if pair)
    here = Location(sent.path, query)
    return convert_request(CODECS[client], CODECS[provider], sent.body, here)


Heard = tuple[Answer | None, tuple[Loss, ...]]


def as_stream(client: str, provider: str, said: Answer) -> Heard:
    return _live(client, provider, stream(provider, said, unfold(said)))


def in_fragments(client: str, provider: str, said: Answer) -> Heard:
    return _live(client, provider, stream(provider, said, fragments(said)))


def _live(client: str, provider: str, body: bytes) -> Heard:
    source, conversion = CODECS[client], asked(client, provider)
    live = StreamConversion(
        CODECS[provider].decoder(), conversion.names, source.encoder(conversion.request)
    )
    blocks = [block + b"\n\n" for block in body.split(b"\n\n") if block]
    out = b"".join(live.feed(block) for block in blocks) + live.finish()
    assert live.finished
    return read_stream(source, out), live.losses


def as_whole(client: str, provider: str, said: Answer) -> Heard:
    source, conversion = CODECS[client], asked(client, provider)
    made = convert_answer(source, CODECS[provider], conversion, whole(provider, said))
    assert made is not None
    return source.read_answer(made.body, []), made.losses


def whole_as_stream(client: str, provider: str, said: Answer) -> Heard:
    source, conversion = CODECS[client], asked(client, provider)
    made = stream_of_whole(source, CODECS[provider], conversion, whole(provider, said))
    assert made is not None
    return read_stream(source, made.body), made.losses


def stream_as_whole(client: str, provider: str, said: Answer) -> Heard:
    source, conversion = CODECS[client], asked(client, provider)
    body = stream(provider, said, fragments(said))
    made = whole_of_stream(source, CODECS[provider], conversion, body)
    assert made is not None
    return source.read_answer(made.body, []), made.losses


Way = Callable[[str, str, Answer], Heard]
WAYS: dict[str, Way] = {
    "stream": as_stream,
    "fragments": in_fragments,
    "whole": as_whole,
    "whole as a stream": whole_as_stream,
    "stream as a whole": stream_as_whole,
}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def gist(said: Answer) -> list[tuple[str, ...]]:
    """Return what is said. A refusal is a text where the wire has no place of its own for it."""
    found: list[tuple[str, ...]] = []
    for part in said.parts:
        match part:
            case ToolCall(id=name):
                args = msgspec.json.encode(msgspec.json.decode(part.arguments), order="sorted")
                found.append(("call", name, part.name, args.decode()))
            case Text(text=text) | Refusal(text=text):
                found.append(("text", text))
            case Thinking(text=text):
                found.append(("thinking", text))
            case _:
                pass
    return found


def tokens(said: Answer, wire: str) -> list[tuple[str, str]]:
    """Return whose the tokens of thinking are, and what they hold, envelopes opened."""
    held = [part.opaque for part in said.parts if isinstance(part, Thinking)]
    opened = [issued(one.payload, wire) if one.wire == wire else one for one in held if one]
    return [(one.wire, one.payload) for one in opened]


def judge(said: Answer, heard: Answer | None) -> Answer:
    assert heard is not None
    assert gist(heard) == gist(said)
    assert (heard.usage.prompt, heard.usage.cache_read) == (USAGE.prompt, USAGE.cache_read)
    assert (heard.usage.output, heard.usage.reasoning) == (USAGE.output, USAGE.reasoning)
    return heard


@each_pair
@each_way
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((READ, LOOK), id="two calls"),
        pytest.param((READ, BARE), id="the second without arguments"),
        pytest.param((BARE, LOOK), id="the first without arguments"),
        pytest.param((HELLO, READ, LOOK, BARE), id="a text and three calls"),
        pytest.param((Thinking(text="Hm, é."), HELLO, READ, LOOK), id="thinking, text and calls"),
    ],
)
def test_parallel_calls(way: Way, client: str, provider: str, parts: tuple[Part, ...]) -> None:
    said = answer(*parts, stop="tool_call")
    heard, losses = way(client, provider, said)
    assert judge(said, heard).stop == "tool_call"
    assert not losses


@each_pair
@each_way
def test_thinking_and_its_token(way: Way, client: str, provider: str) -> None:
    token = Opaque(provider, "c2lnbmVk") if provider in WITH_TOKENS else None
    said = answer(Thinking(text="Hm, é. And more.", opaque=token), HELLO)
    heard, losses = way(client, provider, said)
    assert judge(said, heard).stop == "end"
    if client in WITH_TOKENS:
        assert heard is not None
        assert tokens(heard, client) == tokens(said, provider)
        assert not losses
    else:
        assert [loss.what for loss in losses] == ["signature"] * (token is not None)


@each_pair
@each_way
def test_each_stop_reason(way: Way, client: str, provider: str) -> None:
    for stop in ("end", *SAYABLE[provider]):
        said = answer(HELLO, stop=stop)
        heard, losses = way(client, provider, said)
        if (client, stop) == ("responses", "broken"):
            assert heard is None  # there it is a failure, and no answer
        elif stop in HEARABLE[client]:
            assert judge(said, heard).stop == stop
            assert heard is not None
            assert heard.stop_sequence == said.stop_sequence
            assert not losses
        else:
            judge(said, heard)
            assert [loss.path.partition("_")[0] for loss in losses] == ["stop"]


@each_pair
@each_way
def test_a_refusal_in_words(way: Way, client: str, provider: str) -> None:
    said = answer(Refusal(text="I will not, é."), stop="refusal")
    heard, losses = way(client, provider, said)
    assert judge(said, heard).stop == "refusal"
    assert {loss.what for loss in losses} <= {"refusal"}


PAGE = Citation(url="https://a.example", title="A", quote="Wörld.", start=7, end=12)
SITE = Citation(url="https://b.example", start=0, end=5)
# Of clients of these wires, whatever a wire tells after the end of a text comes too late.
IN_ORDER, AT_THE_END = {"anthropic", "responses"}, {"chat", "gemini"}


def kept(wire: str, citation: Citation, chars: int) -> Citation:
    """Return what is left of `citation`, of a text of so many `chars`, told on `wire`."""
    if wire == "anthropic":
        return msgspec.structs.replace(citation, start=None, end=None)
    span = (0, chars) if citation.start is None else (citation.start, citation.end)
    return msgspec.structs.replace(citation, quote=None, start=span[0], end=span[1])


def sources(said: Answer) -> list[tuple[Citation, ...]]:
    return [part.citations for part in said.parts if isinstance(part, Text)]


@each_pair
@each_way
def test_citations(way: Way, client: str, provider: str) -> None:
    cited = msgspec.structs.replace(HELLO, citations=(PAGE, SITE))
    said = answer(Thinking(text="Hm."), cited)
    heard, losses = way(client, provider, said)
    there = [kept(provider, one, len(HELLO.text)) for one in cited.citations]
    expected = tuple(kept(client, one, len(HELLO.text)) for one in there)
    assert sources(judge(said, heard)) == [expected]
    lost = {"quote": provider == "anthropic", "place": client == "anthropic"}
    assert [loss.what for loss in losses] == [what for what, is_lost in lost.items() if is_lost]


@each_pair
@each_way
def test_citations_of_several_texts(way: Way, client: str, provider: str) -> None:
    second = Text(text=" Ünd more.", citations=(SITE,))
    said = answer(msgspec.structs.replace(HELLO, citations=(SITE,)), READ, second, stop="tool_call")
    heard, losses = way(client, provider, said)
    assert heard is not None
    urls = [one.url for citations in sources(heard) for one in citations]
    late = client in IN_ORDER and provider in AT_THE_END
    if any(loss.what == "citations" for loss in losses):
        assert late
        assert urls in ([], [SITE.url])
    else:
        assert urls == [SITE.url, SITE.url]
    assert {loss.what for loss in losses} <= {"citations", "place"}
