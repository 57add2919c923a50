"""Make a request keep to what a wire allows of tools: names, groups, free-form and server tools."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from proxy.canonical.parts import Part, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request, Tool, ToolChoice, Turn
from proxy.codec import ToolRules
from proxy.convert.names import Names, Original, ToolName, names_for, renamed, wrapped

_SEARCH = "web_search"
_INPUT_SCHEMA = '{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}'


@dataclass(frozen=True, slots=True)
class Fitted:
    """A request that keeps to the rules, and the way back for the calls in its answer."""

    request: Request
    names: Names
    losses: tuple[Loss, ...] = ()


def fit(
    request: Request, rules: ToolRules, to_wire: str | None = None, *, carries_search: bool = False
) -> Fitted:
    """Return `request` as `rules` allow it.

    Args:
        request: Where its transcript is in order.
        rules: What the provider's wire allows.
        to_wire: Whose server tools may stay.
        carries_search: Whether the provider can do what another's server tool does that searches.
    """
    losses: list[Loss] = []
    offered = _offered(request.tools, _Servers(to_wire, carries_search), losses)
    originals = _originals(request, offered, rules)
    sent = names_for(originals.values(), rules)
    fitting = _Fitting(rules, sent)
    fitted = msgspec.structs.replace(
        request,
        tools=tuple(fitting.tool(index, tool, losses) for index, tool in offered.items()),
        tool_choice=fitting.choice(request.tool_choice, offered, losses),
        turns=tuple(fitting.turns(request.turns)),
    )
    names = Names({sent[name]: original for name, original in originals.items()})
    return Fitted(fitted, names, tuple(losses))


@dataclass(frozen=True, slots=True)
class _Fitting:
    rules: ToolRules
    sent: Mapping[ToolName, ToolName]

    def tool(self, index: int, tool: Tool, losses: list[Loss]) -> Tool:
        if tool.server is not None:
            return tool
        sent = self.sent[_name(tool)]
        tool = msgspec.structs.replace(tool, name=sent.name, namespace=sent.namespace)
        return tool if self.rules.custom or not tool.custom else _as_function(index, tool, losses)

    def choice(
        self, choice: ToolChoice, offered: Mapping[int, Tool], losses: list[Loss]
    ) -> ToolChoice:
        """Return the choice, of what is on offer; a wire refuses any without tools."""
        if not offered:
            if choice.mode in {"required", "tool"}:
                losses.append(Loss("tool_choice", choice.mode, "no tool is left to call"))
            return ToolChoice()
        if choice.mode != "tool":
            return choice
        named = _choice_name(choice)
        if named not in {_name(tool) for tool in offered.values()}:
            losses.append(Loss("tool_choice", "tool", "the tool is not on offer"))
            return ToolChoice(mode="auto", parallel=choice.parallel)
        sent = self.sent.get(named, named)  # a server tool keeps its name
        return msgspec.structs.replace(choice, name=sent.name, namespace=sent.namespace)

    def turns(self, turns: tuple[Turn, ...]) -> list[Turn]:
        called: dict[str, str] = {}
        fitted = []
        for turn in turns:
            parts = tuple(self._part(part, called) for part in turn.parts)
            fitted.append(msgspec.structs.replace(turn, parts=parts))
        return fitted

    def _part(self, part: Part, called: dict[str, str]) -> Part:
        match part:
            case ToolCall():
                call = renamed(part, self.sent[_name(part)])
                called[call.id] = call.name
                if not call.custom or self.rules.custom:
                    return call
                arguments = wrapped(call.arguments)
                return msgspec.structs.replace(call, custom=False, arguments=arguments)
            case ToolResult(call_id=call_id, name=name):
                name = called.get(call_id) or (name and self.sent[ToolName(name)].name)
                custom = part.custom and self.rules.custom
                return msgspec.structs.replace(part, name=name, custom=custom)
            case _:
                return part


@dataclass(frozen=True, slots=True)
class _Servers:
    """Which tools the provider can run: those of its wire, and perhaps a search of the web."""

    wire: str | None
    can_search: bool

    def offers(self, tool: Tool) -> Tool | None:
        """Return the server tool as it may be offered, if it may."""
        if tool.wire == self.wire:
            return tool
        if tool.search is None or not self.can_search:
            return None
        return msgspec.structs.replace(tool, name=_SEARCH)


def _offered(tools: tuple[Tool, ...], servers: _Servers, losses: list[Loss]) -> Mapping[int, Tool]:
    """Return the tools that can be offered, by their places in the request."""
    offered: dict[int, Tool] = {}
    seen: set[ToolName] = set()
    own = {_name(tool) for tool in tools if tool.server is None}
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        possible = tool if tool.server is None else servers.offers(tool)
        if possible is None:
            losses.append(Loss(path, tool.name, "a server tool of another wire"))
        elif tool.server is not None and tool.wire == servers.wire:
            offered[index] = tool
        elif (name := _name(possible)) in seen or (tool.server is not None and name in own):
            losses.append(Loss(path, tool.name, "a tool of this name is on offer"))
        else:
            seen.add(name)
            offered[index] = possible
            losses += _unsaid(possible, path)
    return offered


def _unsaid(tool: Tool, path: str) -> list[Loss]:
    """Return what of a search that is carried only its own wire has a word for."""
    names = () if tool.search is None else tool.search.others
    return [Loss(f"{path}.{name}", name, "only its own wire has it") for name in names]


def _originals(
    request: Request, offered: Mapping[int, Tool], rules: ToolRules
) -> Mapping[ToolName, Original]:
    """Return all tools that are named anywhere; what is on offer says what they are."""
    found: dict[ToolName, Original] = {}
    wraps = not rules.custom
    for tool in offered.values():
        if tool.server is None:
            found[_name(tool)] = Original(_name(tool), wrapped=tool.custom and wraps)
    for turn in request.turns:
        for part in turn.parts:
            if isinstance(part, ToolCall):
                found.setdefault(_name(part), Original(_name(part), part.custom and wraps))
            elif isinstance(part, ToolResult) and part.name:
                found.setdefault(ToolName(part.name), Original(ToolName(part.name)))
    return found


def _as_function(index: int, tool: Tool, losses: list[Loss]) -> Tool:
    description = tool.description
    if tool.grammar is not None:
        losses.append(Loss(f"tools[{index}].grammar", tool.name, "told in the description only"))
        told = f"The input must keep to this grammar: {tool.grammar}"
        description = f"{description}\n\n{told}" if description else told
    return msgspec.structs.replace(
        tool, description=description, schema=_INPUT_SCHEMA, custom=False, grammar=None, strict=None
    )


def _name(tool: Tool | ToolCall) -> ToolName:
    return ToolName(tool.name, tool.namespace or None)


def _choice_name(choice: ToolChoice) -> ToolName:
    return ToolName(choice.name or "", choice.namespace or None)
