"""How much to think, both ways.

Source: extended and adaptive thinking in the vendor's API reference, read 2026-11.
"""

from typing import NamedTuple, get_args

from proxy.canonical.request import Effort, Loss, Reasoning, Request
from proxy.wires.anthropic.conversation import OutputConfig, ThinkingJson
from proxy.wires.anthropic.models import is_own, takes_budget
from proxy.wires.anthropic.shapes import short

LEAST_BUDGET = 1024

_BUDGETS: dict[Effort, int] = {
    "minimal": 1024,
    "low": 4096,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32768,
    "max": 65536,
}
_EFFORTS: dict[str, Effort] = {effort: effort for effort in get_args(Effort)}


class Thought(NamedTuple):
    """What of a request says how much to think."""

    thinking: ThinkingJson | None = None
    effort: str | None = None


def read_reasoning(
    thinking: ThinkingJson | None, output: OutputConfig | None, losses: list[Loss]
) -> Reasoning:
    """Return how much to think; adaptive thinking leaves the budget to the model."""
    said = output.effort if output is not None else None
    effort = None if said is None else _EFFORTS.get(said)
    if said is not None and effort is None:
        losses.append(Loss("output_config.effort", short(said), "unknown effort"))
    if thinking is None:
        return Reasoning(effort=effort)
    shown = {"summarized": True, "omitted": False}.get(thinking.display or "")
    match thinking.type:
        case "disabled":
            if effort is not None:
                losses.append(Loss("output_config.effort", effort, "thinking is off"))
            return Reasoning(effort="none")
        case "enabled":
            return Reasoning(effort=effort, budget_tokens=thinking.budget_tokens, shown=shown)
        case "adaptive":
            return Reasoning(effort=effort, budget_tokens=-1, shown=shown)
        case other:
            losses.append(Loss("thinking.type", short(other), "other wires think or do not"))
            return Reasoning(effort=effort, budget_tokens=-1, shown=shown)


def write_thinking(
    request: Request, most_output: int, *, forced: bool, signed: bool, losses: list[Loss]
) -> Thought:
    """Return how much to think.

    Args:
        request: What was asked.
        most_output: How many tokens the answer may have, what is thought among them.
        forced: A tool must be called; the API refuses to think then.
        signed: The turn that goes on began with thinking, or none goes on; the API refuses a
            budget otherwise.
        losses: What cannot be said is appended here.
    """
    reasoning = request.reasoning
    if reasoning in {Reasoning(), Reasoning(shown=False)}:
        return Thought()
    if reasoning.effort == "none" or reasoning.budget_tokens == 0:
        return Thought(ThinkingJson("disabled"))
    if _takes_budget(request):
        thought = _budgeted(request, most_output, losses)
    else:
        thought = _adaptive(request, losses)
    if thought.thinking is not None and forced:
        losses.append(Loss("thinking", "thinking", "not together with a forced tool call"))
        return Thought(None, thought.effort)
    if thought.thinking is not None and thought.thinking.type == "enabled" and not signed:
        losses.append(Loss("thinking", "thinking", "the turn that goes on began without it"))
        return Thought(None, thought.effort)
    return thought


def _takes_budget(request: Request) -> bool:
    if takes_budget(request.model):
        return True
    told = request.reasoning.budget_tokens
    return told is not None and told > 0 and not is_own(request.model)


def _adaptive(request: Request, losses: list[Loss]) -> Thought:
    reasoning = request.reasoning
    effort = reasoning.effort
    # Beside an effort, the budget says the same in tokens.
    if effort is None and reasoning.budget_tokens is not None and reasoning.budget_tokens > 0:
        losses.append(Loss("reasoning.budget_tokens", "budget", "this model adapts its budget"))
        effort = _effort_of(reasoning.budget_tokens)
    if effort == "minimal":
        losses.append(Loss("reasoning.effort", "minimal", "the least effort is low"))
        effort = "low"
    return Thought(ThinkingJson("adaptive", display=_display(reasoning)), effort)


def _effort_of(budget: int) -> Effort:
    reached = (effort for effort, tokens in _BUDGETS.items() if budget <= tokens)
    return next(reached, "max")


def _budgeted(request: Request, cap: int, losses: list[Loss]) -> Thought:
    reasoning = request.reasoning
    told = reasoning.budget_tokens
    wanted = told if told is not None and told > 0 else _BUDGETS.get(reasoning.effort or "high", 0)
    if not request.counts_only and cap <= LEAST_BUDGET:
        losses.append(Loss("thinking", "thinking", "too few output tokens to think"))
        return Thought()
    most = wanted if request.counts_only else cap - 1
    budget = max(LEAST_BUDGET, min(wanted, most))
    if told is not None and 0 < told != budget:
        losses.append(Loss("thinking.budget_tokens", "budget", "outside of what is allowed"))
    thinking = ThinkingJson("enabled", budget, _display(reasoning))
    if not takes_budget(request.model):
        return Thought(thinking, reasoning.effort)
    if told is not None and reasoning.effort is not None and not _alike(reasoning.effort, told):
        losses.append(Loss("reasoning.effort", reasoning.effort, "this model takes a budget"))
    return Thought(thinking)


def _alike(effort: Effort, budget: int) -> bool:
    """Say whether the one may be derived from the other: less than the next step apart."""
    usual = _BUDGETS.get(effort, 0)
    return usual <= 2 * budget <= 4 * usual


def _display(reasoning: Reasoning) -> str | None:
    if reasoning.shown is None:
        return None
    return "summarized" if reasoning.shown else "omitted"
