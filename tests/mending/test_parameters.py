"""A parameter that the provider names as unknown."""

from typing import Any

import pytest

from tests.mending.case import Case, check, mend

MARK = {"type": "ephemeral"}
SCOPED = {"type": "ephemeral", "scope": "global"}
SCHEMA = {"type": "object", "properties": {"cache_control": {"type": "string"}}}


def refused(path: str) -> str:
    return f"{path}: Extra inputs are not permitted"


def block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


ANTHROPIC = [
    Case(
        "on top",
        "anthropic",
        refused("context_management"),
        {"model": "m", "context_management": {"edits": []}, "stream": True},
        {"model": "m", "stream": True},
        ["context_management"],
    ),
    Case(
        "wrapped in the text of a gateway",
        "anthropic",
        '{"message":"context_management: Extra inputs are not permitted"}. Received Model '
        "Group=bedrock-sonnet-4.5",
        {"model": "m", "context_management": {}},
        {"model": "m"},
        ["context_management"],
    ),
    Case(
        "an object of which nothing is left goes as well",
        "anthropic",
        refused("output_config.effort"),
        {"model": "m", "output_config": {"effort": "high"}},
        {"model": "m"},
        ["output_config.effort"],
    ),
    Case(
        "of one message, and then of all",
        "anthropic",
        refused("messages.1.output_config"),
        {"messages": [{"role": "user", "output_config": {}}, {"role": "user", "output_config": 1}]},
        {"messages": [{"role": "user"}, {"role": "user"}]},
        ["messages[0].output_config", "messages[1].output_config"],
    ),
    Case(
        "of a tool, whose kind is in the path",
        "anthropic",
        refused("tools.0.custom.defer_loading"),
        {
            "tools": [
                {"name": "a", "input_schema": {}, "defer_loading": True},
                {"name": "b", "input_schema": {}, "type": "custom", "defer_loading": True},
                {"name": "c", "type": "web_search_20250305", "defer_loading": True},
            ]
        },
        {
            "tools": [
                {"name": "a", "input_schema": {}},
                {"name": "b", "input_schema": {}, "type": "custom"},
                {"name": "c", "type": "web_search_20250305", "defer_loading": True},
            ]
        },
        ["tools[0].defer_loading", "tools[1].defer_loading"],
    ),
    Case(
        "of thinking, whose kind is in the path",
        "anthropic",
        refused("thinking.adaptive.display"),
        {"thinking": {"type": "adaptive", "display": "omitted"}},
        {"thinking": {"type": "adaptive"}},
        ["thinking.display"],
    ),
    Case(
        "with thinking goes the edit that needs it",
        "anthropic",
        refused("thinking"),
        {
            "thinking": {"type": "adaptive"},
            "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
        },
        {},
        ["thinking", "context_management"],
    ),
    Case(
        "marks of the cache, all of them, but not what a client calls so",
        "anthropic",
        refused("messages.0.content.0.text.cache_control"),
        {
            "system": [block("s", cache_control=MARK)],
            "tools": [{"name": "f", "input_schema": SCHEMA, "cache_control": MARK}],
            "messages": [
                {"role": "user", "content": [block("a", cache_control=MARK)]},
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "content": [block("r", cache_control=MARK)],
                        }
                    ],
                },
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "input": {"cache_control": MARK}}],
                },
            ],
        },
        {
            "system": [block("s")],
            "tools": [{"name": "f", "input_schema": SCHEMA}],
            "messages": [
                {"role": "user", "content": [block("a")]},
                {"role": "user", "content": [{"type": "tool_result", "content": [block("r")]}]},
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "input": {"cache_control": MARK}}],
                },
            ],
        },
        [
            "system[0].cache_control",
            "tools[0].cache_control",
            "messages[0].content[0].cache_control",
            "messages[1].content[0].content[0].cache_control",
        ],
    ),
    Case(
        "of a mark, what is new in it",
        "anthropic",
        refused("system.0.cache_control.ephemeral.scope"),
        {
            "system": [block("s", cache_control=SCOPED)],
            "tools": [{"name": "f", "cache_control": {**SCOPED, "ttl": "1h"}}],
        },
        {
            "system": [block("s", cache_control=MARK)],
            "tools": [{"name": "f", "cache_control": {**MARK, "ttl": "1h"}}],
        },
        ["system[0].cache_control", "tools[0].cache_control"],
    ),
    Case(
        "the mark on top, where those on blocks are known",
        "anthropic",
        refused("cache_control"),
        {"cache_control": MARK, "system": [block("s", cache_control=MARK)]},
        {"system": [block("s", cache_control=MARK)]},
        ["cache_control"],
    ),
    Case(
        "marks on thinking, which can carry none",
        "anthropic",
        refused("messages.13.content.0.thinking.cache_control"),
        {
            "messages": [
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "t", "cache_control": MARK},
                        block("a", cache_control=MARK),
                    ],
                }
            ]
        },
        {
            "messages": [
                {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": "t"},
                        block("a", cache_control=MARK),
                    ],
                }
            ]
        },
        ["messages[0].content[0].cache_control"],
    ),
    Case(
        "one that a model has outgrown",
        "anthropic",
        "`temperature` is deprecated for this model.",
        {"temperature": 0.5, "top_p": 0.9},
        {"top_p": 0.9},
        ["temperature"],
    ),
    Case(
        "of two that are not taken together, the second",
        "anthropic",
        "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        {"temperature": 0.5, "top_p": 0.9},
        {"temperature": 0.5},
        ["top_p"],
    ),
    Case(
        "of Bedrock's validator",
        "anthropic",
        "#/tools/0: extraneous key [eager_input_streaming] is not permitted",
        {"tools": [{"name": "a", "eager_input_streaming": True}]},
        {"tools": [{"name": "a"}]},
        ["tools[0].eager_input_streaming"],
    ),
]
CHAT = [
    Case(
        "unknown to OpenAI",
        "chat",
        "Unknown parameter: 'stream_options'. (request id: 20240806214436917505976hvsFC5y2)",
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream": True},
        ["stream_options"],
    ),
    Case(
        "to Azure",
        "chat",
        "Unrecognized request argument supplied: parallel_tool_calls",
        {"model": "m", "parallel_tool_calls": True},
        {"model": "m"},
        ["parallel_tool_calls"],
    ),
    Case(
        "several at once",
        "chat",
        "Unrecognized request arguments supplied: store, metadata. Please contact us.",
        {"model": "m", "store": False, "metadata": {}},
        {"model": "m"},
        ["store", "metadata"],
    ),
    Case(
        "the cap keeps its value under the name that is told",
        "chat",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.",
        {"model": "m", "max_tokens": 100, "stream": True},
        {"model": "m", "max_completion_tokens": 100, "stream": True},
        ["max_tokens"],
    ),
    Case(
        "and under the older one, in the JSON of Mistral",
        "chat",
        '{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":'
        '"Extra inputs are not permitted","input":32000}]}',
        {"model": "m", "max_completion_tokens": 100},
        {"model": "m", "max_tokens": 100},
        ["max_completion_tokens"],
        status=422,
    ),
    Case(
        "of two caps, the known one stays",
        "chat",
        "Unsupported parameter: 'max_tokens' is not supported with this model.",
        {"max_tokens": 100, "max_completion_tokens": 90},
        {"max_completion_tokens": 90},
        ["max_tokens"],
    ),
    Case(
        "of two unknown caps, none",
        "chat",
        "Unsupported parameter(s): `max_tokens`, `max_completion_tokens`",
        {"model": "m", "max_tokens": 100},
        {"model": "m"},
        ["max_tokens"],
    ),
    Case(
        "in messages of one role",
        "chat",
        "messages.2.assistant.reasoning_content: property 'messages.2.assistant.reasoning_content' "
        "is unsupported",
        {
            "messages": [
                {"role": "user", "content": "a", "reasoning_content": "a word of the user"},
                {"role": "assistant", "content": "b", "reasoning_content": "r"},
                {"role": "assistant", "content": "c", "reasoning_content": "s"},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": "a", "reasoning_content": "a word of the user"},
                {"role": "assistant", "content": "b"},
                {"role": "assistant", "content": "c"},
            ]
        },
        ["messages[1].reasoning_content", "messages[2].reasoning_content"],
        error_type="wrong_api_format",
    ),
    Case(
        "the same in the tuples of pydantic",
        "chat",
        "[{'type': 'extra_forbidden', 'loc': ('body', 'messages', 1, 'assistant', "
        "'reasoning_content'), 'msg': 'Extra inputs are not permitted', 'input': 'r'}]",
        {"messages": [{"role": "assistant", "content": "b", "reasoning_content": "r"}]},
        {"messages": [{"role": "assistant", "content": "b"}]},
        ["messages[0].reasoning_content"],
    ),
    Case(
        "in the camelCase of xAI",
        "chat",
        "Model grok-4-latest does not support parameter reasoningEffort.",
        {"model": "m", "reasoning_effort": "high"},
        {"model": "m"},
        ["reasoning_effort"],
    ),
    Case(
        "of Groq",
        "chat",
        "`reasoning_effort` is not supported with this model",
        {"model": "m", "reasoning_effort": "high"},
        {"model": "m"},
        ["reasoning_effort"],
    ),
    Case(
        "one of which no value but the default would do",
        "chat",
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) "
        "value is supported.",
        {"model": "m", "temperature": 0},
        {"model": "m"},
        ["temperature"],
    ),
    Case(
        "in the function of a tool, which is no kind",
        "chat",
        'json: unknown field "tools[0].function.strict"',
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        ["tools[0].function.strict"],
    ),
    Case(
        "a choice that is none may go",
        "chat",
        "Unsupported parameter: 'tool_choice'",
        {"model": "m", "tool_choice": "auto"},
        {"model": "m"},
        ["tool_choice"],
    ),
    Case(
        "penalties, that Gemini does not name by their names",
        "chat",
        "Penalty is not enabled for this model",
        {"presence_penalty": 0.5, "frequency_penalty": 0.5, "top_p": 1},
        {"top_p": 1},
        ["presence_penalty", "frequency_penalty"],
    ),
    Case(
        "marks of the cache",
        "chat",
        refused("messages.0.user.content.0.cache_control"),
        {"messages": [{"role": "user", "content": [block("a", cache_control=MARK)]}]},
        {"messages": [{"role": "user", "content": [block("a")]}]},
        ["messages[0].content[0].cache_control"],
    ),
]
RESPONSES = [
    Case(
        "unknown to the backend of Codex",
        "responses",
        "Unsupported parameter: max_output_tokens",
        {"model": "m", "max_output_tokens": 100},
        {"model": "m"},
        ["max_output_tokens"],
        error_type=None,
    ),
    Case(
        "in an item of the input",
        "responses",
        "Unknown parameter: 'input[2].namespace'.",
        {"input": [{"type": "function_call", "name": "f", "namespace": "n"}]},
        {"input": [{"type": "function_call", "name": "f"}]},
        ["input[0].namespace"],
    ),
    Case(
        "a model without an effort is asked for nothing of reasoning",
        "responses",
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        {
            "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
        },
        {"include": ["message.output_text.logprobs"]},
        ["reasoning", "include"],
    ),
]
GEMINI = [
    Case(
        "in the configuration, whatever the spelling",
        "gemini",
        "Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Cannot find "
        "field.",
        {"contents": [], "generationConfig": {"topK": 64, "topP": 1}},
        {"contents": [], "generationConfig": {"topP": 1}},
        ["generationConfig.topK"],
    ),
    Case(
        "behind the request of Code Assist",
        "gemini",
        "Invalid JSON payload received. Unknown name \"effortLevel\" at 'request.generation_config'"
        ": Cannot find field.",
        {"request": {"generationConfig": {"effortLevel": "HIGH", "topP": 1}}},
        {"request": {"generationConfig": {"topP": 1}}},
        ["request.generationConfig.effortLevel"],
    ),
    Case(
        "on top",
        "gemini",
        'Invalid JSON payload received. Unknown name "google": Cannot find field.',
        {"contents": [], "google": {}},
        {"contents": []},
        ["google"],
    ),
    Case(
        "by its name alone, in the configuration",
        "gemini",
        'Unknown name "seed": Cannot find field.',
        {"contents": [], "generationConfig": {"seed": 1, "topP": 1}},
        {"contents": [], "generationConfig": {"topP": 1}},
        ["generationConfig.seed"],
    ),
    Case(
        "keywords of a schema, whose properties are numbered and keep their names",
        "gemini",
        'Invalid JSON payload received. Unknown name "const" at \'tools[0].function_declarations'
        "[0].parameters.properties[1].value': Cannot find field.\nInvalid JSON payload received. "
        "Unknown name \"$schema\" at 'tools[0].function_declarations[0].parameters': Cannot find "
        "field.",
        {
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "f",
                            "parameters": {
                                "$schema": "x",
                                "properties": {
                                    "const": {"type": "STRING"},
                                    "value": {"type": "STRING", "const": "a"},
                                },
                            },
                        }
                    ]
                }
            ]
        },
        {
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "f",
                            "parameters": {
                                "properties": {
                                    "const": {"type": "STRING"},
                                    "value": {"type": "STRING"},
                                },
                            },
                        }
                    ]
                }
            ]
        },
        [
            "tools[0].functionDeclarations[0].parameters.properties[value].const",
            "tools[0].functionDeclarations[0].parameters.$schema",
        ],
    ),
    Case(
        "what is said in words",
        "gemini",
        "Logprobs is not enabled for models/gemini-2.5-pro",
        {"generationConfig": {"responseLogprobs": True, "logprobs": 5, "topP": 1}},
        {"generationConfig": {"topP": 1}},
        ["generationConfig.responseLogprobs", "generationConfig.logprobs"],
    ),
]
CASES = [*ANTHROPIC, *CHAT, *RESPONSES, *GEMINI]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.means}")
def test_unsupported_parameter(case: Case) -> None:
    check(case, "unsupported_parameter")


SCHEMA_FORMAT = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}
ITEM = {"role": "user", "content": "a", "name": "b"}


@pytest.mark.parametrize(
    ("wire", "words", "body"),
    [
        pytest.param("chat", refused("model"), {"model": "m"}, id="the model"),
        pytest.param("chat", refused("messages"), {"messages": []}, id="what is said"),
        pytest.param(
            "chat", refused("messages.0.content"), {"messages": [ITEM]}, id="nor its text"
        ),
        pytest.param(
            "chat", refused("messages.0.name"), {"messages": [ITEM]}, id="nor who says it"
        ),
        pytest.param("responses", "Unknown parameter: 'input'.", {"input": []}, id="the input"),
        pytest.param(
            "responses", "Unknown parameter: 'instructions'.", {"instructions": "a"}, id="orders"
        ),
        pytest.param(
            "responses",
            "Unsupported parameter: previous_response_id",
            {"previous_response_id": "r"},
            id="what came before",
        ),
        pytest.param("anthropic", refused("system"), {"system": "a"}, id="the system's orders"),
        pytest.param("anthropic", refused("tools"), {"tools": []}, id="the tools"),
        pytest.param("anthropic", refused("max_tokens"), {"max_tokens": 1}, id="a cap it demands"),
        pytest.param("chat", refused("stream"), {"stream": True}, id="whether it streams"),
        pytest.param(
            "chat",
            "Unsupported parameter: 'tool_choice'",
            {"tool_choice": "required"},
            id="a call that must be made",
        ),
        pytest.param(
            "chat",
            "Unknown parameter: 'response_format'.",
            {"response_format": SCHEMA_FORMAT},
            id="the form of the answer",
        ),
        pytest.param(
            "gemini",
            'Unknown name "systemInstruction": Cannot find field.',
            {"system_instruction": {}},
            id="orders, whatever the spelling",
        ),
        pytest.param(
            "gemini",
            "Unknown name \"response\" at 'contents[0].parts[0].function_response': Cannot find "
            "field.",
            {"contents": [{"parts": [{"functionResponse": {"response": {}}}]}]},
            id="what a tool gave",
        ),
        pytest.param("chat", refused("logit_bias"), {"model": "m"}, id="what is not there"),
        pytest.param(
            "chat", refused("foo.temperature"), {"temperature": 1}, id="what is elsewhere"
        ),
    ],
)
def test_never_without(wire: str, words: str, body: dict[str, Any]) -> None:
    assert mend(Case("", wire, words, body, {}, [])) is None
