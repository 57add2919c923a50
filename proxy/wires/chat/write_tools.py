"""Tools on offer, and the choice among them, as a provider is told."""

from collections.abc import Iterable

import msgspec
from msgspec import Raw

from proxy.canonical.request import Loss, Request, Tool
from proxy.wires.chat.grammar import GrammarOut, write_grammar
from proxy.wires.chat.search import WIRE


class FunctionOut(msgspec.Struct, omit_defaults=True):
    """A function on offer."""

    name: str
    description: str | None = None
    parameters: Raw | None = None
    strict: bool | None = None


class CustomOut(msgspec.Struct, omit_defaults=True):
    """A free-form tool on offer."""

    name: str
    description: str | None = None
    format: GrammarOut | None = None


class ToolOut(msgspec.Struct, omit_defaults=True):
    """A tool on offer."""

    type: str
    function: FunctionOut | None = None
    custom: CustomOut | None = None


class NamedOut(msgspec.Struct):
    """The name of a tool."""

    name: str


class ChoiceOut(msgspec.Struct, omit_defaults=True):
    """The tool that must be called."""

    type: str
    function: NamedOut | None = None
    custom: NamedOut | None = None


def write_tools(tools: Iterable[Tool], losses: list[Loss]) -> list[ToolOut]:
    """Return the tools that a client runs; one that the provider would run is a loss.

    All but the search of the web, which is none of them here: see `write_search`.
    """
    written = []
    for index, tool in enumerate(tools):
        if tool.cache_until is not None:
            why = "here they end with parts of messages"
            losses.append(Loss(f"tools[{index}].cache_until", "cache breakpoint", why))
        if tool.search is not None or (tool.server is not None and tool.wire == WIRE):
            continue
        if tool.server is not None:
            losses.append(Loss(f"tools[{index}]", tool.name, "this wire has no tools of servers"))
        elif tool.custom:
            written.append(ToolOut("custom", custom=_custom(tool, f"tools[{index}]", losses)))
        else:
            written.append(ToolOut("function", function=_function(tool)))
    return written


def _custom(tool: Tool, path: str, losses: list[Loss]) -> CustomOut:
    text = tool.grammar
    form = None if text is None else write_grammar(text, f"{path}.grammar", losses)
    return CustomOut(tool.name, tool.description, form)


def _function(tool: Tool) -> FunctionOut:
    schema = None if tool.schema is None else Raw(tool.schema.encode())
    return FunctionOut(tool.name, tool.description, schema, tool.strict)


def write_choice(
    request: Request, tools: list[ToolOut], losses: list[Loss]
) -> str | ChoiceOut | None:
    """Return the choice; a provider refuses one where there are no such tools."""
    choice = request.tool_choice
    if choice.mode is None:
        return None
    if not tools:
        if choice.mode in {"required", "tool"}:
            losses.append(Loss("tool_choice", "tool_choice", "none of the tools is left"))
        return None
    if choice.mode != "tool":
        return choice.mode
    for tool in tools:
        if tool.function is not None and tool.function.name == choice.name:
            return ChoiceOut("function", function=NamedOut(tool.function.name))
        if tool.custom is not None and tool.custom.name == choice.name:
            return ChoiceOut("custom", custom=NamedOut(tool.custom.name))
    losses.append(Loss("tool_choice", "tool_choice", "the tool that must be called is gone"))
    return None
