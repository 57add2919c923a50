"""Tools on offer, and the choice among them."""

from collections.abc import Mapping
from typing import Literal

from proxy.canonical.request import Tool, ToolChoice
from proxy.wires.gemini.dialect import ANY_ARGUMENTS, from_openapi, json_schema
from proxy.wires.gemini.fields import Fields, wrong
from proxy.wires.gemini.search import read_search
from proxy.wires.gemini.signature import NAME

_MODES: Mapping[str, Literal["auto", "required", "none"] | None] = {
    "AUTO": "auto",
    "VALIDATED": "auto",
    "ANY": "required",
    "NONE": "none",
    "MODE_UNSPECIFIED": None,
}


def read_tools(body: Fields) -> tuple[Tool, ...]:
    """Read all declarations; any other kind of tool runs at the provider."""
    tools: list[Tool] = []
    for group in body.each("tools"):
        tools += [_read_function(one) for one in group.each("functionDeclarations")]
        for kind in group.left():
            declared = group.raw(kind)
            if declared is not None:
                server = f'{{"{kind}":{bytes(declared).decode()}}}'
                search = read_search(kind, declared)
                tools.append(Tool(name=kind, server=server, wire=NAME, search=search))
    return tuple(tools)


def read_choice(body: Fields) -> ToolChoice:
    """Read `toolConfig`."""
    config = body.inner("toolConfig")
    calling = None if config is None else config.inner("functionCallingConfig")
    if config is not None:
        config.lose_rest()
    if calling is None:
        return ToolChoice()
    said = calling.text("mode")
    names = calling.texts("allowedFunctionNames") or []
    calling.lose_rest()
    if said is None:
        return ToolChoice()
    if said.upper() not in _MODES:
        raise wrong(calling.at("mode"), "AUTO, ANY, NONE or VALIDATED")
    mode = _MODES[said.upper()]
    if said.upper() == "VALIDATED":
        calling.lose_all("no other wire checks calls that way", "VALIDATED")
    if mode == "required" and len(names) == 1:
        return ToolChoice(mode="tool", name=names[0])
    if names:
        calling.lose_all("one tool or all can be asked for", "allowedFunctionNames")
    return ToolChoice(mode=mode)


def _read_function(declared: Fields) -> Tool:
    name = declared.text("name")
    if name is None:
        raise wrong(declared.at("name"), "a text")
    plain, spelled = declared.raw("parametersJsonSchema"), declared.raw("parameters")
    schema = ANY_ARGUMENTS
    if plain is not None:
        schema = json_schema(plain)
    elif spelled is not None:
        schema = from_openapi(spelled)
    description = declared.text("description")
    for key in ("response", "responseJsonSchema", "behavior"):
        declared.lose(key, "no other wire has a word for it")
    declared.lose_rest()
    return Tool(name=name, description=description, schema=schema)
