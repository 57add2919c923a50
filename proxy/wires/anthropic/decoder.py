"""From a provider's stream to canonical events."""

import msgspec

from proxy.canonical.answer import Began, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import Opaque, Part, Text, Thinking, ToolCall
from proxy.sse import SseEvent
from proxy.wire import Mark, decoded
from proxy.wires.anthropic.carriers import WIRE
from proxy.wires.anthropic.read_answer import read_block
from proxy.wires.anthropic.stops import read_stop
from proxy.wires.anthropic.stream import Reader


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None


class _Delta(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _StreamEvent(msgspec.Struct):
    type: str = ""
    index: int = 0
    message: _Message | None = None
    content_block: msgspec.Raw = msgspec.Raw()
    delta: _Delta | None = None


class _Open(msgspec.Struct):
    """A part that has begun; `whole` is what its start alone said of its text or arguments."""

    index: int
    whole: str


_event = msgspec.json.Decoder(_StreamEvent)


class Decoder:
    """See `proxy.codec.EventDecoder`. Blocks are told apart by their index, as they come."""

    def __init__(self) -> None:
        self._reader = Reader()  # it counts
        self._open: dict[int, _Open] = {}
        self._begun = 0
        self._started = self._over = self._calls = False
        self._stop_reason: str | None = None
        self._stop_sequence: str | None = None

    def feed(self, event: SseEvent) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        if self._over:
            return []
        if self._reader.read(event) is Mark.FAULT:
            self._over = True
            return []
        parsed = decoded(_event, event.data)
        if parsed is None:
            return []
        said = self._said(parsed)
        if said and not self._started:
            self._started = True
            return [Started(), *said]
        return said

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`; `message_stop` alone is an end."""
        return []

    def _said(self, event: _StreamEvent) -> list[Event]:
        match event.type:
            case "content_block_delta":
                return self._grow(event.index, event.delta or _Delta())
            case "content_block_start":
                return self._begin(event)
            case "content_block_stop":
                return self._end(event.index)
            case "message_start":
                return self._start(event.message or _Message())
            case "message_delta" if event.delta is not None:
                self._stop_reason = event.delta.stop_reason or self._stop_reason
                self._stop_sequence = event.delta.stop_sequence or self._stop_sequence
            case "message_stop":
                return self._finished()
            case _:
                pass
        return []

    def _start(self, message: _Message) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [Started(id=message.id, model=message.model, usage=self._reader.told().usage)]

    def _begin(self, event: _StreamEvent) -> list[Event]:
        part = read_block(event.content_block)
        if part is None:
            return []
        ended = self._end(event.index)
        bare, whole, opaque = _split(part)
        self._calls = self._calls or isinstance(part, ToolCall)
        index, self._begun = self._begun, self._begun + 1
        self._open[event.index] = _Open(index, whole if isinstance(part, ToolCall) else "")
        said: list[Event] = [*ended, Began(index=index, part=bare)]
        if whole and not isinstance(part, ToolCall):
            said.append(Piece(index=index, text=whole))
        if opaque is not None:
            said.append(Signed(index=index, opaque=opaque))
        return said

    def _grow(self, at: int, delta: _Delta) -> list[Event]:
        block = self._open.get(at)
        if block is None:
            return []
        if delta.signature:
            return [Signed(index=block.index, opaque=Opaque(WIRE, delta.signature))]
        text = delta.text or delta.thinking or delta.partial_json
        if not text:
            return []
        block.whole = ""  # the pieces are the arguments, and what the start said is a draft
        return [Piece(index=block.index, text=text)]

    def _end(self, at: int) -> list[Event]:
        block = self._open.pop(at, None)
        if block is None:
            return []
        said: list[Event] = [Piece(index=block.index, text=block.whole)] if block.whole else []
        return [*said, Ended(block.index)]

    def _finished(self) -> list[Event]:
        self._over = True
        ended = [event for at in list(self._open) for event in self._end(at)]
        stop = read_stop(self._stop_reason, calls=self._calls)
        usage = self._reader.told().usage
        return [*ended, Finished(stop=stop, stop_sequence=self._stop_sequence, usage=usage)]


def _split(part: Part) -> tuple[Part, str, Opaque | None]:
    """Return what is known of a part at its start: itself without text, its text, its token."""
    match part:
        case ToolCall(arguments=arguments):
            whole = "" if arguments == "{}" else arguments
            return msgspec.structs.replace(part, arguments=""), whole, None
        case Thinking(redacted=False, text=text, opaque=opaque):
            return Thinking(), text, opaque
        case Text(text=text):
            return Text(text=""), text, None
        case _:
            return part, "", None
