"""From parts to content blocks, for requests and answers."""

import msgspec

from proxy.canonical.envelope import carried
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss
from proxy.wire import decoded
from proxy.wires.anthropic.blocks import (
    AnyBlock,
    RedactedBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    cache_control,
)
from proxy.wires.anthropic.call_ids import CallIds
from proxy.wires.anthropic.carriers import WIRE
from proxy.wires.anthropic.media import write_media

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def write_user_part(part: Part, ids: CallIds, path: str, losses: list[Loss]) -> AnyBlock | None:
    """Return the block for `part` of a user turn; `None` if there is none."""
    match part:
        case Text():
            return write_text(part, path, losses)
        case Media():
            return write_media(part, path, losses)
        case ToolResult():
            return _write_result(part, ids, path, losses)
        case Refusal() | Thinking() | ToolCall():
            losses.append(Loss(path, "part", "only a model says such a thing"))
            return None


def write_model_part(part: Part, ids: CallIds, path: str, losses: list[Loss]) -> AnyBlock | None:
    """Return the block for `part` of an assistant turn; `None` if there is none."""
    match part:
        case Text():
            return write_text(part, path, losses)
        case Refusal(text=text):
            return TextBlock(text=text) if text.strip() else None
        case Thinking():
            return _write_own_thinking(part, path, losses)
        case ToolCall():
            return write_call(part, ids.called(part.id), path, losses)
        case Media() | ToolResult():
            losses.append(Loss(path, "part", "a model cannot say such a thing here"))
            return None


def _write_own_thinking(
    part: Thinking, path: str, losses: list[Loss]
) -> ThinkingBlock | RedactedBlock | None:
    if part.opaque is None or part.opaque.wire != WIRE:
        losses.append(Loss(path, "thinking", "without a signature of this issuer"))
        return None
    return write_thinking_back(part)


def write_text(part: Text, path: str, losses: list[Loss]) -> TextBlock | None:
    """Return the block for a text; the wire refuses a blank one."""
    if not part.text.strip():
        if part.text:
            losses.append(Loss(path, "blank text", "refused by Anthropic Messages"))
        return None
    return TextBlock(text=part.text, cache_control=cache_control(part.cache_until))


def write_call(call: ToolCall, call_id: str, path: str, losses: list[Loss]) -> ToolUseBlock:
    """Return the block for a call, by this id; arguments that are no object are put into one."""
    if call.namespace is not None:
        losses.append(Loss(f"{path}.namespace", "namespace", "tools have no groups here"))
    arguments = call.arguments or "{}"
    if decoded(_object, arguments) is None:
        losses.append(Loss(f"{path}.input", "arguments", "they are no JSON object"))
        arguments = msgspec.json.encode({"input": call.arguments}).decode()
    return ToolUseBlock(
        id=call_id,
        name=call.name,
        input=msgspec.Raw(arguments.encode()),
        cache_control=cache_control(call.cache_until),
    )


def write_thinking_back(part: Thinking) -> ThinkingBlock | RedactedBlock:
    """Return the block that shows a client what was thought, whoever signed it."""
    token = "" if part.opaque is None else carried(part.opaque, WIRE)
    if part.redacted and token:
        return RedactedBlock(data=token)
    return ThinkingBlock(thinking=part.text, signature=token)


def _write_result(
    result: ToolResult, ids: CallIds, path: str, losses: list[Loss]
) -> ToolResultBlock:
    content: list[msgspec.Raw] = []
    for i, part in enumerate(result.parts):
        place = f"{path}.content[{i}]"
        block: AnyBlock | None
        if isinstance(part, Text):
            block = write_text(part, place, losses)
        else:
            block = write_media(part, place, losses)
        if block is not None:
            content.append(msgspec.Raw(msgspec.json.encode(block)))
    return ToolResultBlock(
        tool_use_id=ids.answered(result.call_id),
        content=content or None,
        is_error=result.is_error,
        cache_control=cache_control(result.cache_until),
    )
