"""How much to think, in words and in tokens: some wires know the one, some the other.

The table is a convention: facts/wires.md, section 2, "effort ↔ budget".
"""

import math
from collections.abc import Mapping

import msgspec

from proxy.canonical.request import Effort, Reasoning, Request

_SUFFIX = "-thinking"
_SUFFIX_BUDGET = 30_000
_SUFFIXED_FAMILY = "claude"
_BUDGETS: Mapping[Effort, int] = {
    "minimal": 1024,
    "low": 4096,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32768,
    "max": 65536,
}


def with_effort(reasoning: Reasoning, max_output_tokens: int | None) -> Reasoning:
    """Return `reasoning` with both an effort and a budget if it has one of them.

    A budget that is left to the model stands for no effort: it is left to the model as well. No
    budget reaches `max_output_tokens`, because what is thought counts as output.
    """
    effort, budget = reasoning.effort, reasoning.budget_tokens
    if effort is None and budget is not None:
        effort = _effort(budget)
    elif budget is None and effort is not None:
        budget = _BUDGETS.get(effort, 0)
    if budget is not None and max_output_tokens is not None:
        budget = min(budget, max(max_output_tokens - 1, 0))
    return msgspec.structs.replace(reasoning, effort=effort, budget_tokens=budget)


def with_thinking_suffix(request: Request) -> Request:
    """Return `request` without `-thinking` at the end of its model, thinking instead.

    Only the one family was ever given the suffix; other models are really called so.
    """
    model, reasoning = request.model, request.reasoning
    if not model.endswith(_SUFFIX) or _SUFFIXED_FAMILY not in model:
        return request
    if reasoning.effort is None and reasoning.budget_tokens is None:
        reasoning = msgspec.structs.replace(reasoning, budget_tokens=_SUFFIX_BUDGET)
    model = model.removesuffix(_SUFFIX)
    return msgspec.structs.replace(request, model=model, reasoning=reasoning)


def _effort(budget_tokens: int) -> Effort | None:
    """Return the effort whose budget is nearest, by ratio."""
    if budget_tokens <= 0:
        return "none" if budget_tokens == 0 else None
    return min(_BUDGETS, key=lambda effort: abs(math.log(_BUDGETS[effort] / budget_tokens)))
