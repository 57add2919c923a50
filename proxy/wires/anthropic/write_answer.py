"""From the middle to a whole answer for a client."""

import hashlib

import msgspec

from proxy.canonical.answer import Answer
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request
from proxy.wires.anthropic.answer_json import CitedTextOut, MessageOut, usage_out
from proxy.wires.anthropic.blocks import AnyBlock, TextBlock
from proxy.wires.anthropic.call_ids import CallIds
from proxy.wires.anthropic.carriers import carrier
from proxy.wires.anthropic.citations import lost_citations, lost_places, write_citation
from proxy.wires.anthropic.stops import write_stop_reason
from proxy.wires.anthropic.write_parts import write_call, write_thinking_back


def write_answer(answer: Answer, request: Request, losses: list[Loss]) -> bytes:
    """Return the answer to `request`; what this wire cannot carry is appended to `losses`."""
    ids = ids_of(request)
    blocks = [
        block
        for i, part in enumerate(answer.parts)
        for block in _blocks(part, ids, f"content[{i}]", losses)
    ]
    calls = any(isinstance(part, ToolCall) for part in answer.parts)
    message = MessageOut(
        id=answer.id or answer_id(request),
        model=answer.model or request.model,
        content=blocks,
        stop_reason=write_stop_reason(answer.stop, calls=calls, losses=losses),
        stop_sequence=answer.stop_sequence,
        usage=usage_out(answer.usage),
    )
    return msgspec.json.encode(message)


def _blocks(
    part: Part, ids: CallIds, path: str, losses: list[Loss]
) -> list[AnyBlock | CitedTextOut]:
    held: list[AnyBlock | CitedTextOut] = []
    if isinstance(part, Text | ToolCall) and part.opaque is not None:
        held = [carrier(part.opaque, before=True)]
    match part:
        case Text(text=text, citations=citations) if citations:
            losses += lost_of(part, path)
            written = [write_citation(one) for one in citations]
            return [*held, CitedTextOut(text=text, citations=written)] if text else []
        case Text(text=text) | Refusal(text=text):
            return [*held, TextBlock(text=text)] if text else []
        case ToolCall():
            return [*held, write_call(part, ids.called(part.id), path, losses)]
        case Thinking(text=text, opaque=opaque):
            return [write_thinking_back(part)] if text or opaque is not None else []
        case Media() | ToolResult():
            losses.append(no_such_part(part, path))
            return []


def lost_of(part: Text, path: str) -> list[Loss]:
    """Return what blocks cannot say of a text's citations."""
    if not part.text:
        return [lost_citations(path, "an empty text is no block")]
    return lost_places(part.citations, len(part.text), path)


def no_such_part(part: Media | ToolResult, path: str) -> Loss:
    """Return the loss of a part that no answer of this wire holds."""
    what = part.kind if isinstance(part, Media) else "tool result"
    return Loss(path, what, "an answer has no such block in Anthropic Messages")


def ids_of(request: Request) -> CallIds:
    """Return the call ids that the conversation has used up."""
    ids = CallIds()
    for turn in request.turns:
        for part in turn.parts:
            if isinstance(part, ToolCall):
                ids.called(part.id)
    return ids


def answer_id(request: Request) -> str:
    """Return an id for an answer without one.

    Claude Code takes messages of one id for one message, so it differs from turn to turn.
    """
    digest = hashlib.blake2b(msgspec.json.encode(request), digest_size=12)
    return f"msg_{digest.hexdigest()}"
