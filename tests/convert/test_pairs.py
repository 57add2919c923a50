"""Every wire to every other: one conversation there, one answer back."""

import itertools

import msgspec
import pytest

from proxy.canonical import Usage
from proxy.canonical.answer import Answer
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Part, Text, ToolCall, ToolResult
from proxy.canonical.request import Request, Tool, ToolChoice, Turn
from proxy.codec import Codec, Written
from proxy.convert.request import convert_request
from proxy.convert.stream import (
    StreamConversion,
    convert_answer,
    stream_of_whole,
    whole_of_stream,
)
from proxy.sse import events
from proxy.wire import Location

WIRES = ("anthropic", "chat", "responses", "gemini")
LONG = f"mcp__{'x' * 90}"
SCHEMA = '{"type":"object","properties":{"path":{"type":"string"}}}'
SAID: tuple[Part, ...] = (
    Text(text="I will."),
    ToolCall(id="call_1", name="Read", arguments='{"path":"a"}'),
    ToolCall(id="call_2", name=LONG, arguments='{"path":"é"}'),
)
ASKED = Request(
    model="a-model",
    turns=(
        Turn(role="system", parts=(Text(text="Be brief."),)),
        Turn(role="user", parts=(Text(text="Read both."),)),
        Turn(role="assistant", parts=SAID),
        Turn(
            role="user",
            parts=(
                ToolResult(call_id="call_1", name="Read", parts=(Text(text="one"),)),
                ToolResult(call_id="call_2", name=LONG, parts=(Text(text="two"),)),
                Text(text="Go on."),
            ),
        ),
    ),
    tools=(
        Tool(name="Read", description="Reads.", schema=SCHEMA),
        Tool(name=LONG, description="Reads more.", schema=SCHEMA),
    ),
    tool_choice=ToolChoice(mode="auto"),
    max_output_tokens=4096,
    stream=True,
)
ANSWER = Answer(
    id="m1",
    model="a-model",
    parts=SAID,
    stop="tool_call",
    usage=Usage(prompt=20, uncached_input=15, cache_read=5, output=7),
)


def codec(name: str) -> Codec:
    module = pytest.importorskip(f"proxy.wires.{name}.codec", reason=f"no codec of {name} yet")
    found: Codec = getattr(module, f"{name.upper()}_CODEC")
    return found


def location(written: Written) -> Location:
    query = dict(pair.split("=", 1) for pair in written.raw_query.split("&") if pair)
    return Location(written.path, query)


def gist(parts: tuple[Part, ...]) -> list[tuple[str, ...]]:
    """Return texts, calls and results as far as every wire can say them."""
    said: list[tuple[str, ...]] = []
    for part in parts:
        match part:
            case Text(text=text):
                said.append(("text", text))
            case ToolCall(name=name, arguments=arguments):
                said.append(("call", name, str(msgspec.json.decode(arguments))))
            case ToolResult(parts=told):
                said.append(("result", *(one.text for one in told if isinstance(one, Text))))
            case _:
                pass
    return said


def conversation(request: Request) -> list[tuple[str, ...]]:
    return [one for turn in request.turns for one in gist(turn.parts)]


@pytest.mark.parametrize(("client", "provider"), [*itertools.permutations(WIRES, 2)])
def test_a_conversation_there_and_an_answer_back(client: str, provider: str) -> None:
    source, target = codec(client), codec(provider)
    # The client and the provider are played by their own codecs, each in its own words.
    sent = source.write_request(_own(source))
    conversion = convert_request(source, target, sent.body, location(sent))
    assert not conversion.losses
    there = target.read_request(conversion.written.body, location(conversion.written)).request
    names = {
        tool.name: sent.name for tool, sent in zip(there.tools, _own(source).tools, strict=True)
    }
    assert conversation(_renamed(there, names)) == conversation(_own(source))
    assert there.stream

    own = {name: theirs for theirs, name in names.items()}
    parts = tuple(
        msgspec.structs.replace(part, name=own[part.name]) if isinstance(part, ToolCall) else part
        for part in _own(source).turns[2].parts
    )
    told = msgspec.structs.replace(ANSWER, parts=parts)
    expected = gist(_own(source).turns[2].parts)

    body = target.write_answer(told, there, [])
    encoder = target.encoder(there)
    stream = b"".join(encoder.feed(event) for event in unfold(told))

    whole = convert_answer(source, target, conversion, body)
    gathered = whole_of_stream(source, target, conversion, stream)
    assert whole is not None
    assert gathered is not None
    for answer in (source.read_answer(whole.body, []), source.read_answer(gathered.body, [])):
        _judge(answer, expected)

    streamed = stream_of_whole(source, target, conversion, body)
    assert streamed is not None
    live = StreamConversion(target.decoder(), conversion.names, source.encoder(conversion.request))
    for block in (streamed.body, live.feed(stream) + live.finish()):
        decoder = source.decoder()
        said = [one for event in events(block) for one in decoder.feed(event)]
        _judge(fold([*said, *decoder.finish()]), expected)
    assert live.finished


def _own(source: Codec) -> Request:
    """Return the request with names that the client's own wire can say."""
    limit = source.tools.max_name_chars
    return _renamed(ASKED, {LONG: LONG[:limit]})


def _renamed(request: Request, names: dict[str, str]) -> Request:
    def part_of(part: Part) -> Part:
        if isinstance(part, ToolCall | ToolResult) and part.name in names:
            return msgspec.structs.replace(part, name=names[part.name])
        return part

    turns = tuple(
        msgspec.structs.replace(turn, parts=tuple(part_of(part) for part in turn.parts))
        for turn in request.turns
    )
    tools = tuple(
        msgspec.structs.replace(tool, name=names.get(tool.name, tool.name))
        for tool in request.tools
    )
    return msgspec.structs.replace(request, turns=turns, tools=tools)


def _judge(answer: Answer | None, expected: list[tuple[str, ...]]) -> None:
    assert answer is not None
    assert gist(answer.parts) == expected
    assert answer.stop == "tool_call"
    assert (answer.usage.prompt, answer.usage.cache_read, answer.usage.output) == (20, 5, 7)
