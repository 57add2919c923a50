"""Taking one parameter out of a body, by the path in which a provider named it.

A provider names the first place only, so an index stands for all of its list. Where the model of
a validator shows through, a segment is no key but says which kind of object is meant:
`tools.0.custom.strict`, `messages.2.assistant.reasoning_content`, `thinking.adaptive.display`.
"""

from collections.abc import Sequence

from proxy.canonical.request import Loss
from proxy.mending.tree import Json, JsonObject, as_object, as_text, key_like

WHY = "the provider does not know it"
_LONGEST_NAME = 64

# Without one of these the request would mean something else, wherever it stands.
_PROTECTED = {
    *("model", "messages", "contents", "input", "instructions", "system", "systemInstruction"),
    *("system_instruction", "tools", "stream", "functions", "function_call", "mcp_servers"),
    *("previous_response_id", "conversation", "prompt", "cachedContent", "cached_content", "n"),
    *("response_format", "format", "schema", "json_schema", "responseSchema", "response_schema"),
    *("responseJsonSchema", "response_json_schema", "responseMimeType", "response_mime_type"),
    *("tool_choice", "toolConfig", "tool_config", "role", "type", "content", "parts", "text"),
    *("name", "tool_calls", "tool_call_id", "tool_use_id", "call_id", "function", "arguments"),
    *("functionCall", "function_call", "functionResponse", "function_response", "args", "output"),
    *("functionDeclarations", "function_declarations", "parameters", "input_schema", "response"),
    *("properties", "source", "image_url", "file", "data", "inlineData", "inline_data"),
    *("fileData", "file_data", "description"),
}
_HARMLESS = {"tool_choice": ("auto", {"type": "auto"})}
# Of the body itself, and of the values of a map.
_KINDS = {"body", "request", "value"}
_MARKED_INSIDE = ("function", "content", "messages", "tools", "system")


def remove(body: JsonObject, path: Sequence[str]) -> list[Loss]:
    """Take what `path` names out of `body`, wherever it stands there."""
    losses: list[Loss] = []
    _strip(body, path, "", losses)
    return losses


def _is_protected(name: str, value: Json) -> bool:
    """Say whether the request would mean something else without `name`."""
    return name in _PROTECTED and value not in _HARMLESS.get(name, ())


def remove_cache_marks(body: JsonObject, key: str | None) -> list[Loss]:
    """Take out each `cache_control` there is, or only its `key`.

    What a client defines itself, schemas and arguments, is left alone.
    """
    losses: list[Loss] = []
    places: list[tuple[str, Json]] = [("", body)]
    while places:
        path, value = places.pop()
        if isinstance(value, list):
            places += ((f"{path}[{n}]", item) for n, item in reversed(list(enumerate(value))))
        elif isinstance(value, dict):
            mark = as_object(value.get("cache_control"))
            if mark is not None and (key is None or key in mark):
                holder, name = (value, "cache_control") if key is None else (mark, key)
                del holder[name]
                losses.append(Loss(_at(path, "cache_control"), name, WHY))
            places += ((_at(path, name), value.get(name)) for name in _MARKED_INSIDE)
    return losses


def _strip(node: Json, path: Sequence[str], at: str, losses: list[Loss]) -> None:
    head, rest = path[0], path[1:]
    if head.isdecimal() and rest:
        for name, child in _children(node):
            _strip(child, rest, f"{at}[{name}]", losses)
    elif isinstance(node, dict) and rest and _tells_kind(node, head):
        _strip(node, rest, at, losses)
    elif isinstance(node, dict) and (key := key_like(node, head)) is not None:
        if rest:
            _strip_inside(node, key, rest, at, losses)
        elif not _is_protected(key, node[key]):
            del node[key]
            losses.append(Loss(_at(at, key), key[:_LONGEST_NAME], WHY))


def _strip_inside(
    node: JsonObject, key: str, rest: Sequence[str], at: str, losses: list[Loss]
) -> None:
    """Go on in the value of `key`, which goes as well if it is an object that is left empty."""
    before = len(losses)
    _strip(node[key], rest, _at(at, key), losses)
    if node[key] == {} and len(losses) > before and key not in _PROTECTED:
        del node[key]


def _children(node: Json) -> list[tuple[str | int, Json]]:
    """Return the children of a list; a map is numbered too where protocol buffers made one."""
    if isinstance(node, list):
        return list(enumerate(node))
    return list(node.items()) if isinstance(node, dict) else []


def _tells_kind(node: JsonObject, segment: str) -> bool:
    """Say whether `segment` is the kind of `node`, not the key of something inside."""
    if isinstance(node.get(segment), dict | list):
        return False
    if segment in {as_text(node.get("type")), as_text(node.get("role"))}:
        return True
    untyped = segment == "custom" and "type" not in node
    return (untyped or segment in _KINDS) and segment not in node


def _at(path: str, name: str) -> str:
    name = name[:_LONGEST_NAME]
    return f"{path}.{name}" if path else name
