"""How much to think, said in a way that the provider does not take: `thinking_budget`.

Of what Claude Code would do itself by the same words, this does the same and saves its way: where
adaptive thinking is not supported, it sends a budget of one less than `max_tokens`.
"""

import math

from proxy.canonical.request import Loss
from proxy.mending.effort import mend_effort
from proxy.mending.gemini_budget import GEMINI_WORDS, mend_gemini
from proxy.mending.rule import Rule, any_of
from proxy.mending.thoughts import began_without, drop_clearing, switch_off
from proxy.mending.tree import JsonObject, as_integer, as_object, as_text

LEAST_BUDGET = 1024

# `max_tokens` must be greater than `thinking.budget_tokens`: liuw1535/antigravity2api-nodejs#149;
# thinking.enabled.budget_tokens: Input should be greater than or equal to 1024
_OUT_OF_BOUNDS = (
    r"max_tokens\W{1,3}must be greater than\W{1,3}thinking\.budget_tokens",
    r"budget_tokens\W{1,4}[^\n]{0,40}(?:greater than|less than|at least|at most|>=|<)",
)
# "thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" ...:
# zhukunpenglinyutong/jetbrains-cc-gui#1003
_NOT_BUDGETED = (r"\.enabled\W{1,3}is not supported for this model",)
# adaptive thinking is not supported on this model: pensarai/apex#890; 'adaptive' is not supported:
# anthropics/claude-code#29531; must be `enabled` or `disabled`: decolua/9router#2023
_NOT_ADAPTIVE = (
    r"adaptive\W{1,3}(?:thinking )?is not supported",
    r"does not support adaptive",
    r"thinking\b[^\n]{0,60}(?:must|should) be\W{1,4}enabled\W{1,4}or\W{1,4}disabled",
    r"tag\W{1,3}adaptive\W{1,3}found[^\n]{0,40}does not match any of the expected tags",
)
# 'claude-3-5-haiku-20241022' does not support thinking: anthropics/claude-code#11388; Ollama's:
# agentscope-ai/agentscope#1099; Vertex' and Google's: googleapis/js-genai#681, lobehub#7985
_NO_THINKING = (
    r"does not support thinking(?! (?:level|budget))",
    r"thinking is not (?:supported|enabled)",
)
# vercel's #4451 of opencode; Kilo-Org/cloud#3807; Copilot's: caozhiyuan/copilot-api#190; Groq's:
# earendil-works/pi#1745; Ollama's: ollama/ollama#17837; level "max" not supported:
# nguyenphutrong/quotio#287; serde's, of DeepSeek: clacky-ai/openclacky#427
_EFFORTS = (
    r"effort",
    r"invalid think value",
    r"\blevel\W{1,3}\w{1,12}\W{1,3}not supported",
    r"(?:value|variant)\W{1,4}(?:none|minimal|low|medium|high|xhigh|max|ultra)\b",
)
_BOUNDS = any_of(*_OUT_OF_BOUNDS)
_UNBUDGETED = any_of(*_NOT_BUDGETED)
_UNADAPTIVE = any_of(*_NOT_ADAPTIVE)
_UNTHINKING = any_of(*_NO_THINKING)
_NO_EFFORT = any_of(r"does not support (?:the )?effort parameter", r"effort is not supported")
_CHAT_SWITCHES = ("thinking", "reasoning_effort", "reasoning", "enable_thinking", "think")
_EFFORT_BUDGETS = {"low": 4096, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 65536}


def _anthropic(body: JsonObject, words: str) -> list[Loss]:
    if _UNBUDGETED.search(words):
        return _adaptive(body)
    if _UNADAPTIVE.search(words):
        return _budgeted(body)
    if _BOUNDS.search(words):
        return _clamped(body)
    if _UNTHINKING.search(words):
        lost = body.pop("thinking", None) is not None
        gone = [Loss("thinking", "thinking", "this model does not think")] if lost else []
        return [*gone, *drop_clearing(body)]
    if _NO_EFFORT.search(words):
        return _without_effort(body, "this model knows none")
    return mend_effort(body, words, "output_config", "effort")


def _adaptive(body: JsonObject) -> list[Loss]:
    """Leave the budget to the model, with the effort whose usual budget is nearest."""
    thinking = as_object(body.get("thinking"))
    if thinking is None or thinking.get("type") != "enabled":
        return []
    budget = as_integer(thinking.pop("budget_tokens", None))
    thinking["type"] = "adaptive"
    output = as_object(body.setdefault("output_config", {}))
    if output is not None and budget is not None and budget > 0:
        output.setdefault("effort", _effort(budget))
    if not body["output_config"]:
        del body["output_config"]
    return [Loss("thinking.budget_tokens", "budget", "this model adapts its budget")]


def _effort(budget: int) -> str:
    return min(_EFFORT_BUDGETS, key=lambda one: abs(math.log(_EFFORT_BUDGETS[one] / budget)))


def _budgeted(body: JsonObject) -> list[Loss]:
    """Set a budget, if the API takes one here at all: facts/wires.md, section 2."""
    thinking = as_object(body.get("thinking"))
    if thinking is None or thinking.get("type") != "adaptive":
        return []
    choice = as_object(body.get("tool_choice")) or {}
    cap = _cap(body)
    lost = _without_effort(body, "it is a budget here")
    forced = as_text(choice.get("type")) in {"any", "tool"}
    if cap is None or cap <= LEAST_BUDGET or forced or began_without(body):
        return [*lost, *switch_off(body, "no budget is possible")]
    thinking["type"], thinking["budget_tokens"] = "enabled", cap - 1
    return [*lost, Loss("thinking.type", "adaptive", "this model takes a budget")]


def _clamped(body: JsonObject) -> list[Loss]:
    """Move the budget below the limit, which is the caller's word, and not too low."""
    thinking, cap = as_object(body.get("thinking")), _cap(body)
    budget = as_integer(thinking.get("budget_tokens")) if thinking is not None else None
    if thinking is None or budget is None:
        return []
    if cap is not None and cap <= LEAST_BUDGET:
        return switch_off(body, "too few output tokens to think")
    better = max(LEAST_BUDGET, budget if cap is None else min(budget, cap - 1))
    if better == budget:
        return []
    thinking["budget_tokens"] = better
    return [Loss("thinking.budget_tokens", "budget", "outside of what is allowed")]


def _cap(body: JsonObject) -> int | None:
    caps = (as_integer(body.get(name)) for name in ("max_tokens", "max_completion_tokens"))
    return next((cap for cap in caps if cap is not None), None)


def _without_effort(body: JsonObject, why: str) -> list[Loss]:
    output = as_object(body.get("output_config"))
    effort = output.pop("effort", None) if output is not None else None
    if not output:
        body.pop("output_config", None)
    return [] if effort is None else [Loss("output_config.effort", "effort", why)]


def _chat(body: JsonObject, words: str) -> list[Loss]:
    """Do the same; a gateway to an Anthropic provider takes its `thinking` here too."""
    if _UNTHINKING.search(words) and not _UNADAPTIVE.search(words):
        lost = [name for name in _CHAT_SWITCHES if body.pop(name, None) is not None]
        return [Loss(name, name, "this model does not think") for name in lost]
    if as_object(body.get("thinking")) is not None:
        return _anthropic(body, words)
    return [
        *mend_effort(body, words, "reasoning_effort"),
        *mend_effort(body, words, "reasoning", "effort"),
    ]


def _responses(body: JsonObject, words: str) -> list[Loss]:
    if _UNTHINKING.search(words):
        lost = body.pop("reasoning", None) is not None
        return [Loss("reasoning", "reasoning", "this model does not think")] if lost else []
    return mend_effort(body, words, "reasoning", "effort")


THINKING_BUDGET = Rule(
    statuses=frozenset({400, 422}),
    words=any_of(
        *_OUT_OF_BOUNDS, *_NOT_BUDGETED, *_NOT_ADAPTIVE, *_NO_THINKING, *_EFFORTS, *GEMINI_WORDS
    ),
    repairs={
        "anthropic": _anthropic,
        "chat": _chat,
        "responses": _responses,
        "gemini": mend_gemini,
    },
)
