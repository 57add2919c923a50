"""Tools on offer, and which of them must be called, in this wire's words."""

import msgspec
from msgspec import UNSET

from proxy.canonical.request import Loss, Request, Tool
from proxy.wire import decoded
from proxy.wires.responses.incoming import GrammarJson
from proxy.wires.responses.marks import NO_PLACE
from proxy.wires.responses.outgoing import (
    Choice,
    CustomTool,
    FunctionTool,
    Grammar,
    NamespaceTool,
)
from proxy.wires.responses.outgoing import Tool as ToolJson
from proxy.wires.responses.search import write_search
from proxy.wires.responses.tokens import WIRE

_NO_ARGUMENTS = '{"type":"object","properties":{}}'
_grammar = msgspec.json.Decoder(GrammarJson)


def write_tools(tools: tuple[Tool, ...], losses: list[Loss]) -> list[ToolJson]:
    """Return the tools, those of one namespace together where its first stands."""
    written: list[ToolJson] = []
    groups: dict[str, NamespaceTool] = {}
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        if tool.cache_until is not None:
            losses.append(Loss(f"{path}.cache_until", "cache mark", NO_PLACE))
        if tool.server is not None:
            if tool.wire == WIRE:
                written.append(msgspec.Raw(tool.server.encode()))
            elif tool.search is not None:
                written.append(write_search(tool.search))
            else:
                losses.append(Loss(path, "server tool", "runs at another vendor only"))
        elif tool.namespace is None:
            written.append(_written(tool, path, losses))
        else:
            if tool.namespace not in groups:
                said = f"Tools of {tool.namespace}."  # the vendor insists on a description
                groups[tool.namespace] = NamespaceTool(tool.namespace, said, [])
                written.append(groups[tool.namespace])
            groups[tool.namespace].tools.append(_written(tool, path, losses))
    return written


def _written(tool: Tool, path: str, losses: list[Loss]) -> FunctionTool | CustomTool:
    said = UNSET if tool.description is None else tool.description
    if not tool.custom:
        schema = msgspec.Raw((tool.schema or _NO_ARGUMENTS).encode())
        strict = bool(tool.strict)
        return FunctionTool(name=tool.name, description=said, parameters=schema, strict=strict)
    form = None if tool.grammar is None else _form(tool.grammar)
    if form is None and tool.grammar is not None:
        losses.append(Loss(f"{path}.grammar", "grammar", "is not one that this wire knows"))
    return CustomTool(name=tool.name, description=said, format=form or UNSET)


def _form(text: str) -> Grammar | None:
    said = decoded(_grammar, text)
    if said is not None and said.grammar is not None:
        said = said.grammar
    if said is None or said.definition is None or said.syntax is None:
        return None
    return Grammar(said.definition, said.syntax)


def write_choice(request: Request, losses: list[Loss]) -> str | Choice | None:
    """Return the tool choice; `None` where there is none to make, or its tool is not written."""
    choice = request.tool_choice
    if choice.mode != "tool":
        return choice.mode
    wanted = (choice.namespace, choice.name)
    for tool in request.tools:
        if len(request.tools) == 1 and tool.search is not None and tool.name == choice.name:
            return "required"  # a search has no name that could be asked for
        if tool.server is None and (tool.namespace, tool.name) == wanted:
            kind = "custom" if tool.custom else "function"
            return Choice(kind, tool.name, tool.namespace or UNSET)
    losses.append(Loss("tool_choice", "tool choice", "its tool is not on offer"))
    return None
