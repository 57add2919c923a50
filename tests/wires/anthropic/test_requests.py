"""Requests of Anthropic Messages: what they say in the middle, and said again."""

from typing import Any

import msgspec
import pytest

from proxy.canonical.parts import Media, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Format,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.canonical.search import WebSearch
from proxy.codec import Dialect
from proxy.wire import Location
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC as CODEC

HERE = Location("/v1/messages", {})
COUNTING = Location("/v1/messages/count_tokens", {})
MODEL = "claude-sonnet-5-5"
OLDER = "claude-sonnet-4-5-20250929"
HI = Turn(role="user", parts=(Text(text="hi"),))
SCHEMA = '{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}'
READ = Tool(name="read", description="Reads.", schema=SCHEMA)
SIGNED = Opaque("anthropic", "c2ln")
CALL = ToolCall(id="toolu_1", name="read", arguments='{"path": "a"}')


def request(*turns: Turn, **said: object) -> Request:
    return msgspec.structs.replace(Request(model=MODEL, turns=turns or (HI,)), **said)


def user(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


def model(*parts: Part) -> Turn:
    return Turn(role="assistant", parts=parts)


def system(*texts: str) -> Turn:
    return Turn(role="system", parts=tuple(Text(text=text) for text in texts))


def result(call_id: str, *parts: Text | Media, **said: object) -> ToolResult:
    return msgspec.structs.replace(ToolResult(call_id=call_id, parts=parts), **said)


def written(asked: Request) -> tuple[dict[str, Any], list[str]]:
    got = CODEC.write_request(asked)
    return msgspec.json.decode(got.body), [loss.path for loss in got.losses]


def one(*parts: Part) -> Request:
    return request(user(*parts))


SAYABLE = [
    pytest.param(request(), id="a word"),
    pytest.param(request(stream=True), id="a stream"),
    pytest.param(request(system("be", "brief"), HI), id="instructions in two blocks"),
    pytest.param(request(system("a"), HI, system("b"), model(Text(text="x")), HI), id="later ones"),
    pytest.param(
        one(Text(text="a", cache_until="5m"), Text(text="b", cache_until="1h")), id="cached"
    ),
    pytest.param(one(Media(kind="image", media_type="image/png", data="AA==")), id="an image"),
    pytest.param(one(Media(kind="image", url="https://x/y.png")), id="an image behind a URL"),
    pytest.param(
        one(Media(kind="document", media_type="application/pdf", data="AA==", title="t")),
        id="a PDF",
    ),
    pytest.param(
        one(Media(kind="text", media_type="text/plain", data="long")), id="a text document"
    ),
    pytest.param(
        request(
            HI,
            model(Thinking(text="hm", opaque=SIGNED), Text(text="I"), CALL),
            user(result("toolu_1", Text(text="A"), is_error=False), Text(text="go")),
        ),
        id="a signed thought, a call and its result",
    ),
    pytest.param(
        request(
            HI,
            model(
                Thinking(redacted=True, opaque=SIGNED),
                CALL,
                ToolCall(id="b.c:0", name="read", arguments="{}"),
            ),
            user(
                result("b.c:0", Media(kind="image", url="https://x/y")),
                result("toolu_1", is_error=True),
            ),
        ),
        id="parallel calls, odd ids, results out of order",
    ),
    pytest.param(request(tools=(READ,)), id="a tool"),
    pytest.param(
        request(tools=(msgspec.structs.replace(READ, strict=True, cache_until="1h"),)),
        id="a strict tool, cached",
    ),
    pytest.param(
        request(
            tools=(
                Tool(
                    name="web_search",
                    server='{"type":"web_search_20250305","name":"web_search"}',
                    wire="anthropic",
                    search=WebSearch(),
                ),
            )
        ),
        id="a server tool of its own",
    ),
    *(
        pytest.param(request(tools=(READ,), tool_choice=choice), id=f"choice {choice.mode}")
        for choice in (
            ToolChoice(mode="auto", parallel=False),
            ToolChoice(mode="required", parallel=True),
            ToolChoice(mode="tool", name="read"),
            ToolChoice(mode="none"),
        )
    ),
    pytest.param(request(stop=("END",), max_output_tokens=0), id="stop, and no output"),
    pytest.param(request(model=OLDER, sampling=Sampling(temperature=0.5, top_k=3)), id="sampling"),
    pytest.param(request(reasoning=Reasoning(effort="none")), id="no thinking"),
    pytest.param(
        request(reasoning=Reasoning(effort="xhigh", budget_tokens=-1, shown=True)), id="adaptive"
    ),
    pytest.param(
        request(model=OLDER, reasoning=Reasoning(budget_tokens=2048), max_output_tokens=4096),
        id="a budget",
    ),
    pytest.param(request(format=Format(schema=SCHEMA)), id="structured"),
    pytest.param(request(user="someone", service_tier="default"), id="a user and a tier"),
    pytest.param(
        request(user(Text(text="a", cache_until="5m")), user="device", cache_key="session-1"),
        id="a session",
    ),
]


@pytest.mark.parametrize("asked", SAYABLE)
def test_what_can_be_said_is_read_back(asked: Request) -> None:
    sent = CODEC.write_request(asked)
    got = CODEC.read_request(sent.body, HERE)
    said = got.request
    if asked.max_output_tokens is None:
        assert said.max_output_tokens == 64000
        said = msgspec.structs.replace(said, max_output_tokens=None)
    assert (said, got.losses, sent.losses) == (asked, (), ())
    assert (sent.path, sent.headers) == ("/v1/messages", ((b"anthropic-version", b"2023-06-01"),))


def test_a_counting_request_has_no_word_of_the_answer() -> None:
    asked = request(
        stop=("x",), user="u", stream=True, max_output_tokens=9, service_tier="auto", tools=(READ,)
    )
    sent = CODEC.write_request(msgspec.structs.replace(asked, counts_only=True))
    assert sent.path == "/v1/messages/count_tokens"
    assert set(msgspec.json.decode(sent.body)) == {"model", "messages", "tools"}
    assert CODEC.read_request(sent.body, COUNTING).request.counts_only
    assert CODEC.write_count is not None
    assert CODEC.read_count(CODEC.write_count(7)) == 7
    assert CODEC.read_count(b'{"input_tokens":-1}') is None


def test_results_open_the_turn_after_their_calls() -> None:
    """Whatever came between, in several turns, with an id that was used before."""
    call = ToolCall(id="call_0", name="read", arguments="")
    asked = request(
        HI,
        model(call, msgspec.structs.replace(call, id="call_1")),
        system("interrupted"),
        user(Text(text="wait"), result("call_1", Text(text="1"))),
        user(Text(text=" "), result("call_0", Text(text="0"))),
        model(call),
        user(result("call_0", Text(text="again"))),
    )
    body, losses = written(asked)
    assert losses == ["turns[4].parts[0]"]
    shape = [
        (
            message["role"],
            [block.get("id") or block.get("tool_use_id") for block in message["content"]],
        )
        for message in body["messages"]
    ]
    assert shape == [
        ("user", [None]),
        ("assistant", ["call_0", "call_1"]),
        ("user", ["call_1", "call_0"]),
        ("system", [None]),
        ("user", [None]),
        ("assistant", ["call_0-again1"]),
        ("user", ["call_0-again1"]),
    ]


@pytest.mark.parametrize("name", [OLDER, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "kimi-k2"])
def test_older_models_hear_later_instructions_as_the_user(name: str) -> None:
    body, losses = written(request(system("be"), HI, system("hear"), model=name))
    assert losses == ["turns[2]"]
    texts = [[block["text"] for block in message["content"]] for message in body["messages"]]
    assert texts == [["hi", "hear"]]
    assert body["system"] == [{"type": "text", "text": "be"}]


THOUGHT = [
    pytest.param({"reasoning": Reasoning(effort="minimal")}, {"type": "adaptive"}, id="the least"),
    pytest.param(
        {"model": OLDER, "reasoning": Reasoning(effort="max")},
        {"type": "enabled", "budget_tokens": 63999},
        id="an effort as a budget under the default maximum",
    ),
    pytest.param(
        {"model": OLDER, "reasoning": Reasoning(budget_tokens=9999), "max_output_tokens": 5000},
        {"type": "enabled", "budget_tokens": 4999},
        id="a budget under the maximum",
    ),
    pytest.param(
        {"model": OLDER, "reasoning": Reasoning(effort="high"), "max_output_tokens": 1},
        None,
        id="no room to think",
    ),
    pytest.param({"reasoning": Reasoning(budget_tokens=0)}, {"type": "disabled"}, id="a zero"),
    pytest.param(
        {
            "reasoning": Reasoning(effort="high"),
            "tools": (READ,),
            "tool_choice": ToolChoice(mode="required"),
        },
        None,
        id="not beside a forced call",
    ),
    pytest.param(
        {
            "model": OLDER,
            "reasoning": Reasoning(effort="high"),
            "turns": (HI, model(CALL), user(result("toolu_1"))),
        },
        None,
        id="not in a turn that began without",
    ),
]


@pytest.mark.parametrize(("said", "thinking"), THOUGHT)
def test_thinking_is_asked_for_as_the_model_takes_it(
    said: dict[str, object], thinking: dict[str, object] | None
) -> None:
    body, _ = written(request(**said))
    assert body.get("thinking") == thinking


UNSAYABLE = [
    pytest.param(
        {
            "model": OLDER,
            "sampling": Sampling(temperature=1.7, seed=1, answers=2, logprobs=False),
        },
        ["sampling.seed", "sampling.answers", "sampling.temperature"],
        id="sampling",
    ),
    pytest.param(
        {
            "model": "claude-opus-4-6",
            "sampling": Sampling(temperature=0.2, top_p=0.5),
            "reasoning": Reasoning(budget_tokens=-1),
        },
        ["sampling.temperature", "sampling.top_p"],
        id="sampling beside thinking",
    ),
    pytest.param(
        {"sampling": Sampling(temperature=0.2, top_p=0.5, top_k=64)},
        ["sampling.temperature", "sampling.top_p", "sampling.top_k"],
        id="sampling of a model that draws in one way only",
    ),
    pytest.param({"format": Format()}, ["format"], id="any JSON"),
    pytest.param(
        {"tools": (Tool(name="x", server="{}", wire="responses"),)}, ["tools[0]"], id="a server"
    ),
    pytest.param(
        {"tools": (READ,), "tool_choice": ToolChoice(mode="tool", name="gone")},
        ["tool_choice"],
        id="a choice that is not there",
    ),
    pytest.param({"tool_choice": ToolChoice(mode="none")}, ["tool_choice"], id="a lone choice"),
    pytest.param({"turns": (system("alone"),)}, ["turns[0]"], id="instructions alone"),
    pytest.param(
        {"turns": (HI, model(ToolCall(id="a", name="b", arguments="no json")))},
        ["turns[1].parts[0].input"],
        id="arguments that are no object",
    ),
    pytest.param(
        {"turns": (user(Media(kind="image", media_type="image/tiff", data="")), HI)},
        ["turns[0].parts[0]"],
        id="an image of another type",
    ),
]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"effort": "high", "budget_tokens": 16384}, id="an effort and its budget"),
        pytest.param({"effort": "xhigh", "budget_tokens": 31999}, id="a budget and its effort"),
    ],
)
@pytest.mark.parametrize("name", ["claude-opus-5-5", OLDER])
def test_what_stands_for_the_other_is_no_loss(said: dict[str, Any], name: str) -> None:
    asked = request(model=name, reasoning=Reasoning(**said), max_output_tokens=40_000)
    assert written(asked)[1] == []


@pytest.mark.parametrize(("said", "paths"), UNSAYABLE)
def test_what_this_wire_cannot_say_is_a_loss(said: dict[str, object], paths: list[str]) -> None:
    assert written(request(**said))[1] == paths


@pytest.mark.parametrize(
    ("model", "sampling", "said"),
    [
        pytest.param("claude-opus-4-7", None, {}, id="drawn in one way, which 1 says anyway"),
        pytest.param("claude-mythos-preview", None, {}, id="also by a name without a number"),
        pytest.param("claude-opus-4-7", True, {"temperature": 1}, id="but a host takes it"),
        pytest.param("claude-sonnet-4-6", None, {"temperature": 1}, id="the last drawn freely"),
        pytest.param("glm-5", None, {"temperature": 1}, id="another vendor's"),
        pytest.param("glm-5", False, {}, id="another vendor's, at a host that refuses it"),
    ],
)
def test_who_is_told_how_to_draw_tokens(
    model: str, sampling: bool | None, said: dict[str, object]
) -> None:
    asked = request(model=model, sampling=Sampling(temperature=1.0))
    sent = CODEC.write_request(asked, Dialect(sampling=sampling))
    body = msgspec.json.decode(sent.body)
    assert {key: body[key] for key in ("temperature",) if key in body} == said
    assert sent.losses == ()


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("claude-opus-5-5", 64_000),
        ("claude-fable-5-2", 64_000),
        ("claude-sonnet-4-5-20250929", 64_000),
        ("claude-sonnet-4-20250514", 64_000),
        ("claude-haiku-4-5", 64_000),
        ("claude-opus-4-5", 64_000),
        ("claude-opus-4-1-20250805", 32_000),
        ("us.anthropic.claude-opus-4-20250514-v1:0", 32_000),
        ("claude-opus-4-0", 32_000),
        ("claude-3-7-sonnet-latest", 64_000),
        ("claude-3-5-haiku-20241022", 8_192),
        ("claude-3-opus-20240229", 4_096),
        ("kimi-k2", 32_000),
    ],
)
def test_who_names_no_maximum_is_given_the_models(model: str, most: int) -> None:
    assert written(request(model=model))[0]["max_tokens"] == most


@pytest.mark.parametrize(
    ("model", "asked", "most"),
    [
        pytest.param("claude-opus-5-5", None, 128_000, id="as configured"),
        pytest.param("kimi-k2", None, 7, id="as configured for what fits nothing before"),
        pytest.param("claude-opus-5-5", 200_000, 200_000, id="what a client names is not lowered"),
    ],
)
def test_a_maximum_can_be_configured(model: str, asked: int | None, most: int) -> None:
    dialect = Dialect(max_output_tokens=(("claude-opus-*", 128_000), ("*", 7)))
    sent = CODEC.write_request(request(model=model, max_output_tokens=asked), dialect)
    assert msgspec.json.decode(sent.body)["max_tokens"] == most


def test_a_configured_maximum_leaves_room_to_think() -> None:
    dialect = Dialect(max_output_tokens=(("*", 2000),))
    sent = CODEC.write_request(request(model=OLDER, reasoning=Reasoning(effort="high")), dialect)
    body = msgspec.json.decode(sent.body)
    assert (body["max_tokens"], body["thinking"]["budget_tokens"]) == (2000, 1999)


def test_a_long_context_is_asked_for_in_a_header() -> None:
    sent = CODEC.write_request(request(long_context=True))
    assert sent.headers == (
        (b"anthropic-version", b"2023-06-01"),
        (b"anthropic-beta", b"context-1m-2025-08-07"),
    )
    assert sent.losses == ()


def test_a_long_conversation_comes_back() -> None:
    turns = []
    for i in range(400):
        turns += [
            model(ToolCall(id=f"c{i}", name="read", arguments='{"path":"a"}')),
            user(result(f"c{i}", Text(text="word " * 240))),
        ]
    asked = request(HI, *turns, max_output_tokens=1)
    body = CODEC.write_request(asked).body
    assert len(body) > 500_000
    assert CODEC.read_request(body, HERE).request == asked
