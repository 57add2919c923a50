"""Tools on offer, and which of them must be called."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from proxy.canonical.request import Loss, Tool, ToolChoice
from proxy.wire import decoded
from proxy.wires.responses.incoming import (
    Choice,
    CustomTool,
    FunctionTool,
    GrammarJson,
    NamespaceTool,
)
from proxy.wires.responses.items import group
from proxy.wires.responses.outgoing import Grammar
from proxy.wires.responses.search import read_search
from proxy.wires.responses.shapes import is_said, kind_of, shaped
from proxy.wires.responses.tokens import WIRE

_function = msgspec.json.Decoder(FunctionTool)
_custom = msgspec.json.Decoder(CustomTool)
_namespace = msgspec.json.Decoder(NamespaceTool)
_choice = msgspec.json.Decoder(Choice)
_word = msgspec.json.Decoder(str)
_MODES: dict[str | None, Literal["auto", "required", "none"]] = {
    "auto": "auto",
    "required": "required",
    "none": "none",
}


def read_tools(
    listed: list[msgspec.Raw], path: str, losses: list[Loss], namespace: str | None = None
) -> Iterator[Tool]:
    """Yield the tools in `listed`, which stands at `path`, those of groups one by one."""
    for index, raw in enumerate(listed):
        where = f"{path}[{index}]"
        kind = kind_of(raw).type
        match kind:
            case "function":
                yield _read_function(shaped(_function, raw, where), namespace)
            case "custom":
                yield _read_custom(shaped(_custom, raw, where), namespace)
            case "namespace" if namespace is None:
                yield from _read_group(shaped(_namespace, raw, where), where, losses)
            case None:
                losses.append(Loss(where, "tool", "has no type"))
            case _:  # hosted, or not known yet: refusing it would kill every turn of a client
                search = read_search(kind, raw)
                yield Tool(name=kind, server=bytes(raw).decode(), wire=WIRE, search=search)


def _read_group(tool: NamespaceTool, path: str, losses: list[Loss]) -> Iterator[Tool]:
    if tool.description:
        losses.append(Loss(f"{path}.description", "namespace description", "groups have no text"))
    yield from read_tools(tool.tools, f"{path}.tools", losses, tool.name)


def _read_function(tool: FunctionTool, namespace: str | None) -> Tool:
    schema = tool.parameters if is_said(tool.parameters) else b'{"type":"object","properties":{}}'
    return Tool(
        name=tool.name,
        description=tool.description,
        schema=bytes(schema).decode(),
        strict=tool.strict,
        namespace=group(namespace),
    )


def _read_custom(tool: CustomTool, namespace: str | None) -> Tool:
    return Tool(
        name=tool.name,
        description=tool.description,
        custom=True,
        grammar=_grammar(tool.format),
        namespace=group(namespace),
    )


def _grammar(said: GrammarJson | None) -> str | None:
    if said is None or said.definition is None or said.syntax is None:
        return None
    return msgspec.json.encode(Grammar(said.definition, said.syntax)).decode()


def read_choice(raw: msgspec.Raw, parallel: bool | None, losses: list[Loss]) -> ToolChoice:
    """Return whether and what to call, and whether several at once."""
    if not is_said(raw):
        return ToolChoice(parallel=parallel)
    word = decoded(_word, raw)
    choice = Choice(type=word) if word is not None else shaped(_choice, raw, "tool_choice")
    if choice.type in {"function", "custom"} and choice.name:
        namespace = group(choice.namespace)
        return ToolChoice(mode="tool", name=choice.name, namespace=namespace, parallel=parallel)
    mode = choice.type
    if choice.type == "allowed_tools":
        losses.append(Loss("tool_choice.tools", "allowed tools", "all tools stay on offer"))
        mode = choice.mode
    if mode in _MODES:
        return ToolChoice(mode=_MODES[mode], parallel=parallel)
    losses.append(Loss("tool_choice", mode or "tool choice", "only this wire knows it"))
    return ToolChoice(parallel=parallel)
