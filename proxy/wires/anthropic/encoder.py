"""From canonical events to a stream for a client.

Blocks of this wire come one after the other: of parts that interleave, the one that began first is
written, and the others wait for their turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from proxy.canonical.request import Loss, Request
from proxy.wires.anthropic import answer_json as out
from proxy.wires.anthropic.answer import error
from proxy.wires.anthropic.blocks import AnyBlock, TextBlock, ThinkingBlock, ToolUseBlock
from proxy.wires.anthropic.call_ids import CallIds
from proxy.wires.anthropic.carriers import carrier
from proxy.wires.anthropic.citations import lost_citations, lost_places, write_citation
from proxy.wires.anthropic.stops import write_stop_reason
from proxy.wires.anthropic.write_answer import answer_id, ids_of, no_such_part
from proxy.wires.anthropic.write_parts import write_thinking_back


@dataclass(slots=True)
class _Block:
    """A part on its way; `waiting` are pieces that came before its turn."""

    part: Part
    token: Opaque | None
    waiting: list[str] = field(default_factory=list)
    chars: int = 0
    citations: list[Citation] = field(default_factory=list)
    opened: bool = False
    ended: bool = False


class Encoder:
    """See `proxy.codec.EventEncoder`."""

    def __init__(self, request: Request) -> None:
        self.losses: list[Loss] = []
        self._request = request
        self._ids: CallIds | None = None
        self._blocks: dict[int, _Block] = {}  # in the order they began; the first is written
        self._next = 0
        self._started = self._calls = False

    def feed(self, event: Event) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        return b"".join(_sse(said) for said in self._said(event))

    def error_event(self, message: str) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        return b"event: error\ndata: " + error(502, message) + b"\n\n"

    def _said(self, event: Event) -> Iterator[out.Event]:
        if not self._started:
            self._started = True
            yield self._start(event if isinstance(event, Started) else Started())
        match event:
            case Piece(index=index, text=text):
                yield from self._grow(index, text)
            case Began(index=index, part=part):
                self._begin(index, part)
                yield from self._advance()
            case Signed() | Ended():
                yield from self._note(event)
            case Cited(index=index, citation=citation):
                self._cite(index, citation)
            case Finished():
                yield from self._finish(event)
            case Started():
                pass

    def _start(self, event: Started) -> out.Event:
        message = out.MessageOut(
            id=event.id or answer_id(self._request),
            model=event.model or self._request.model,
            content=[],
            usage=out.usage_out(event.usage),
        )
        return out.MessageStart(message)

    def _note(self, event: Signed | Ended) -> Iterator[out.Event]:
        block = self._blocks.get(event.index)
        if block is None:
            return
        if isinstance(event, Signed):
            block.token = event.opaque
            return
        block.ended = True
        yield from self._advance()

    def _cite(self, index: int, citation: Citation) -> None:
        block = self._blocks.get(index)
        if block is not None:
            block.citations.append(citation)
            return
        late = lost_citations(f"content[{index}]", "they came after their text")
        if late not in self.losses:
            self.losses.append(late)

    def _begin(self, index: int, part: Part) -> None:
        match part:
            case Media() | ToolResult():
                self.losses.append(no_such_part(part, f"content[{index}]"))
                return
            case Refusal(text=text):
                self._blocks[index] = _Block(part, None, [text])
            case Text(text=text, opaque=opaque) | Thinking(text=text, opaque=opaque):
                self._blocks[index] = _Block(part, opaque, [text])
            case ToolCall(arguments=arguments, opaque=opaque):
                self._calls = True
                self._blocks[index] = _Block(part, opaque, [arguments])

    def _grow(self, index: int, text: str) -> Iterator[out.Event]:
        block = self._blocks.get(index)
        if block is None:
            return
        block.waiting.append(text)
        if index == next(iter(self._blocks)):
            yield from self._flush(block)

    def _advance(self) -> Iterator[out.Event]:
        """Write the first block as far as it goes, and the next ones after it."""
        while self._blocks:
            index, block = next(iter(self._blocks.items()))
            yield from self._flush(block)
            if not block.ended:
                return
            yield from self._close(block, index)
            del self._blocks[index]

    def _flush(self, block: _Block) -> Iterator[out.Event]:
        text = "".join(block.waiting)
        block.waiting.clear()
        if (text or isinstance(block.part, ToolCall)) and not block.opened:
            yield from self._open(block)
        if text:
            block.chars += len(text)
            yield out.BlockDelta(self._next, _delta(block.part, text))

    def _open(self, block: _Block) -> Iterator[out.Event]:
        block.opened = True
        if isinstance(block.part, Text | ToolCall) and block.token is not None:
            yield from self._carry(block.token, before=True)
            block.token = None
        yield out.BlockStart(self._next, self._bare(block.part))

    def _close(self, block: _Block, index: int) -> Iterator[out.Event]:
        if isinstance(block.part, Thinking):
            yield from self._close_thinking(block, block.part)
            return
        yield from self._close_citations(block, f"content[{index}]")
        if not block.opened:
            return
        yield out.BlockStop(self._next)
        self._next += 1
        if block.token is None:
            return
        if isinstance(block.part, ToolCall):
            yield from self._carry(block.token, before=False)
            return
        # Claude Code prints the last block, if it is text: none may follow it.
        self.losses.append(Loss(f"content[{index}]", "signature", "it came after its text"))

    def _close_citations(self, block: _Block, path: str) -> Iterator[out.Event]:
        if not block.citations:
            return
        if not block.opened:
            self.losses.append(lost_citations(path, "an empty text is no block"))
            return
        self.losses += lost_places(tuple(block.citations), block.chars, path)
        for citation in block.citations:
            yield out.BlockDelta(self._next, out.CitationsDelta(write_citation(citation)))

    def _close_thinking(self, block: _Block, part: Thinking) -> Iterator[out.Event]:
        if block.token is None and not block.opened:
            return
        written = write_thinking_back(msgspec.structs.replace(part, opaque=block.token))
        if not block.opened:
            bare = isinstance(written, ThinkingBlock)
            yield out.BlockStart(self._next, _UNSAID if bare else written)
        if isinstance(written, ThinkingBlock) and written.signature:
            yield out.BlockDelta(self._next, out.SignatureDelta(written.signature))
        yield out.BlockStop(self._next)
        self._next += 1

    def _carry(self, token: Opaque, *, before: bool) -> Iterator[out.Event]:
        signature = carrier(token, before=before).signature or ""
        yield out.BlockStart(self._next, _UNSAID)
        yield out.BlockDelta(self._next, out.SignatureDelta(signature))
        yield out.BlockStop(self._next)
        self._next += 1

    def _bare(self, part: Part) -> AnyBlock:
        """Return what a block begins with."""
        if isinstance(part, Thinking):
            return _UNSAID
        if isinstance(part, ToolCall):
            if self._ids is None:
                self._ids = ids_of(self._request)
            return ToolUseBlock(id=self._ids.called(part.id), name=part.name, input=_NOTHING)
        return TextBlock(text="")

    def _finish(self, event: Finished) -> Iterator[out.Event]:
        for block in self._blocks.values():
            block.ended = True
        yield from self._advance()
        reason = write_stop_reason(event.stop, calls=self._calls, losses=self.losses)
        ending = out.StopOut(reason, event.stop_sequence)
        yield out.MessageDelta(ending, out.usage_out(event.usage))
        yield out.MessageStop()


_UNSAID = ThinkingBlock(thinking="", signature="")
_NOTHING = msgspec.Raw(b"{}")


def _delta(part: Part, text: str) -> out.Delta:
    if isinstance(part, ToolCall):
        return out.InputDelta(text)
    if isinstance(part, Thinking):
        return out.ThinkingDelta(text)
    return out.TextDelta(text)


def _sse(event: out.Event) -> bytes:
    name = str(event.__struct_config__.tag).encode()
    return b"event: " + name + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"
