"""From events to the chunks of a stream."""

import msgspec

from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.citing import Row
from proxy.canonical.parts import (
    Citation,
    Media,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from proxy.canonical.request import Loss, Request
from proxy.wires.chat import annotations
from proxy.wires.chat.annotations import AnnotationOut
from proxy.wires.chat.answer import error
from proxy.wires.chat.calls import CallOut, write_call
from proxy.wires.chat.stops import write_stop
from proxy.wires.chat.write_answer import (
    UsageOut,
    lost_end,
    lost_of,
    lost_token,
    name_of,
    write_usage,
)

_BETWEEN, _END = b',"choices":[{"index":0,"delta":', b',"logprobs":null,"finish_reason":'


class Head(msgspec.Struct):
    """What all chunks of a stream begin with."""

    id: str
    object: str
    created: int
    model: str


class PieceOut(msgspec.Struct, omit_defaults=True):
    """More of a call."""

    arguments: str | None = None
    input: str | None = None


class CallPieceOut(msgspec.Struct, omit_defaults=True):
    """More of the call `index`."""

    index: int
    function: PieceOut | None = None
    custom: PieceOut | None = None


class DeltaOut(msgspec.Struct, omit_defaults=True):
    """What a chunk adds."""

    role: str | None = None
    content: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    tool_calls: list[CallOut | CallPieceOut] | None = None
    annotations: list[AnnotationOut] | None = None


class _Call:
    """A call that is being said; some have no arguments."""

    def __init__(self, index: int, part: ToolCall) -> None:
        self.index = index
        self.custom = part.custom
        self.argued = bool(part.arguments)

    def piece(self, text: str) -> DeltaOut:
        self.argued = True
        if self.custom:
            more = CallPieceOut(self.index, custom=PieceOut(input=text))
        else:
            more = CallPieceOut(self.index, function=PieceOut(arguments=text))
        return DeltaOut(tool_calls=[more])


class Encoder:
    """Writes one stream. Calls are numbered as they begin, and may interleave.

    Citations are said all at once, at the end: the SDK cannot add to a list without numbers.

    Attributes:
        losses: See `proxy.codec.EventEncoder`.
    """

    def __init__(self, request: Request) -> None:
        self.losses: list[Loss] = []
        self._request = request
        self._head = b""
        self._parts: dict[int, Part] = {}
        self._calls: dict[int, _Call] = {}
        self._refused = False
        self._texts = Row()
        self._citations: dict[int, list[Citation]] = {}

    def feed(self, event: Event) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        match event:
            case Started():
                return self._start(event)
            case Began(index=index, part=part):
                return self._begin(index, part)
            case Piece(index=index, text=text):
                return self._add(index, text)
            case Cited() | Signed():
                return self._keep(event)
            case Ended(index=index):
                return self._end(index)
            case Finished():
                return self._finish(event)

    def error_event(self, message: str) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        return b"data: " + error(502, message) + b"\n\n"

    def _start(self, event: Started) -> bytes:
        head = Head(
            name_of(event.id),
            "chat.completion.chunk",
            event.created_s or 0,
            event.model or self._request.model,
        )
        self._head = b"data: " + msgspec.json.encode(head).removesuffix(b"}")
        return self._chunk(DeltaOut(role="assistant", content=""))

    def _begin(self, index: int, part: Part) -> bytes:
        self._parts[index] = part
        self.losses += lost_of(part, index)
        self._refused = self._refused or isinstance(part, Refusal)
        if isinstance(part, ToolCall):
            call = self._calls[index] = _Call(len(self._calls), part)
            return self._chunk(DeltaOut(tool_calls=[write_call(part, call.index)]))
        if isinstance(part, Text):
            self._texts.began(index)
        text = part.text if isinstance(part, Text | Thinking | Refusal) else ""
        return self._add(index, text) if text else b""

    def _add(self, index: int, text: str) -> bytes:
        match self._parts.get(index):
            case Text():
                self._texts.said(text)
                return self._chunk(DeltaOut(content=text))
            case Thinking():
                return self._chunk(DeltaOut(reasoning_content=text))
            case Refusal():
                return self._chunk(DeltaOut(refusal=text))
            case ToolCall():
                return self._chunk(self._calls[index].piece(text))
            case Media() | ToolResult() | None:
                return b""

    def _keep(self, event: Cited | Signed) -> bytes:
        """Note what has no chunk of its own."""
        if isinstance(event, Cited):
            self._citations.setdefault(event.index, []).append(event.citation)
        else:
            self.losses.append(lost_token(event.index))
        return b""

    def _end(self, index: int) -> bytes:
        call = self._calls.get(index)
        if call is None or call.argued or call.custom:
            return b""
        return self._chunk(call.piece("{}"))

    def _finish(self, event: Finished) -> bytes:
        self.losses += lost_end(event.stop, event.stop_sequence)
        reason = write_stop(event.stop, called=bool(self._calls), refused=self._refused)
        cited = self._cited()
        last = self._chunk(DeltaOut(), b'"' + reason.encode() + b'"')
        shown = self._usage(write_usage(event.usage)) if self._request.usage_shown else b""
        return cited + last + shown + b"data: [DONE]\n\n"

    def _cited(self) -> bytes:
        for index, citations in self._citations.items():
            self.losses += annotations.lost_of(citations, index)
        spans = {index: self._texts.span(index) for index in self._citations}
        written = annotations.write_annotations(self._citations, spans)
        return self._chunk(DeltaOut(annotations=written)) if written else b""

    def _chunk(self, delta: DeltaOut, reason: bytes = b"null") -> bytes:
        said = msgspec.json.encode(delta)
        return b"".join((self._head, _BETWEEN, said, _END, reason, b"}]}\n\n"))

    def _usage(self, usage: UsageOut) -> bytes:
        return self._head + b',"choices":[],"usage":' + msgspec.json.encode(usage) + b"}\n\n"
