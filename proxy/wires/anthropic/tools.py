"""Tools and the choice among them, both ways."""

import msgspec

from proxy.canonical.request import Loss, Request, Tool, ToolChoice
from proxy.wire import decoded
from proxy.wires.anthropic.blocks import cache_control, cache_until
from proxy.wires.anthropic.carriers import WIRE
from proxy.wires.anthropic.conversation import TOOL_KEYS, ToolChoiceJson, ToolJson
from proxy.wires.anthropic.search import read_search, write_search
from proxy.wires.anthropic.shapes import lose_unknown, present, shaped, short, spelled

_BARE_SCHEMA = msgspec.Raw(b'{"type":"object","properties":{}}')


class _Head(msgspec.Struct):
    type: str | None = None
    name: str | None = None


_head = msgspec.json.Decoder(_Head)
_tool = msgspec.json.Decoder(ToolJson)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_tool(raw: msgspec.Raw, path: str, losses: list[Loss]) -> Tool:
    """Return the tool at `path`; one with a type of its own runs at the provider.

    Raises:
        ClientError: 400, it has a wrong shape.
    """
    head = shaped(_head, raw, path)
    if head.type not in {None, "custom"}:
        kind = head.type or ""
        search = read_search(kind, raw)
        return Tool(name=head.name or kind, server=spelled(raw, path), wire=WIRE, search=search)
    lose_unknown(raw, TOOL_KEYS, path, losses)
    tool = shaped(_tool, raw, path)
    given = present(tool.input_schema)
    return Tool(
        name=tool.name,
        description=tool.description,
        schema=spelled(tool.input_schema, f"{path}.input_schema") if given else None,
        strict=tool.strict,
        cache_until=cache_until(tool.cache_control),
    )


def read_choice(choice: ToolChoiceJson | None, losses: list[Loss]) -> ToolChoice:
    """Return which tools may be called."""
    if choice is None:
        return ToolChoice()
    alone = choice.disable_parallel_tool_use
    parallel = None if alone is None else not alone
    match choice.type:
        case "auto" | "none" as mode:
            return ToolChoice(mode=mode, parallel=parallel)
        case "any":
            return ToolChoice(mode="required", parallel=parallel)
        case "tool":
            return ToolChoice(mode="tool", name=choice.name, parallel=parallel)
        case other:
            losses.append(Loss("tool_choice", short(other), "unknown choice"))
            return ToolChoice(parallel=parallel)


def write_tools(request: Request, losses: list[Loss]) -> list[msgspec.Raw]:
    """Return the tools that this wire can offer."""
    written = (_write_tool(tool, f"tools[{i}]", losses) for i, tool in enumerate(request.tools))
    return [msgspec.Raw(tool) for tool in written if tool is not None]


def _write_tool(tool: Tool, path: str, losses: list[Loss]) -> bytes | None:
    if tool.server is not None and tool.wire == WIRE:
        return tool.server.encode()
    if tool.search is not None:
        return write_search(tool.search, path, losses)
    if tool.server is not None or tool.custom:
        kind = "server tool" if tool.server is not None else "custom tool"
        losses.append(Loss(path, kind, "Anthropic Messages has no such tool"))
        return None
    if tool.namespace is not None:
        losses.append(Loss(f"{path}.namespace", "namespace", "tools have no groups here"))
    return msgspec.json.encode(
        ToolJson(
            name=tool.name,
            description=tool.description,
            input_schema=_object_schema(tool.schema, path, losses),
            strict=tool.strict or None,  # false is what it is anyway
            cache_control=cache_control(tool.cache_until),
        )
    )


def _object_schema(schema: str | None, path: str, losses: list[Loss]) -> msgspec.Raw:
    """Return `schema`, which must say that it is of an object."""
    if schema is None:
        return _BARE_SCHEMA
    keys = decoded(_object, schema)
    if keys is None:
        losses.append(Loss(f"{path}.input_schema", "schema", "it is no JSON object"))
        return _BARE_SCHEMA
    if "type" in keys:
        return msgspec.Raw(schema.encode())
    return msgspec.Raw(msgspec.json.encode({"type": "object", **keys}))


def write_choice(
    request: Request, offered: list[msgspec.Raw], losses: list[Loss]
) -> ToolChoiceJson | None:
    """Return the choice among the tools that are `offered`; none without tools."""
    choice = request.tool_choice
    if choice == ToolChoice():
        return None
    if not offered or not _is_offered(choice, offered):
        losses.append(Loss("tool_choice", "tool_choice", "its tools are not offered here"))
        return None
    alone = None if choice.parallel is None else not choice.parallel
    match choice.mode:
        case "none":
            return ToolChoiceJson("none")
        case "required":
            return ToolChoiceJson("any", None, alone)
        case "tool":
            return ToolChoiceJson("tool", choice.name, alone)
        case "auto" | None:
            # Parallel calls need not be allowed, so there may be nothing to say.
            said = choice.mode is not None or alone
            return ToolChoiceJson("auto", None, alone) if said else None


def _is_offered(choice: ToolChoice, offered: list[msgspec.Raw]) -> bool:
    if choice.mode != "tool":
        return True
    heads = (decoded(_head, tool) for tool in offered)
    return any(head is not None and head.name == choice.name for head in heads)
