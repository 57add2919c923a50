"""The parts of one content, and which result answers which call.

Calls may come without ids. A derived one is the call's number in the conversation, which does not
change while the conversation grows; a result finds its call by id, else by name, else by order.
"""

from collections import defaultdict, deque
from collections.abc import Mapping

import msgspec

from proxy.canonical.parts import Media, Part, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Role
from proxy.wire import decoded
from proxy.wires.gemini.fields import Fields, wrong
from proxy.wires.gemini.media import read_blob, read_file
from proxy.wires.gemini.signature import read_signature

_DETAILS = "no other wire has a word for it"
_text = msgspec.json.Decoder(str)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Calls:
    """The calls read so far, and which of them wait for a result."""

    def __init__(self) -> None:
        self._count = 0
        self._ids: set[str] = set()
        self._waiting: dict[str, str] = {}  # id to name
        # Those that wait, oldest first, and others that have their result by now.
        self._oldest: deque[str] = deque()
        self._named: defaultdict[str, deque[str]] = defaultdict(deque)

    def begun(self, call_id: str | None, name: str) -> str:
        """Note a call and return its id."""
        found = call_id or f"call_{self._count}"
        while call_id is None and found in self._ids:
            found += "_"
        self._count += 1
        self._ids.add(found)
        self._waiting[found] = name
        self._oldest.append(found)
        self._named[name].append(found)
        return found

    def answered(self, call_id: str | None, name: str | None) -> tuple[str, str | None]:
        """Return id and name of the call that a result belongs to."""
        if call_id is not None and call_id in self._ids:
            called = self._waiting.pop(call_id, None)
            return call_id, name or called
        found = self._next(self._named.get(name or "", deque()))
        if found is None and call_id is None:
            # With an id that no call has, only a call of the same name could be meant.
            found = self._next(self._oldest)
        if found is None:
            self._count += 1
            return call_id or f"result_{self._count - 1}", name
        called = self._waiting.pop(found)
        return found, name or called

    def _next(self, queue: deque[str]) -> str | None:
        while queue:
            found = queue.popleft()
            if found in self._waiting:
                return found
        return None


def read_part(part: Fields, role: Role, calls: Calls) -> Part | None:
    """Read one part; `None` if it says nothing, or nothing that can be carried."""
    signature = part.text("thoughtSignature")
    opaque, redacted = read_signature(signature)
    thought = part.flag("thought") or False
    text = part.text("text")
    found: Part | None = None
    if text is not None:
        if thought:
            found = Thinking(text=text, redacted=redacted, opaque=opaque)
        elif text or opaque is not None:
            found = Text(text=text, opaque=opaque)
    elif (inner := part.inner("functionCall")) is not None:
        found = _read_call(inner, calls)
        found = msgspec.structs.replace(found, opaque=opaque)
    elif (inner := part.inner("functionResponse")) is not None:
        found = _read_result(inner, calls)
    else:
        found = read_media(part)
    part.lose_rest()
    return _placed(found, role, part)


def read_media(part: Fields) -> Media | None:
    """Read a part that may be bytes or a file."""
    if (blob := part.inner("inlineData")) is not None:
        return read_blob(blob)
    if (file := part.inner("fileData")) is not None:
        return read_file(file)
    return None


def _placed(found: Part | None, role: Role, part: Fields) -> Part | None:
    """Return `found` unless nobody in this role can say it."""
    match found:
        case ToolResult():
            misplaced = role != "user"
        case ToolCall() | Thinking():
            misplaced = role != "assistant"
        case _:
            misplaced = False
    if not misplaced or found is None:
        return found
    part.lose_all(f"not a part of a {role} turn", type(found).__name__)
    return None


def _read_call(call: Fields, calls: Calls) -> ToolCall:
    name = call.text("name")
    if name is None:
        raise wrong(call.at("name"), "a text")
    args = call.raw("args")
    arguments = "{}" if args is None else bytes(args).decode()
    if not arguments.startswith("{"):
        raise wrong(call.at("args"), "an object")
    call_id = calls.begun(call.text("id") or None, name)
    call.lose_rest()
    return ToolCall(id=call_id, name=name, arguments=arguments)


def _read_result(result: Fields, calls: Calls) -> ToolResult:
    call_id, name = calls.answered(result.text("id") or None, result.text("name"))
    text, is_error = _read_response(result.raw("response"), result.at("response"))
    said: tuple[Text, ...] = (Text(text=text),) if text else ()
    attached = []
    for part in result.each("parts"):
        media = read_media(part)
        part.lose_rest()
        if media is not None:
            attached.append(media)
    for key in ("willContinue", "scheduling"):
        result.lose(key, _DETAILS)
    result.lose_rest()
    return ToolResult(call_id=call_id, name=name, parts=(*said, *attached), is_error=is_error)


def _read_response(raw: msgspec.Raw | None, path: str) -> tuple[str, bool]:
    """Return what a function said, and whether that is an error.

    The keys `output` and `error` are the vendor's own; any other object is the function's.
    """
    if raw is None:
        return "", False
    said = decoded(_object, raw)
    if said is None:
        raise wrong(path, "an object")
    if said.keys() == {"error"}:
        text = decoded(_text, said["error"])
        return bytes(said["error"]).decode() if text is None else text, True
    output = decoded(_text, said["output"]) if said.keys() == {"output"} else None
    return bytes(raw).decode() if output is None else output, False


ROLES: Mapping[str, Role] = {"user": "user", "model": "assistant", "function": "user"}
