"""From a provider's whole answer to the middle, and its count of tokens."""

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer
from proxy.canonical.parts import Part, Text, ToolCall
from proxy.canonical.request import Loss
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.errors import ClientError
from proxy.wire import Count, decoded, note_others
from proxy.wires.anthropic.answer import find_error, parse_usage, to_usage
from proxy.wires.anthropic.blocks import CitedTextBlock, RedactedBlock, ThinkingBlock, ToolUseBlock
from proxy.wires.anthropic.citations import read_citations
from proxy.wires.anthropic.read_parts import read_said
from proxy.wires.anthropic.schema import Message
from proxy.wires.anthropic.stops import read_stop


class _Whole(msgspec.Struct):
    type: str
    id: str | None = None
    model: str | None = None
    content: list[msgspec.Raw] | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: msgspec.Raw = msgspec.Raw()


class _Counted(msgspec.Struct):
    input_tokens: Count


class _Kind(msgspec.Struct):
    type: str


SaidBlock = CitedTextBlock | ThinkingBlock | RedactedBlock | ToolUseBlock

_whole = msgspec.json.Decoder(_Whole)
_message = msgspec.json.Decoder(Message)
_counted = msgspec.json.Decoder(_Counted)
_said = msgspec.json.Decoder(SaidBlock)
_kind = msgspec.json.Decoder(_Kind)

SAID_KINDS = {"text", "thinking", "redacted_thinking", "tool_use"}
MESSAGE_KEYS = {"role", *_Whole.__struct_fields__}


def read_answer(body: bytes, losses: list[Loss]) -> Answer | None:
    """Return the answer; `None` if it is none, or an error."""
    whole, head = decoded(_whole, body), decoded(_message, body)
    if whole is None or head is None or whole.type != "message" or find_error(head, body):
        return None
    skipped = Skipped(losses)
    note_others(body, MESSAGE_KEYS, "", skipped)
    found = (read_block(raw, f"content[{i}]", skipped) for i, raw in enumerate(whole.content or ()))
    parts = tuple(part for part in found if part is not None)
    counted = parse_usage(whole.usage)
    return Answer(
        id=whole.id,
        model=whole.model,
        parts=parts,
        stop=read_stop(whole.stop_reason, calls=any(isinstance(p, ToolCall) for p in parts)),
        stop_sequence=whole.stop_sequence,
        usage=Usage() if counted is None else to_usage(counted),
    )


def read_block(raw: msgspec.Raw, path: str, skipped: Skipped) -> Part | None:
    """Return the part that a block of an answer is; `None`, and a note, if it cannot be known."""
    block = decoded(_said, raw)
    if isinstance(block, CitedTextBlock):
        found = read_citations(block.citations, f"{path}.citations", skipped)
        return Text(text=block.text, citations=found)
    try:
        if block is not None:
            return read_said(block, path, own=True)
    except ClientError:  # text that is no text: a provider's fault, and no part of the answer
        pass
    kind = decoded(_kind, raw)
    if kind is None or kind.type in SAID_KINDS:
        skipped.note(path, "block" if kind is None else kind.type, UNKNOWN_SHAPE)
    else:
        skipped.note(path, kind.type, "only this vendor has such a block")
    return None


def read_count(body: bytes) -> int | None:
    """Return the number of input tokens that a counting request was answered with."""
    counted = decoded(_counted, body)
    return None if counted is None else counted.input_tokens


def write_count(tokens: int) -> bytes:
    """Return the answer to a counting request."""
    return msgspec.json.encode(_Counted(tokens))
