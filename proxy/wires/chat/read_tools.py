"""Tools on offer, and the choice among them."""

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from proxy.canonical.request import Loss, Tool, ToolChoice
from proxy.errors import ClientError
from proxy.wire import ABSENT
from proxy.wires.chat.content import cache_until, kind_of, shaped
from proxy.wires.chat.conversation import (
    ChoiceJson,
    CustomTool,
    FunctionJson,
    FunctionTool,
    RequestJson,
)
from proxy.wires.chat.grammar import read_grammar
from proxy.wires.chat.search import read_search

NO_ARGUMENTS = '{"type":"object","properties":{}}'
_function = msgspec.json.Decoder(FunctionTool)
_custom = msgspec.json.Decoder(CustomTool)


def read_tools(said: RequestJson, losses: list[Loss]) -> tuple[Tool, ...]:
    """Return the tools on offer, those of the retired `functions` after them, and the search."""
    functions = map(_read_function, said.functions or ())
    return (*_tools(said.tools or [], losses), *functions, *read_search(said.web_search_options))


def _tools(tools: list[Raw], losses: list[Loss]) -> Iterator[Tool]:
    for index, raw in enumerate(tools):
        path = f"tools[{index}]"
        match kind_of(raw, path):
            case "function":
                tool = shaped(_function, raw, path)
                until = cache_until(tool.cache_control)
                yield msgspec.structs.replace(_read_function(tool.function), cache_until=until)
            case "custom":
                custom = shaped(_custom, raw, path).custom
                form = read_grammar(custom.format, f"{path}.custom.format", losses)
                yield Tool(
                    name=custom.name, description=custom.description, custom=True, grammar=form
                )
            case kind:
                losses.append(Loss(path, kind or "a tool without a type", "unknown type of tool"))


def _read_function(said: FunctionJson) -> Tool:
    schema = _json_text(said.parameters) or NO_ARGUMENTS
    return Tool(name=said.name, description=said.description, schema=schema, strict=said.strict)


def _json_text(raw: Raw) -> str | None:
    text = bytes(raw)
    return None if text in ABSENT else text.decode(errors="replace")


def read_choice(said: RequestJson, losses: list[Loss]) -> ToolChoice:
    """Return the choice, of the retired `function_call` if there is no other.

    Raises:
        ClientError: 400, a word that is none of this wire.
    """
    parallel = said.parallel_tool_calls
    asked = said.function_call if said.tool_choice is None else said.tool_choice
    path = "function_call" if said.tool_choice is None else "tool_choice"
    if isinstance(asked, ChoiceJson):
        return _named(asked, path, parallel, losses)
    match asked:
        case "auto" | "required" | "none":
            return ToolChoice(mode=asked, parallel=parallel)
        case None:
            return ToolChoice(parallel=parallel)
        case "any":  # Mistral's word
            return ToolChoice(mode="required", parallel=parallel)
        case _:
            wanted = "auto, required, none or a tool"
            raise ClientError(400, f"{path}: got {asked!r}, wanted {wanted}")


def _named(asked: ChoiceJson, path: str, parallel: bool | None, losses: list[Loss]) -> ToolChoice:
    if asked.allowed_tools is not None:
        losses.append(Loss(path, "allowed_tools", "the choice is among all tools"))
        mode = asked.allowed_tools.mode
        return ToolChoice(mode="required" if mode == "required" else "auto", parallel=parallel)
    tool = asked.function or asked.custom
    name = asked.name if tool is None else tool.name
    if not name:
        losses.append(Loss(path, asked.type or "a choice", "unknown type of choice"))
        return ToolChoice(parallel=parallel)
    return ToolChoice(mode="tool", name=name, parallel=parallel)
