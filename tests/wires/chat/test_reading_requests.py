"""What clients of the chat wire ask, in the middle."""

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.parts import Media, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Format,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.codec import Read
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.chat.codec import CHAT_CODEC
from tests.nested import nested

HI = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"p": {"type": "string"}}}
SCHEMA_TEXT = msgspec.json.encode(SCHEMA).decode()
GRAMMAR = '{"type":"grammar","definition":"start: /.+/","syntax":"lark"}'
NESTED_GRAMMAR = {"type": "grammar", "grammar": {"definition": "start: /.+/", "syntax": "lark"}}
PNG = "data:image/png;base64,iVBO"
PDF = "data:application/pdf;base64,JVBE"


def read(**asked: Any) -> Read:
    body = msgspec.json.encode({"model": "m", "messages": [HI], **asked})
    return CHAT_CODEC.read_request(body, Location("/v1/chat/completions", {}))


def call(name: str, arguments: str, call_id: str = "c1") -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


USER = Turn(role="user", parts=(Text(text="hi"),))
LS = ToolCall(id="c1", name="ls", arguments='{"p":1}')
MESSAGES = [
    pytest.param(
        [{"role": "system", "content": "be brief"}, HI, {"role": "developer", "content": "in C"}],
        (
            Turn(role="system", parts=(Text(text="be brief"),)),
            USER,
            Turn(role="system", parts=(Text(text="in C"),)),
        ),
        id="system and developer messages stay where they are",
    ),
    pytest.param(
        [
            {"role": "assistant", "content": None, "tool_calls": [call("ls", '{"p":1}')]},
            {"role": "tool", "tool_call_id": "c1", "content": "a.txt"},
            {
                "role": "tool",
                "tool_call_id": "c2",
                "content": [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}],
            },
            HI,
        ],
        (
            Turn(role="assistant", parts=(LS,)),
            Turn(
                role="user",
                parts=(
                    ToolResult(call_id="c1", parts=(Text(text="a.txt"),)),
                    ToolResult(call_id="c2", parts=(Text(text="b"), Text(text="c"))),
                ),
            ),
            USER,
        ),
        id="tool messages in a row are one turn of the user",
    ),
    pytest.param(
        [
            {
                "role": "assistant",
                "reasoning_content": "hm",
                "content": "so",
                "tool_calls": [call("ls", "")],
            }
        ],
        (
            Turn(
                role="assistant",
                parts=(
                    Thinking(text="hm"),
                    Text(text="so"),
                    ToolCall(id="c1", name="ls", arguments="{}"),
                ),
            ),
        ),
        id="reasoning, text, and a call without arguments",
    ),
    pytest.param(
        [{"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}],
        (Turn(role="assistant", parts=(Refusal(text="no"),)),),
        id="a refusal part",
    ),
    pytest.param(
        [{"role": "assistant", "content": None, "refusal": "no"}],
        (Turn(role="assistant", parts=(Refusal(text="no"),)),),
        id="a refusal field",
    ),
    pytest.param(
        [
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"id": "x", "type": "custom", "custom": {"name": "e", "input": "1"}}
                ],
            },
            {"role": "tool", "tool_call_id": "x", "content": ""},
        ],
        (
            Turn(
                role="assistant",
                parts=(ToolCall(id="x", name="e", arguments="1", custom=True),),
            ),
            Turn(role="user", parts=(ToolResult(call_id="x", parts=(), custom=True),)),
        ),
        id="a call of a free-form tool, whose result is known as such",
    ),
    pytest.param(
        [
            {
                "role": "assistant",
                "content": None,
                "function_call": {"name": "ls", "arguments": '{"p":1}'},
            },
            {"role": "function", "name": "ls", "content": "a"},
        ],
        (
            Turn(
                role="assistant",
                parts=(ToolCall(id="call_0", name="ls", arguments='{"p":1}'),),
            ),
            Turn(
                role="user",
                parts=(ToolResult(call_id="call_0", parts=(Text(text="a"),), name="ls"),),
            ),
        ),
        id="the retired function_call and its result find each other",
    ),
    pytest.param(
        [
            {
                "role": "user",
                "content": [
                    {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
                    {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}},
                    {"type": "image_url", "image_url": PDF},
                    {"type": "file", "file": {"file_data": PDF, "filename": "a.pdf"}},
                    {
                        "type": "file",
                        "file": {
                            "file_data": "data:text/plain;base64,"
                            + base64.b64encode(b"words").decode(),
                            "filename": "a.txt",
                        },
                    },
                ],
            }
        ],
        (
            Turn(
                role="user",
                parts=(
                    Media(kind="image", media_type="image/png", data="iVBO", detail="low"),
                    Media(kind="image", url="https://x.test/a.png"),
                    Media(kind="document", media_type="application/pdf", data="JVBE"),
                    Media(
                        kind="document",
                        media_type="application/pdf",
                        data="JVBE",
                        title="a.pdf",
                    ),
                    Media(kind="text", media_type="text/plain", data="words", title="a.txt"),
                ),
            ),
        ),
        id="images and documents",
    ),
    pytest.param(
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a", "prompt_cache_breakpoint": {"ttl": "12h"}},
                    {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}},
                    {"type": "text", "text": ""},
                ],
            }
        ],
        (
            Turn(
                role="user",
                parts=(Text(text="a", cache_until="1h"), Text(text="b", cache_until="5m")),
            ),
        ),
        id="cache breakpoints of two spellings, and an empty text",
    ),
    pytest.param(
        [HI, {"role": "assistant", "content": ""}, {"role": "user", "content": ""}],
        (USER,),
        id="messages that say nothing are left out",
    ),
    pytest.param(
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"{PNG}-_8"}}]}],
        (
            Turn(
                role="user",
                parts=(Media(kind="image", media_type="image/png", data="iVBO+/8"),),
            ),
        ),
        id="the other base64 alphabet",
    ),
]


@pytest.mark.parametrize(("messages", "turns"), MESSAGES)
def test_messages(messages: list[Any], turns: tuple[Turn, ...]) -> None:
    found = read(messages=messages)
    assert found.request.turns == turns
    assert found.losses == ()


def request(**fields: Any) -> Request:
    return Request(model="m", turns=(USER,), **fields)


FIELDS = [
    pytest.param({}, request(), id="the least"),
    pytest.param(
        {"stream": True}, request(stream=True, usage_shown=False), id="usage of a stream is hidden"
    ),
    pytest.param(
        {"stream": True, "stream_options": {"include_usage": True}},
        request(stream=True),
        id="usage of a stream is shown",
    ),
    pytest.param({"max_tokens": 5}, request(max_output_tokens=5), id="the retired max_tokens"),
    pytest.param(
        {"max_completion_tokens": 6, "max_tokens": 6},
        request(max_output_tokens=6),
        id="both, and they agree",
    ),
    pytest.param({"stop": "a"}, request(stop=("a",)), id="one stop"),
    pytest.param({"stop": ["a", "b"]}, request(stop=("a", "b")), id="several stops"),
    pytest.param(
        {
            "temperature": 0.5,
            "top_p": 1,
            "top_k": 3,
            "seed": 4,
            "frequency_penalty": 0.1,
            "presence_penalty": 0.2,
            "logprobs": True,
            "top_logprobs": 2,
            "n": 2,
        },
        request(
            sampling=Sampling(
                temperature=0.5,
                top_p=1.0,
                top_k=3,
                seed=4,
                frequency_penalty=0.1,
                presence_penalty=0.2,
                logprobs=True,
                top_logprobs=2,
                answers=2,
            )
        ),
        id="sampling",
    ),
    pytest.param(
        {"reasoning_effort": "xhigh"}, request(reasoning=Reasoning(effort="xhigh")), id="effort"
    ),
    pytest.param({"response_format": {"type": "text"}}, request(), id="text is no format"),
    pytest.param({"response_format": {"type": "json_object"}}, request(format=Format()), id="JSON"),
    pytest.param(
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "a", "schema": SCHEMA, "strict": True},
            }
        },
        request(format=Format(schema=SCHEMA_TEXT, name="a", strict=True)),
        id="JSON of a schema",
    ),
    pytest.param(
        {"prompt_cache_key": "k", "user": "u", "service_tier": "flex", "metadata": None},
        request(cache_key="k", user="u", service_tier="flex"),
        id="keys and tier",
    ),
    pytest.param({"safety_identifier": "s"}, request(user="s"), id="safety_identifier"),
    pytest.param(
        {
            "tools": [
                {
                    "type": "function",
                    "function": {"name": "f", "description": "d", "parameters": SCHEMA},
                },
                {"type": "function", "function": {"name": "g", "strict": False}},
                {"type": "custom", "custom": {"name": "c", "format": {"type": "text"}}},
                {"type": "custom", "custom": {"name": "d", "format": NESTED_GRAMMAR}},
            ],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "parallel_tool_calls": False,
        },
        request(
            tools=(
                Tool(name="f", description="d", schema=SCHEMA_TEXT),
                Tool(name="g", schema='{"type":"object","properties":{}}', strict=False),
                Tool(name="c", custom=True),
                Tool(name="d", custom=True, grammar=GRAMMAR),
            ),
            tool_choice=ToolChoice(mode="tool", name="f", parallel=False),
        ),
        id="tools and the choice of one",
    ),
    pytest.param(
        {"functions": [{"name": "f", "parameters": SCHEMA}], "function_call": {"name": "f"}},
        request(
            tools=(Tool(name="f", schema=SCHEMA_TEXT),),
            tool_choice=ToolChoice(mode="tool", name="f"),
        ),
        id="the retired functions",
    ),
    pytest.param(
        {"tool_choice": "required"}, request(tool_choice=ToolChoice(mode="required")), id="must"
    ),
]


@pytest.mark.parametrize(("asked", "expected"), FIELDS)
def test_fields(asked: dict[str, Any], expected: Request) -> None:
    found = read(**asked)
    assert found.request == expected
    assert found.losses == ()


LOSSES = [
    pytest.param({"logit_bias": {"1": 2}, "odd": [1]}, ["logit_bias", "odd"], id="unknown keys"),
    pytest.param({"tools": [{"type": "web", "x": 1}]}, ["tools[0]"], id="unknown tool"),
    pytest.param({"reasoning_effort": "huge"}, ["reasoning_effort"], id="unknown effort"),
    pytest.param({"response_format": {"type": "x"}}, ["response_format"], id="unknown format"),
    pytest.param({"user": "a", "safety_identifier": "b"}, ["user"], id="two users"),
    pytest.param({"max_tokens": 1, "max_completion_tokens": 2}, ["max_tokens"], id="two limits"),
    pytest.param(
        {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}},
        ["tool_choice"],
        id="a choice among some",
    ),
    pytest.param({"tool_choice": {"type": "x"}}, ["tool_choice"], id="unknown choice"),
    pytest.param(
        {
            "messages": [
                {
                    "role": "user",
                    "name": "ann",
                    "content": [
                        {"type": "input_audio", "text": 5},
                        {"type": "file", "file": {"file_id": "f"}},
                        {"type": "text", "text": "hi"},
                    ],
                },
                {"role": "assistant", "audio": {"id": "a"}, "tool_calls": [{"type": "x"}]},
            ]
        },
        [
            "messages[0].name",
            "messages[0].content[0]",
            "messages[0].content[1]",
            "messages[1].audio",
            "messages[1].tool_calls[0]",
        ],
        id="in messages",
    ),
]


@pytest.mark.parametrize(("asked", "paths"), LOSSES)
def test_what_cannot_be_read_is_a_loss(asked: dict[str, Any], paths: list[str]) -> None:
    found = read(**asked)
    assert [loss.path for loss in found.losses] == paths
    assert all(loss.why for loss in found.losses)
    assert found.request.turns == (USER,)


REFUSED = [
    pytest.param({"messages": 5}, "messages", id="messages are no list"),
    pytest.param({"model": None}, "model", id="no model"),
    pytest.param({"messages": [{"content": "x"}]}, "role", id="no role"),
    pytest.param({"messages": [{"role": "bard"}]}, "messages[0].role", id="an unknown role"),
    pytest.param({"messages": [{"role": "tool"}]}, "messages[0].tool_call_id", id="no call"),
    pytest.param(
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        "messages[0].content[0]",
        id="a text without text",
    ),
    pytest.param({"messages": [{"role": "user", "content": [5]}]}, "content[0]", id="no part"),
    pytest.param({"tools": [{"type": "function"}]}, "tools[0]", id="a tool without a name"),
    pytest.param({"tool_choice": "maybe"}, "tool_choice", id="an unknown choice"),
    pytest.param({"seed": 2**70}, "seed", id="a seed that no writer can write"),
    pytest.param({"temperature": "hot"}, "temperature", id="a temperature in words"),
]


@pytest.mark.parametrize(("asked", "word"), REFUSED)
def test_another_shape_is_refused_by_its_path(asked: dict[str, Any], word: str) -> None:
    with pytest.raises(ClientError) as caught:
        read(**asked)
    assert caught.value.status == 400
    assert word in caught.value.message


json = nested(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "image_url", "url", "file", "function", "name", "id"]),
            inner,
            max_size=4,
        )
    ),
)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "function"])},
    optional={
        "content": json | st.lists(json, max_size=2),
        "tool_calls": st.lists(json, max_size=2),
        "tool_call_id": st.just("c"),
        "reasoning_content": json,
        "function_call": json,
    },
)
FIELD_NAMES = ["tools", "tool_choice", "stop", "seed", "response_format", "stream_options", "odd"]


@given(
    said=st.lists(messages, max_size=3),
    fields=st.dictionaries(st.sampled_from(FIELD_NAMES), json, max_size=3),
)
def test_strange_input_is_read_and_written_or_refused(
    said: list[dict[str, Any]], fields: dict[str, Any]
) -> None:
    try:
        found = read(messages=said, **fields)
    except ClientError:
        return
    msgspec.json.decode(CHAT_CODEC.write_request(found.request).body)
