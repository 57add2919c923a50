"""From content blocks to parts, for requests and answers."""

import msgspec

from proxy.canonical.envelope import issued
from proxy.canonical.parts import Media, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss
from proxy.wires.anthropic.blocks import (
    KEYS,
    AnyBlock,
    DocumentBlock,
    ImageBlock,
    RedactedBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    cache_until,
)
from proxy.wires.anthropic.call_ids import original
from proxy.wires.anthropic.carriers import WIRE, rejoined
from proxy.wires.anthropic.media import read_media
from proxy.wires.anthropic.shapes import lose_unknown, shaped, short, spelled

Content = str | list[msgspec.Raw]


class _Head(msgspec.Struct):
    type: str


_head = msgspec.json.Decoder(_Head)
_block = msgspec.json.Decoder(AnyBlock)


def read_content(content: Content | None, path: str, losses: list[Loss]) -> tuple[Part, ...]:
    """Return the parts of `content`; blocks that are unknown are lost.

    Raises:
        ClientError: 400, a known block has a wrong shape.
    """
    if content is None or isinstance(content, str):
        return (Text(text=content),) if content else ()
    found = (_read_part(raw, f"{path}[{i}]", losses) for i, raw in enumerate(content))
    return rejoined(part for part in found if part is not None)


def _read_part(raw: msgspec.Raw, path: str, losses: list[Loss]) -> Part | None:
    kind = shaped(_head, raw, path).type
    if kind not in KEYS:
        losses.append(Loss(path, short(kind), "only this vendor has such a block"))
        return None
    lose_unknown(raw, KEYS[kind], path, losses)
    block = shaped(_block, raw, path)
    if isinstance(block, ImageBlock | DocumentBlock):
        return read_media(block, path, losses)
    if isinstance(block, ToolResultBlock):
        return _read_result(block, path, losses)
    return read_said(block, path)


def read_said(
    block: TextBlock | ThinkingBlock | RedactedBlock | ToolUseBlock, path: str, *, own: bool = False
) -> Part:
    """Return what a model said.

    Args:
        block: What it stands in.
        path: Where that stands.
        own: The provider itself says it; else a client gives it back, maybe for another issuer.
    """
    match block:
        case TextBlock(text=text, cache_control=control):
            return Text(text=text, cache_until=cache_until(control))
        case ThinkingBlock(thinking=text, signature=signature):
            return Thinking(text=text, opaque=_token(signature, own=own))
        case RedactedBlock(data=data):
            return Thinking(redacted=True, opaque=_token(data, own=own))
        case ToolUseBlock(id=call_id, name=name, input=given, cache_control=control):
            return ToolCall(
                id=call_id if own else original(call_id),
                name=name,
                arguments=spelled(given, f"{path}.input") or "{}",
                cache_until=cache_until(control),
            )


def _token(text: str | None, *, own: bool) -> Opaque | None:
    if not text:
        return None
    return Opaque(WIRE, text) if own else issued(text, WIRE)


def _read_result(block: ToolResultBlock, path: str, losses: list[Loss]) -> ToolResult:
    path = f"{path}.content"
    parts = read_content(block.content, path, losses)
    shown = tuple(part for part in parts if isinstance(part, Text | Media))
    if len(shown) < len(parts):
        losses.append(Loss(path, "blocks", "no such block belongs into a tool result"))
    return ToolResult(
        call_id=original(block.tool_use_id),
        parts=shown,
        is_error=block.is_error,
        cache_until=cache_until(block.cache_control),
    )
