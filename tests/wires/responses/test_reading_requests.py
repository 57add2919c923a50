"""Requests of Responses clients, into the middle."""

import json
from typing import Any

import pytest

from proxy.canonical.parts import Media, Opaque, Refusal, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Reasoning,
    Request,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.canonical.search import WebSearch
from proxy.codec import Read
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.responses.codec import RESPONSES_CODEC
from proxy.wires.responses.tokens import sealed, sealed_attached
from tests.wires.responses.turns import HERE, HI, LARK, SCHEMA, model, system, user


def read(body: object, location: Location = HERE) -> Read:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RESPONSES_CODEC.read_request(raw, location)


def turns(*items: object) -> tuple[Turn, ...]:
    return read({"model": "m", "input": list(items)}).request.turns


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([{"role": "user", "content": "hi"}], (user(HI),), id="a bare message"),
        pytest.param(
            [
                {"type": "message", "id": "msg_1", "role": "developer", "content": "hi"},
                {"type": "message", "role": "system", "content": [{"type": "text", "text": "hi"}]},
            ],
            (system(HI), system(HI)),
            id="developer and system messages are system turns of their own",
        ),
        pytest.param(
            [
                {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
                {"role": "assistant", "content": [{"type": "output_text", "text": "hi"}]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
                {
                    "type": "custom_tool_call",
                    "call_id": "d",
                    "name": "exec",
                    "input": "ls()",
                    "namespace": "functions",
                },
            ],
            (
                model(
                    Thinking(opaque=Opaque("responses", "x", "rs_1")),
                    HI,
                    ToolCall(id="c", name="f", arguments="{}"),
                    ToolCall(id="d", name="exec", arguments="ls()", custom=True),
                ),
            ),
            id="what the model did in a row is one turn",
        ),
        pytest.param(
            [
                {"type": "function_call_output", "call_id": "c", "output": "hi"},
                {
                    "type": "custom_tool_call_output",
                    "call_id": "d",
                    "output": [
                        {"type": "input_text", "text": "hi"},
                        {"type": "input_image", "image_url": "data:image/png;base64,QUJD"},
                    ],
                },
                {"role": "user", "content": "hi"},
            ],
            (
                user(
                    ToolResult(call_id="c", parts=(HI,)),
                    ToolResult(
                        call_id="d",
                        parts=(HI, Media(kind="image", media_type="image/png", data="QUJD")),
                        custom=True,
                    ),
                    HI,
                ),
            ),
            id="results of a text or of parts, then the user: one turn",
        ),
        pytest.param(
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_image", "image_url": "https://x/y.png", "detail": "low"},
                        {
                            "type": "input_file",
                            "file_data": "data:application/pdf;base64,QUJD",
                            "filename": "a.pdf",
                        },
                        {"type": "input_file", "file_data": "data:text/plain;base64,aGk="},
                        {"type": "input_file", "file_url": "https://x/z.pdf"},
                    ],
                }
            ],
            (
                user(
                    Media(kind="image", url="https://x/y.png", detail="low"),
                    Media(
                        kind="document", media_type="application/pdf", data="QUJD", title="a.pdf"
                    ),
                    Media(kind="text", media_type="text/plain", data="hi"),
                    Media(kind="document", url="https://x/z.pdf"),
                ),
            ),
            id="images and files, of data and of URLs",
        ),
        pytest.param(
            [
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {
                    "type": "reasoning",
                    "summary": [],
                    "encrypted_content": sealed_attached(Opaque("gemini", "sig")),
                },
                {
                    "type": "reasoning",
                    "summary": [{"type": "summary_text", "text": "hi"}],
                    "encrypted_content": sealed(Opaque("anthropic", "s", "q"), redacted=True),
                },
            ],
            (
                model(
                    ToolCall(id="c", name="f", arguments="{}", opaque=Opaque("gemini", "sig")),
                    Thinking(text="hi", redacted=True, opaque=Opaque("anthropic", "s", "q")),
                ),
            ),
            id="tokens of other wires go back to where they were",
        ),
    ],
)
def test_reading_items(items: list[object], expected: tuple[Turn, ...]) -> None:
    assert turns(*items) == expected


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("pm1.\u00e9.x.y", id="an envelope that is no base64"),
        pytest.param(sealed_attached(Opaque("gemini", "s")), id="one for a part that takes none"),
    ],
)
def test_odd_tokens_do_no_harm(token: str) -> None:
    refusal = {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}
    said = turns(refusal, {"type": "reasoning", "summary": [], "encrypted_content": token})
    assert said[0].parts[0] == Refusal(text="no")
    body: dict[str, Any] = {"object": "response", "output": [{"type": "message", **refusal}]}
    body["output"] += [{"type": "reasoning", "encrypted_content": token}]
    answer = RESPONSES_CODEC.read_answer(json.dumps(body).encode(), [])
    assert answer is not None
    assert answer.parts == said[0].parts


def test_codex_in_code_mode_keeps_its_tools() -> None:
    exec_tool = {"type": "custom", "name": "exec", "description": "js", "format": json.loads(LARK)}
    sleep = {"type": "function", "name": "sleep", "parameters": json.loads(SCHEMA), "strict": False}
    groups = [
        {"type": "namespace", "name": "functions", "description": "", "tools": [exec_tool]},
        {"type": "namespace", "name": "clock", "description": "time", "tools": [sleep]},
    ]
    added = {"type": "additional_tools", "id": "at_1", "role": "developer", "tools": groups}
    asked = {"role": "user", "content": "hi"}
    said = read(
        {
            "model": "gpt-6",
            "input": [added, asked, {"type": "compaction_trigger"}],
            "tools": [{"type": "web_search"}],
            "store": False,
            "stream": True,
            "include": ["reasoning.encrypted_content"],
            "reasoning": {"effort": "high", "context": "all_turns"},
            "prompt_cache_key": "k",
            "parallel_tool_calls": False,
            "client_metadata": {"a": "b"},
        }
    )
    schema = json.dumps(json.loads(SCHEMA))
    assert said.request == Request(
        model="gpt-6",
        turns=(user(HI),),
        stream=True,
        tools=(
            Tool(
                name="web_search",
                server='{"type": "web_search"}',
                wire="responses",
                search=WebSearch(),
            ),
            Tool(name="exec", description="js", custom=True, grammar=LARK),
            Tool(name="sleep", schema=schema, strict=False, namespace="clock"),
        ),
        tool_choice=ToolChoice(parallel=False),
        reasoning=Reasoning(effort="high"),
        cache_key="k",
    )
    assert [loss.path for loss in said.losses] == [
        "client_metadata",
        "input[2]",
        "input[0].tools[1].description",
        "reasoning.context",
    ]


@pytest.mark.parametrize(
    ("more", "loss"),
    [
        pytest.param({"metadata": {"a": "b"}}, "metadata", id="metadata"),
        pytest.param({"shiny": 1}, "shiny", id="a field nobody knows yet"),
        pytest.param({"input": [{"type": "web_search_call"}]}, "input[0]", id="a hosted call"),
        pytest.param({"input": [7]}, "input[0]", id="an item that is no object"),
        pytest.param({"input": [{"type": 7}]}, "input[0]", id="a type that is no text"),
        pytest.param(
            {"input": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "input[0].content[0]",
            id="content of another kind",
        ),
        pytest.param(
            {"input": [{"role": "critic", "content": "x"}]}, "input[0]", id="another role"
        ),
        pytest.param({"tools": [{"name": "x"}]}, "tools[0]", id="a tool without a type"),
        pytest.param({"tool_choice": {"type": "file_search"}}, "tool_choice", id="a hosted choice"),
        pytest.param({"reasoning": {"effort": "huge"}}, "reasoning.effort", id="an effort"),
        pytest.param({"text": {"verbosity": "low"}}, "text.verbosity", id="verbosity"),
        pytest.param({"store": True}, "store", id="store"),
    ],
)
def test_what_cannot_be_carried_is_a_loss(more: dict[str, Any], loss: str) -> None:
    said = read({"model": "m", "background": False, **more})
    assert [found.path for found in said.losses] == [loss]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"input": "x"}, "`model`", id="no model"),
        pytest.param({"model": "m", "temperature": "hot"}, r"\$.temperature", id="a wrong shape"),
        pytest.param(
            {"model": "m", "input": [{"type": "function_call", "name": "f"}]},
            r"`call_id` - at `input\[0\]`",
            id="a call without id",
        ),
        pytest.param(
            {"model": "m", "input": [{"role": "user", "content": 7}]},
            r"input\[0\].content",
            id="content that is a number",
        ),
        pytest.param({"model": "m", "previous_response_id": "r"}, "stored at", id="a response"),
        pytest.param({"model": "m", "conversation": {"id": "c"}}, "stored at", id="a conversation"),
        pytest.param({"model": "m", "prompt": {"id": "p"}}, "stored at", id="a stored prompt"),
        pytest.param(
            {"model": "m", "input": [{"type": "item_reference", "id": "i"}]},
            "stored at",
            id="a stored item",
        ),
        pytest.param(b'{"model":"m","tools":[{"type":"x","y":"\xff"}]}', "utf-8", id="bad text"),
        pytest.param(b"[]", "object", id="no object"),
    ],
)
def test_what_cannot_be_used_is_refused(body: object, words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        read(body)
    assert caught.value.status == 400
