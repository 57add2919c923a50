"""A law of every wire's requests: what it can say of one comes back as it was said.

Where a wire says a thing in another way, it comes back that way, which `told` writes down: it is
all that a round trip changes.
"""

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.parts import Media, Part, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Format,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.codec import Dialect
from proxy.wire import Location
from proxy.wires import CODECS

SCHEMA = '{"type":"object","properties":{"a":{"type":"string"}}}'
MODELS = {
    "anthropic": "claude-opus-4-6",
    "chat": "gpt-5.6",
    "responses": "gpt-5.6",
    "gemini": "gemini-3.8-flash",
}
DIALECT = Dialect(reasoning_content=True, sampling=True)
OPENAI = {"chat", "responses"}

words = st.from_regex(r"[a-zé\n ]{0,6}[a-z]", fullmatch=True)
names = st.from_regex(r"[a-z]{1,8}", fullmatch=True)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def marks(wire: str) -> st.SearchStrategy[Any]:
    return {
        "anthropic": st.sampled_from([None, "5m", "1h"]),
        "responses": st.sampled_from([None, None, "5m", "1h"]),
        "chat": st.sampled_from([None, None, "5m"]),
        "gemini": st.none(),
    }[wire]


def texts(wire: str, *, by_model: bool = False) -> st.SearchStrategy[Text]:
    unmarked = by_model and wire == "responses"
    return st.builds(Text, text=words, cache_until=st.none() if unmarked else marks(wire))


def media(wire: str) -> st.SearchStrategy[Media]:
    until = marks(wire)
    return st.builds(
        Media,
        kind=st.just("image"),
        media_type=st.sampled_from(["image/png", "image/webp"]),
        data=st.just("QUJD"),
        cache_until=until,
    ) | st.builds(
        Media,
        kind=st.just("document"),
        media_type=st.just("application/pdf"),
        data=st.just("QUJD"),
        title=names,
        cache_until=until,
    )


@st.composite
def exchanges(draw: st.DrawFn, wire: str, number: int) -> list[Turn]:
    """Draw what a user says, what the model does, and what came of it."""
    asked = [draw(texts(wire)), *draw(st.lists(media(wire), max_size=2))]
    said: list[Part] = []
    if wire in {"chat", "gemini"} and draw(st.booleans()):
        said.append(Thinking(text=draw(words)))
    said.append(draw(texts(wire, by_model=True)))
    calls = [
        ToolCall(id=f"c{number}-{n}", name=draw(names), arguments=draw(ARGUMENTS))
        for n in range(draw(st.integers(0, 2)))
    ]
    results = [draw(outcomes(wire, call)) for call in calls]
    turns = [turn("user", *asked), turn("assistant", *said, *calls)]
    return [*turns, turn("user", *results)] if results else turns


ARGUMENTS = st.sampled_from(["{}", '{"a":1}', '{"a":"é","b":[1,2.5,null]}'])


def outcomes(wire: str, call: ToolCall) -> st.SearchStrategy[ToolResult]:
    flags = {"anthropic": st.none() | st.booleans(), "gemini": st.booleans()}
    inner = [st.builds(Text, text=words)]
    if wire != "chat":
        unmarked = media(wire).map(lambda one: msgspec.structs.replace(one, cache_until=None))
        inner.append(st.lists(unmarked, max_size=1))
    return st.builds(
        ToolResult,
        call_id=st.just(call.id),
        parts=st.tuples(*inner).map(
            lambda found: (found[0], *(found[1] if len(found) > 1 else ()))
        ),
        name=st.just(call.name) if wire == "gemini" else st.none(),
        is_error=flags.get(wire, st.none()),
        cache_until=marks(wire),
    )


def turn(role: Any, *parts: Part) -> Turn:
    return Turn(role=role, parts=parts)


@st.composite
def conversations(draw: st.DrawFn, wire: str) -> tuple[Turn, ...]:
    first = [turn("system", draw(texts(wire)))] if draw(st.booleans()) else []
    whole = [draw(exchanges(wire, n)) for n in range(draw(st.integers(0, 2)))]
    turns = [*first, *itertools.chain.from_iterable(whole), turn("user", draw(texts(wire)))]
    if wire == "chat":  # results are messages of their own, and so a turn
        return tuple(turns)
    runs = itertools.groupby(turns, lambda one: one.role)
    return tuple(turn(role, *(part for one in run for part in one.parts)) for role, run in runs)


def tools(wire: str) -> st.SearchStrategy[tuple[Tool, ...]]:
    strict = {"responses": st.booleans(), "chat": maybe(st.booleans())}
    one = st.builds(
        Tool,
        name=names,
        description=maybe(words),
        schema=st.just(SCHEMA),
        strict=strict.get(wire, st.none()),
        cache_until=marks(wire) if wire == "anthropic" else st.none(),
    )
    return st.lists(one, max_size=3, unique_by=lambda tool: tool.name).map(tuple)


def samplings(wire: str) -> st.SearchStrategy[Sampling]:
    share = st.integers(0, 4).map(lambda n: n / 4)
    more: dict[str, st.SearchStrategy[Any]] = {}
    if wire in {"chat", "gemini"}:
        more = {"seed": maybe(st.integers(0, 9)), "presence_penalty": maybe(share)}
    if wire in {"anthropic", "gemini"}:
        more["top_k"] = maybe(st.integers(1, 9))
    if wire != "anthropic":  # not together with a temperature
        more["top_p"] = maybe(share)
    return st.builds(Sampling, temperature=maybe(share), **more)


@st.composite
def requests(draw: st.DrawFn, wire: str) -> Request:
    offered = draw(tools(wire))
    choices = [ToolChoice(), *(ToolChoice(mode=mode) for mode in ("auto", "required", "none"))]
    if wire != "gemini":
        choices.append(ToolChoice(mode="auto", parallel=False))
    choices += [ToolChoice(mode="tool", name=tool.name) for tool in offered[:1]]
    is_named = wire in OPENAI
    return Request(
        model=MODELS[wire],
        turns=draw(conversations(wire)),
        stream=draw(st.booleans()),
        tools=offered,
        tool_choice=draw(st.sampled_from(choices)) if offered else ToolChoice(),
        max_output_tokens=draw(maybe(st.integers(16, 99_999))),
        stop=() if wire == "responses" else draw(st.lists(words, max_size=3).map(tuple)),
        sampling=draw(samplings(wire)),
        reasoning=Reasoning(effort=draw(maybe(st.just("none")))) if is_named else Reasoning(),
        format=draw(maybe(st.just(Format(schema=SCHEMA, name="a" if is_named else None)))),
        user=None if wire == "gemini" else draw(maybe(names)),
        cache_key=draw(maybe(names)) if is_named else None,
        service_tier=None if wire == "anthropic" else draw(maybe(st.just("flex"))),
    )


def told(wire: str, request: Request) -> Request:
    """Return `request` as this wire says it."""
    most = request.max_output_tokens
    if wire == "anthropic" and most is None:
        most = 64_000  # it must be said, so the model's own is
    turns = [
        turn(one.role, *(_inside(part) if wire in OPENAI else part for part in one.parts))
        for one in request.turns
    ]
    return msgspec.structs.replace(request, max_output_tokens=most, turns=tuple(turns))


def _inside(part: Part) -> Part:
    """Return a result with its mark on the last part in it, where alone a mark can stand."""
    if not isinstance(part, ToolResult) or part.cache_until is None:
        return part
    last = msgspec.structs.replace(part.parts[-1], cache_until=part.cache_until)
    return msgspec.structs.replace(part, parts=(*part.parts[:-1], last), cache_until=None)


def few_marks(request: Request) -> bool:
    """Say whether a request has no more marks than OpenAI takes."""
    parts = [part for one in request.turns for part in one.parts]
    return sum(getattr(part, "cache_until", None) is not None for part in parts) <= 4


@pytest.mark.parametrize("wire", MODELS)
@given(drawn=st.data())
def test_what_a_wire_can_say_comes_back(wire: str, drawn: st.DataObject) -> None:
    asked = drawn.draw(requests(wire).filter(few_marks) if wire in OPENAI else requests(wire))
    written = CODECS[wire].write_request(asked, DIALECT)
    assert written.losses == ()
    query = dict([written.raw_query.split("=")]) if written.raw_query else {}
    found = CODECS[wire].read_request(written.body, Location(written.path, query))
    assert found.losses == ()
    assert found.request == told(wire, asked)
