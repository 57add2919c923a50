import json

import msgspec
import pytest

from proxy.canonical.parts import Media, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Format,
    Loss,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.canonical.search import WebSearch
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.gemini.codec import GEMINI_CODEC
from proxy.wires.gemini.signature import DUMMY

CALL = ToolCall(id="a", name="look", arguments='{"at":"x"}')
SIGNED = Opaque("gemini", "c2ln")

DONE = ToolResult(call_id="a", name="look", parts=(Text(text="seen"),), is_error=False)


def read(body: str, verb: str = "generateContent", model: str = "g") -> tuple[Request, list[Loss]]:
    found = GEMINI_CODEC.read_request(body.encode(), Location(f"/v1/models/{model}:{verb}", {}))
    return found.request, list(found.losses)


def parts_of(*parts: str, role: str = "user") -> tuple[Part, ...]:
    request, losses = read(f'{{"contents":[{{"role":"{role}","parts":[{",".join(parts)}]}}]}}')
    assert losses == []
    return request.turns[0].parts


def asked(*turns: Turn, **more: object) -> Request:
    return msgspec.structs.replace(Request(model="g", turns=turns), **more)


def user(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


def model(*parts: Part) -> Turn:
    return Turn(role="assistant", parts=parts)


HI = user(Text(text="hi"))


@pytest.mark.parametrize(
    ("role", "spelled", "part"),
    [
        pytest.param("user", '{"text":"hé"}', Text(text="hé"), id="text"),
        pytest.param(
            "user",
            '{"inlineData":{"mime_type":"image/png","data":"_-8"}}',
            Media(kind="image", media_type="image/png", data="/+8="),
            id="an image in snake case and URL-safe base64",
        ),
        pytest.param(
            "user",
            '{"inline_data":{"mimeType":"application/pdf","data":"AAAA","displayName":"t"}}',
            Media(kind="document", media_type="application/pdf", data="AAAA", title="t"),
            id="a document with a title",
        ),
        pytest.param(
            "user",
            '{"fileData":{"file_uri":"https://x.org/a.png"}}',
            Media(kind="image", url="https://x.org/a.png"),
            id="a file behind a URL",
        ),
        pytest.param(
            "model",
            '{"functionCall":{"name":"f","args":{"some_key":1.0}},"thought_signature":"c2ln"}',
            ToolCall(id="call_0", name="f", arguments='{"some_key":1.0}', opaque=SIGNED),
            id="a signed call without an id, its arguments untouched",
        ),
        pytest.param(
            "model",
            '{"functionCall":{"name":"f"},"thoughtSignature":"' + DUMMY + '"}',
            ToolCall(id="call_0", name="f", arguments="{}"),
            id="the dummy signature is none",
        ),
        pytest.param(
            "model",
            '{"text":"","thoughtSignature":"c2ln"}',
            Text(text="", opaque=SIGNED),
            id="a signature alone",
        ),
        pytest.param(
            "user",
            '{"functionResponse":{"id":"z","name":"f","response":{"error":"no"},'
            '"parts":[{"inline_data":{"mime_type":"image/png","data":"AAAA"}}]}}',
            ToolResult(
                call_id="z",
                name="f",
                parts=(
                    Text(text="no"),
                    Media(kind="image", media_type="image/png", data="AAAA"),
                ),
                is_error=True,
            ),
            id="a failed result with an image",
        ),
        pytest.param(
            "user",
            '{"functionResponse":{"id":"z","name":"f","response":{"result": [1]}}}',
            ToolResult(
                call_id="z", name="f", parts=(Text(text='{"result": [1]}'),), is_error=False
            ),
            id="a response of the function's own shape",
        ),
    ],
)
def test_a_part_is_read(role: str, spelled: str, part: Part) -> None:
    assert parts_of(spelled, role=role) == (part,)


def test_results_without_ids_find_their_calls_by_name_then_order() -> None:
    request, _ = read(
        '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"a"}},'
        '{"functionCall":{"name":"b"}},{"functionCall":{"name":"a"}}]},{"parts":['
        '{"functionResponse":{"name":"b","response":{}}},'
        '{"functionResponse":{"name":"a","response":{}}},'
        '{"functionResponse":{"name":"a","response":{}}}]}]}'
    )
    results = [part for part in request.turns[1].parts if isinstance(part, ToolResult)]
    assert [one.call_id for one in results] == ["call_1", "call_0", "call_2"]


def test_what_a_client_kept_in_pieces_is_one_part_again() -> None:
    request, _ = read(
        '{"contents":[{"role":"model","parts":[{"text":"th","thought":true}]},'
        '{"role":"model","parts":[{"text":"ink","thought":true}]},{"role":"model","parts":'
        '[{"text":"","thought":true,"thoughtSignature":"c2ln"},{"text":"a"},{"text":"b"}]}]}'
    )
    assert request.turns == (model(Thinking(text="think", opaque=SIGNED), Text(text="ab")),)


def test_settings_are_read_in_both_spellings() -> None:
    request, losses = read(
        '{"contents":[{"parts":[{"text":"hi"}]}],"system_instruction":{"role":"user",'
        '"parts":[{"text":"be"}]},"tools":[{"functionDeclarations":[{"name":"f","parameters":'
        '{"type":"OBJECT","properties":{"type":{"type":"STRING","nullable":true},"any_of":'
        '{"type":"ARRAY","min_items":"1","items":{"type":"INTEGER"}}}}}]},{"google_search":{}}],'
        '"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowed_function_names":["f"]}},'
        '"generationConfig":{"topK":40.0,"temperature":1,"thinkingConfig":{"include_thoughts":true,'
        '"thinking_level":"HIGH"},"stop_sequences":["x"],"response_mime_type":"application/json",'
        '"responseJsonSchema":{"type":"OBJECT"},"speechConfig":{}},"safetySettings":[],'
        '"cachedContent":"c","new":1}',
        "streamGenerateContent",
        "a%2Fb",
    )
    assert request == Request(
        model="a/b",
        turns=(Turn(role="system", parts=(Text(text="be"),)), HI),
        stream=True,
        tools=(
            Tool(
                name="f",
                schema='{"type":"object","properties":{"type":{"type":["string","null"]},'
                '"any_of":{"type":"array","minItems":1,"items":{"type":"integer"}}}}',
            ),
            Tool(
                name="googleSearch",
                server='{"googleSearch":{}}',
                wire="gemini",
                search=WebSearch(),
            ),
        ),
        tool_choice=ToolChoice(mode="tool", name="f"),
        stop=("x",),
        sampling=Sampling(temperature=1, top_k=40),
        reasoning=Reasoning(effort="high", shown=True),
        format=Format(schema='{"type":"object"}'),
    )
    lost = ["generationConfig.speechConfig", "safetySettings", "cachedContent", "new"]
    assert [loss.path for loss in losses] == lost


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{",
        "{}",
        '{"contents":3}',
        '{"contents":[{"role":"system","parts":[]}]}',
        '{"contents":[{"parts":[{"text":3}]}]}',
        '{"contents":[{"parts":[{"functionCall":{"name":"f","args":[]}}]}]}',
        '{"contents":[{"parts":[{"functionResponse":{"response":"x"}}]}]}',
        '{"contents":[{"parts":[{"text":"a"}]}],"tools":' + "[" * 100_000 + "}",
    ],
)
def test_a_wrong_shape_is_the_callers_fault(body: str) -> None:
    with pytest.raises(ClientError):
        read(body)


def test_an_unknown_part_is_a_loss() -> None:
    request, losses = read('{"contents":[{"parts":[{"text":"hi"},{"newKind":{"a":1}}]}]}')
    assert request.turns == (HI,)
    assert losses == [Loss("contents[0].parts[1].newKind", "newKind", "not known")]


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asked(HI), id="text"),
        pytest.param(asked(HI, stream=True), id="a stream"),
        pytest.param(asked(HI, counts_only=True), id="counting"),
        pytest.param(
            asked(
                Turn(role="system", parts=(Text(text="be"),)),
                user(
                    Media(kind="image", media_type="image/png", data="AAAA"),
                    Media(kind="text", media_type="text/plain", data="words", title="t"),
                    Media(kind="document", media_type="application/pdf", url="https://x.org/a"),
                ),
                model(
                    Thinking(text="hm"),
                    Text(text="ok", opaque=SIGNED),
                    msgspec.structs.replace(CALL, opaque=SIGNED),
                    ToolCall(id="b", name="look", arguments='{"a":1.0}'),
                ),
                user(DONE, ToolResult(call_id="b", name="look", parts=(), is_error=True)),
            ),
            id="a conversation",
        ),
        pytest.param(asked(HI, model(CALL), user(DONE)), id="an unsigned call"),
        pytest.param(
            asked(
                HI,
                tools=(Tool(name="f", description="d", schema='{"type":"object"}'),),
                tool_choice=ToolChoice(mode="required"),
                max_output_tokens=5,
                stop=("x",),
                sampling=Sampling(temperature=0.5, top_p=0.1, top_k=4, seed=1, answers=1),
                reasoning=Reasoning(budget_tokens=-1, shown=True),
                format=Format(schema='{"type":"object"}'),
                service_tier="flex",
            ),
            id="settings",
        ),
        pytest.param(asked(HI, reasoning=Reasoning(effort="none")), id="no thinking"),
    ],
)
def test_a_request_comes_back_as_it_was(request_: Request) -> None:
    written = GEMINI_CODEC.write_request(request_)
    assert written.losses == ()
    found = GEMINI_CODEC.read_request(written.body, Location(written.path, {}))
    assert found.request == request_
    assert found.losses == ()


def test_the_current_turns_steps_are_signed_and_results_stand_in_order() -> None:
    turns = (
        model(CALL),
        user(DONE),
        user(Text(text="go on")),
        model(CALL, ToolCall(id="b", name="f", arguments="{}")),
        user(
            Text(text="wait"),
            ToolResult(call_id="b", parts=(Text(text='{"k": 1}'),)),
            ToolResult(call_id="a", parts=(Text(text="x"),)),
        ),
    )
    body = GEMINI_CODEC.write_request(asked(*turns[:3])).body.decode()
    assert DUMMY not in body
    turns = (*turns[:4], user(*turns[4].parts[1:]))
    body = GEMINI_CODEC.write_request(asked(*turns)).body.decode()
    assert body.count(DUMMY) == 1
    assert body.endswith(
        '{"functionCall":{"name":"look","args":{"at":"x"},"id":"a"},"thoughtSignature":"'
        + DUMMY
        + '"},{"functionCall":{"name":"f","args":{},"id":"b"}}],"role":"model"},{"parts":'
        '[{"functionResponse":{"name":"look","response":{"output":"x"},"id":"a"}},'
        '{"functionResponse":{"name":"f","response":{"k":1},"id":"b"}}],"role":"user"}]}'
    )


def test_a_token_that_came_without_a_thought_goes_to_the_part_behind_it() -> None:
    body = GEMINI_CODEC.write_request(asked(HI, model(Thinking(opaque=SIGNED), CALL))).body
    assert b'"id":"a"},"thoughtSignature":"c2ln"' in body
    assert b'thought":true' not in body


def test_paths_and_losses_of_a_request() -> None:
    written = GEMINI_CODEC.write_request(
        asked(
            user(Text(text="hi", cache_until="5m")),
            Turn(role="system", parts=(Text(text="late"),)),
            model="a/b",
            stream=True,
            stop=tuple("123456"),
            user="u",
            cache_key="k",
            reasoning=Reasoning(effort="max", budget_tokens=9),
            tool_choice=ToolChoice(mode="auto", parallel=False),
        )
    )
    assert (written.path, written.raw_query) == (
        "/v1beta/models/a%2Fb:streamGenerateContent",
        "alt=sse",
    )
    assert b'"thinkingConfig":{"thinkingLevel":"XHIGH"}' in written.body
    assert {loss.path for loss in written.losses} == {
        "turns[0].parts[0].cache_until",
        "turns[1]",
        "stop[5]",
        "tool_choice.parallel",
        "user",
        "cache_key",
    }


TOOLED = asked(
    Turn(role="system", parts=(Text(text="be"),)),
    HI,
    tools=(Tool(name="f", description="d", schema='{"type":"object"}'),),
    format=Format(schema='{"type":"object"}'),
    counts_only=True,
)


def test_system_and_tools_are_counted_too() -> None:
    answered = msgspec.structs.replace(
        TOOLED, max_output_tokens=5, sampling=Sampling(top_k=4), user="u", service_tier="x"
    )
    written = GEMINI_CODEC.write_request(answered)
    assert written.losses == ()
    assert written.path == "/v1beta/models/g:countTokens"
    assert json.loads(written.body) == {
        "generateContentRequest": {
            "model": "models/g",
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "systemInstruction": {"parts": [{"text": "be"}]},
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "f",
                            "description": "d",
                            "parametersJsonSchema": {"type": "object"},
                        }
                    ]
                }
            ],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": {"type": "object"},
            },
        }
    }


BARE = asked(HI, counts_only=True)
CONTENTS = '"contents":[{"role":"user","parts":[{"text":"hi"}]}]'
SYSTEM = '{"parts":[{"text":"be"}]}'
DECLARED = '{"name":"f","description":"d","%s":{"type":"object"}}'


@pytest.mark.parametrize(
    ("body", "request_", "lost"),
    [
        pytest.param(f"{{{CONTENTS}}}", BARE, [], id="contents alone"),
        pytest.param(
            f'{{"generateContentRequest":{{"model":"models/g",{CONTENTS}}}}}',
            BARE,
            [],
            id="a whole request",
        ),
        pytest.param(
            f'{{"generate_content_request":{{"model":"models/g",{CONTENTS},'
            f'"system_instruction":{SYSTEM},'
            f'"tools":[{{"function_declarations":[{DECLARED % "parameters_json_schema"}]}}],'
            '"generation_config":{"response_mime_type":"application/json",'
            '"response_json_schema":{"type":"object"}}}}',
            TOOLED,
            [],
            id="a whole request in snake case",
        ),
        pytest.param(
            f'{{{CONTENTS},"systemInstruction":{SYSTEM},'
            f'"tools":[{{"functionDeclarations":[{DECLARED % "parametersJsonSchema"}]}}],'
            '"generationConfig":{"responseMimeType":"application/json",'
            '"responseJsonSchema":{"type":"object"}}}',
            TOOLED,
            [],
            id="all beside contents, as on Vertex AI",
        ),
        pytest.param(
            f'{{"contents":[],"generateContentRequest":{{{CONTENTS}}}}}',
            BARE,
            ["contents"],
            id="both: the vendor ignores contents",
        ),
    ],
)
def test_a_count_is_asked_in_any_of_its_spellings(
    body: str, request_: Request, lost: list[str]
) -> None:
    found, losses = read(body, verb="countTokens")
    assert found == request_
    assert [loss.path for loss in losses] == lost
