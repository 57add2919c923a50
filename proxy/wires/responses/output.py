"""Parts of an answer, as items of this wire's output."""

import hashlib
import re

from msgspec import UNSET

from proxy.canonical.parts import Media, Opaque, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.wires.responses.annotations import write_annotations
from proxy.wires.responses.outgoing import (
    CustomCall,
    FunctionCall,
    Message,
    OutputItem,
    OutputRefusal,
    OutputText,
    Reasoning,
    Status,
    SummaryText,
)
from proxy.wires.responses.tokens import WIRE, sealed, sealed_attached

_SHORT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_PREFIX = "resp_"


def response_id(answer_id: str | None) -> str:
    """Return the id of a response, of that of an answer of any wire."""
    name = (answer_id or "unknown").removeprefix(_PREFIX)
    if not _SHORT_ID.fullmatch(name):
        name = hashlib.blake2b(name.encode(), digest_size=12).hexdigest()
    return _PREFIX + name


def item_id(response: str, part: Part, place: int) -> str:
    """Return the id of an item, with the prefix that the vendor looks for."""
    if isinstance(part, Thinking) and part.opaque is not None:
        own = part.opaque.id if part.opaque.wire == WIRE else None
        if own:
            return own
    match part:
        case ToolCall(custom=True):
            prefix = "ctc"
        case ToolCall():
            prefix = "fc"
        case Thinking():
            prefix = "rs"
        case _:
            prefix = "msg"
    return f"{prefix}_{response.removeprefix(_PREFIX)}_{place}"


def output_item(part: Part, name: str, status: Status) -> OutputItem | None:
    """Return the item that says `part`; `None` if this wire has none."""
    match part:
        case Text(text=text, citations=citations):
            written = write_annotations(citations, len(text))
            said = OutputText(text=text, annotations=written, logprobs=[])
            return Message(id=name, status=status, role="assistant", content=[said])
        case Refusal(text=text):
            declined = OutputRefusal(text)
            return Message(id=name, status=status, role="assistant", content=[declined])
        case Thinking():
            return _reasoning(part, name)
        case ToolCall():
            return _call(part, name, status)
        case Media() | ToolResult():
            return None


def carrier(part: Part, response: str, place: int) -> Reasoning | None:
    """Return the item that carries the token of the part before; `None` if it has none."""
    opaque = part.opaque if isinstance(part, Text | ToolCall) else None
    if opaque is None or opaque.wire == WIRE:
        return None
    return attached(opaque, item_id(response, Thinking(), place))


def attached(opaque: Opaque, name: str) -> Reasoning:
    """Return the item that carries `opaque`, the token of the part before."""
    return Reasoning(id=name, summary=[], encrypted_content=sealed_attached(opaque))


def _reasoning(part: Thinking, name: str) -> Reasoning:
    token = UNSET if part.opaque is None else sealed(part.opaque, redacted=part.redacted)
    summary = [SummaryText(part.text)] if part.text else []
    return Reasoning(id=name, summary=summary, encrypted_content=token)


def _call(call: ToolCall, name: str, status: Status) -> FunctionCall | CustomCall:
    group = call.namespace or UNSET
    if call.custom:
        return CustomCall(
            id=name,
            status=status,
            call_id=call.id,
            name=call.name,
            namespace=group,
            input=call.arguments,
        )
    return FunctionCall(
        id=name,
        status=status,
        call_id=call.id,
        name=call.name,
        namespace=group,
        arguments=call.arguments,
    )
