"""Tool calls as messages and deltas hold them."""

from hashlib import blake2b

import msgspec
from msgspec import Raw

from proxy.canonical.parts import ToolCall
from proxy.wire import ABSENT, decoded
from proxy.wires.chat.conversation import CallJson

_text = msgspec.json.Decoder(str)


def read_call(call: CallJson, spare_id: str) -> ToolCall | None:
    """Return the call, by `spare_id` if it has no id of its own; `None` if it names no tool."""
    if call.custom is not None and call.custom.name:
        name, text = call.custom.name, call.custom.input or ""
        return ToolCall(id=call.id or spare_id, name=name, arguments=text, custom=True)
    if call.function is not None and call.function.name:
        arguments = arguments_of(call.function.arguments) or "{}"
        return ToolCall(id=call.id or spare_id, name=call.function.name, arguments=arguments)
    return None


def arguments_of(raw: Raw) -> str:
    """Return arguments, or a piece of them, as text; some servers send the object itself."""
    if bytes(raw) in ABSENT:
        return ""
    text = decoded(_text, raw)
    return bytes(raw).decode(errors="replace") if text is None else text


def derived_id(answer_id: str | None, position: int) -> str:
    """Return an id for the call at `position` of an answer, which has none."""
    return "call_" + blake2b(f"{answer_id}:{position}".encode(), digest_size=12).hexdigest()


class FunctionOut(msgspec.Struct):
    """A function that is called."""

    name: str
    arguments: str


class CustomOut(msgspec.Struct):
    """A free-form tool that is called."""

    name: str
    input: str


class CallOut(msgspec.Struct, omit_defaults=True):
    """A call; in a stream with its `index`."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionOut | None = None
    custom: CustomOut | None = None


def write_call(call: ToolCall, index: int | None = None) -> CallOut:
    """Return `call`; with an `index`, as the first of its deltas."""
    if call.custom:
        custom = CustomOut(call.name, call.arguments)
        return CallOut(index=index, id=call.id, type="custom", custom=custom)
    arguments = call.arguments if index is not None else call.arguments or "{}"
    function = FunctionOut(call.name, arguments)
    return CallOut(index=index, id=call.id, type="function", function=function)
