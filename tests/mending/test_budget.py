"""How much to think, in the form that a provider takes."""

from typing import Any

import pytest

from proxy.mending.effort import listed_efforts, nearest_effort
from tests.mending.case import Case, check

GREATER = (
    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation "
    "at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
    "#max-tokens-and-context-window-size"
)
LEAST = "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
USE_ADAPTIVE = (
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
    '"output_config.effort" to control thinking behavior.'
)
NOT_ADAPTIVE = "adaptive thinking is not supported on this model"
OFF = {"type": "disabled"}
CALL = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}


def budget(tokens: int, **more: Any) -> dict[str, Any]:
    return {"thinking": {"type": "enabled", "budget_tokens": tokens}, **more}


def adaptive(**more: Any) -> dict[str, Any]:
    return {"thinking": {"type": "adaptive"}, **more}


def config(**thinking: Any) -> dict[str, Any]:
    return {"generationConfig": {"topP": 1, "thinkingConfig": thinking}}


ANTHROPIC = [
    Case(
        "a budget goes below the limit",
        "anthropic",
        GREATER,
        budget(32000, max_tokens=8192),
        budget(8191, max_tokens=8192),
        ["thinking.budget_tokens"],
    ),
    Case(
        "one that is too low is raised",
        "anthropic",
        LEAST,
        budget(100, max_tokens=8192),
        budget(1024, max_tokens=8192),
        ["thinking.budget_tokens"],
    ),
    Case(
        "where there is no room for one, thinking is off: the limit is the caller's word",
        "anthropic",
        LEAST,
        budget(1024, max_tokens=1024),
        {"thinking": OFF, "max_tokens": 1024},
        ["thinking"],
    ),
    Case(
        "a model that adapts gets the nearest effort, and shows what it showed",
        "anthropic",
        USE_ADAPTIVE,
        {"thinking": {"type": "enabled", "budget_tokens": 10000, "display": "summarized"}},
        {
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "medium"},
        },
        ["thinking.budget_tokens"],
    ),
    Case(
        "an effort that is said stays",
        "anthropic",
        USE_ADAPTIVE,
        budget(10000, output_config={"effort": "max"}),
        adaptive(output_config={"effort": "max"}),
        ["thinking.budget_tokens"],
    ),
    Case(
        "a model that does not adapt gets a budget, as Claude Code would send it",
        "anthropic",
        NOT_ADAPTIVE,
        adaptive(max_tokens=32000, output_config={"effort": "high"}),
        budget(31999, max_tokens=32000),
        ["output_config.effort", "thinking.type"],
    ),
    Case(
        "other words for it",
        "anthropic",
        "Only 'enabled' and 'disabled' are supported for thinking; 'adaptive' is not supported.",
        adaptive(max_tokens=32000),
        budget(31999, max_tokens=32000),
        ["thinking.type"],
    ),
    Case(
        "and others",
        "anthropic",
        "Validation: `thinking.type` must be `enabled` or `disabled`",
        adaptive(max_tokens=32000),
        budget(31999, max_tokens=32000),
        ["thinking.type"],
    ),
    Case(
        "and of a validator",
        "anthropic",
        "thinking: Input tag 'adaptive' found using 'type' does not match any of the expected "
        "tags: 'disabled', 'enabled'",
        adaptive(max_tokens=32000),
        budget(31999, max_tokens=32000),
        ["thinking.type"],
    ),
    Case(
        "but none if a turn goes on that began without",
        "anthropic",
        NOT_ADAPTIVE,
        adaptive(max_tokens=32000, messages=[CALL, RESULT]),
        {"thinking": OFF, "max_tokens": 32000, "messages": [CALL, RESULT]},
        ["thinking"],
    ),
    Case(
        "nor if a tool must be called",
        "anthropic",
        NOT_ADAPTIVE,
        adaptive(max_tokens=32000, tool_choice={"type": "any"}),
        {"thinking": OFF, "max_tokens": 32000, "tool_choice": {"type": "any"}},
        ["thinking"],
    ),
    Case(
        "a model that does not think",
        "anthropic",
        "'claude-3-5-haiku-20241022' does not support thinking.",
        budget(
            4096, context_management={"edits": [{"type": "clear_thinking_20251015"}]}, max_tokens=9
        ),
        {"max_tokens": 9},
        ["thinking", "context_management"],
    ),
    Case(
        "the nearest effort that is listed",
        "anthropic",
        'output_config.effort "high" is not supported by model claude-opus-4.7; supported values: '
        "[medium]",
        adaptive(output_config={"effort": "high"}),
        adaptive(output_config={"effort": "medium"}),
        ["output_config.effort"],
        error_type="invalid_reasoning_effort",
    ),
    Case(
        "a model without efforts",
        "anthropic",
        "This model does not support the effort parameter.",
        {"output_config": {"effort": "high"}},
        {},
        ["output_config.effort"],
    ),
]
CHAT = [
    Case(
        "the nearest effort that is listed",
        "chat",
        "Unsupported value: 'reasoning_effort' does not support 'xhigh' with this model. Supported "
        "values are: 'minimal', 'low', 'medium', and 'high'.",
        {"reasoning_effort": "xhigh"},
        {"reasoning_effort": "high"},
        ["reasoning_effort"],
    ),
    Case(
        "the words of Groq, which knows none of ours",
        "chat",
        "`reasoning_effort` must be one of `none` or `default`",
        {"reasoning_effort": "low"},
        {"reasoning_effort": "default"},
        ["reasoning_effort"],
    ),
    Case(
        "of Ollama",
        "chat",
        'invalid think value: "max" (must be "high", "medium", "low", true, or false)',
        {"reasoning_effort": "max"},
        {"reasoning_effort": "high"},
        ["reasoning_effort"],
    ),
    Case(
        "of Copilot",
        "chat",
        'level "max" not supported, valid levels: low, medium, high, xhigh',
        {"reasoning_effort": "max"},
        {"reasoning_effort": "xhigh"},
        ["reasoning_effort"],
    ),
    Case(
        "of DeepSeek",
        "chat",
        "unknown variant `ultra`, expected one of `none`, `minimal`, `low`, `medium`, `high`, "
        "`xhigh`, `max` at line 1 column 20",
        {"reasoning_effort": "ultra"},
        {"reasoning_effort": "max"},
        ["reasoning_effort"],
    ),
    Case(
        "of a validator, whose echo of the input is no offer",
        "chat",
        "[{'type': 'literal_error', 'loc': ('body', 'reasoning_effort'), 'msg': \"Input should be "
        "'low', 'medium' or 'high'\", 'input': 'minimal'}]",
        {"reasoning_effort": "minimal"},
        {"reasoning_effort": "low"},
        ["reasoning_effort"],
        status=422,
    ),
    Case(
        "where OpenRouter has it",
        "chat",
        "reasoning effort 'max' is not supported; supported values: low, high",
        {"reasoning": {"effort": "max"}},
        {"reasoning": {"effort": "high"}},
        ["reasoning.effort"],
    ),
    Case(
        "a model that does not think",
        "chat",
        '"llama3:8b" does not support thinking',
        {"reasoning_effort": "low", "think": True},
        {},
        ["reasoning_effort", "think"],
    ),
    Case(
        "a gateway to a budget",
        "chat",
        GREATER,
        budget(32000, max_completion_tokens=8192),
        budget(8191, max_completion_tokens=8192),
        ["thinking.budget_tokens"],
    ),
]
RESPONSES = [
    Case(
        "the nearest effort that is listed, but not none for some",
        "responses",
        "Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. Supported values "
        "are: 'none', 'low', 'medium', and 'high'.",
        {"reasoning": {"effort": "minimal", "summary": "auto"}},
        {"reasoning": {"effort": "low", "summary": "auto"}},
        ["reasoning.effort"],
    ),
    Case(
        "the least for none",
        "responses",
        "Unsupported value: 'none' is not supported with the 'gpt-5.1-codex' model. Supported "
        "values are: 'low', 'medium', and 'high'.",
        {"reasoning": {"effort": "none"}},
        {"reasoning": {"effort": "low"}},
        ["reasoning.effort"],
    ),
    Case(
        "a model that does not think",
        "responses",
        '"llama3:8b" does not support thinking',
        {"model": "m", "reasoning": {"effort": "low"}},
        {"model": "m"},
        ["reasoning"],
    ),
]
AT = "generationConfig.thinkingConfig"
GEMINI = [
    Case(
        "thinking that cannot be off is as little as can be",
        "gemini",
        "Budget 0 is invalid. This model only works in thinking mode.",
        config(thinkingBudget=0),
        config(thinkingBudget=128),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "the same on Vertex, and in snake_case",
        "gemini",
        "Unable to submit request because The model does not support setting thinking_budget to 0",
        {"generation_config": {"thinking_config": {"thinking_budget": 0}}},
        {"generation_config": {"thinking_config": {"thinking_budget": 128}}},
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "a budget goes into the range that is told",
        "gemini",
        "Unable to submit request because thinking_budget is out of range; supported values are "
        "integers from 1 to 24576.",
        config(thinkingBudget=32768),
        config(thinkingBudget=24576),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "and into the usual one if none is",
        "gemini",
        "The thinking budget (52428) is invalid.",
        config(thinkingBudget=52428, includeThoughts=True),
        config(thinkingBudget=24576, includeThoughts=True),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "one that should do is left to the model",
        "gemini",
        "The thinking budget (2000) is invalid.",
        config(thinkingBudget=2000),
        config(),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "a level in the middle becomes the default, for models differ in which they take",
        "gemini",
        "Thinking level MEDIUM is not supported for this model. Please retry with other thinking "
        "level.",
        config(thinkingLevel="medium"),
        config(),
        [f"{AT}.thinkingLevel"],
    ),
    Case(
        "the least level becomes the next",
        "gemini",
        "Unable to submit request because thinking_level MINIMAL is not supported by this model.",
        config(thinkingLevel="MINIMAL"),
        config(thinkingLevel="LOW"),
        [f"{AT}.thinkingLevel"],
    ),
    Case(
        "a model that takes a budget gets one for the level",
        "gemini",
        "Thinking level is not supported for this model.",
        config(thinkingLevel="LOW"),
        config(thinkingBudget=4096),
        [f"{AT}.thinkingLevel"],
    ),
    Case(
        "and one that takes a level gets it for the budget",
        "gemini",
        "Thinking budget is not supported for this model.",
        config(thinkingBudget=16000),
        config(thinkingLevel="HIGH"),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "of both, the level stays",
        "gemini",
        "You can only set only one of thinking budget and thinking level.",
        config(thinkingBudget=16000, thinkingLevel="LOW"),
        config(thinkingLevel="LOW"),
        [f"{AT}.thinkingBudget"],
    ),
    Case(
        "a model that does not think",
        "gemini",
        "Thinking is not enabled for models/gemini-2.0-flash",
        config(includeThoughts=True),
        {"generationConfig": {"topP": 1}},
        [AT],
    ),
]
CASES = [*ANTHROPIC, *CHAT, *RESPONSES, *GEMINI]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.means}")
def test_thinking_budget(case: Case) -> None:
    check(case, "thinking_budget")


@pytest.mark.parametrize(
    ("effort", "listed", "nearest"),
    [
        pytest.param("xhigh", ["high", "max"], "high", id="the lower of two that are as near"),
        pytest.param("low", ["none", "high"], "high", id="some is not none"),
        pytest.param("none", ["none", "high"], "none", id="none is none"),
        pytest.param("low", ["none"], None, id="none is no answer"),
        pytest.param("huge", ["low"], None, id="an unknown word is near to nothing"),
    ],
)
def test_nearest_effort(effort: str, listed: list[str], nearest: str | None) -> None:
    assert nearest_effort(effort, listed) == nearest


def test_a_list_ends_with_its_last_word() -> None:
    words = "Supported values are: 'low' and 'high'. The value 'max' is not among them."
    assert listed_efforts(words) == ["low", "high"]
