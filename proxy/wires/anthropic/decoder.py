"""From a provider's stream to canonical events."""

import msgspec

from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import Citation, Opaque, Part, Text, Thinking, ToolCall
from proxy.canonical.request import Loss
from proxy.canonical.skipped import NEVER_BEGAN, NO_TEXT, UNREADABLE, Skipped
from proxy.sse import SseEvent
from proxy.wire import Mark, decoded, note_others
from proxy.wires.anthropic.carriers import WIRE
from proxy.wires.anthropic.citations import read_citation
from proxy.wires.anthropic.read_answer import MESSAGE_KEYS, read_block
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
    citation: msgspec.Raw = msgspec.Raw()
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _StreamEvent(msgspec.Struct):
    type: str = ""
    index: int = 0
    message: msgspec.Raw = msgspec.Raw()
    content_block: msgspec.Raw = msgspec.Raw()
    delta: _Delta | None = None


class _Ending(msgspec.Struct):
    """What a `message_delta` holds; most of its keys are the vendor's own."""

    delta: msgspec.Raw = msgspec.Raw()


class _Open(msgspec.Struct):
    """A part that has begun; `whole` is what its start alone said of its text or arguments."""

    index: int
    whole: str
    is_text: bool


_event = msgspec.json.Decoder(_StreamEvent)
_message = msgspec.json.Decoder(_Message)
_ending = msgspec.json.Decoder(_Ending)

_WORDLESS = {"message_delta", "ping", "error"}
_DELTAS = {"text_delta", "thinking_delta", "input_json_delta", "signature_delta"}
_DELTA_KEYS = {"stop_reason", "stop_sequence"}
_ENDING_KEYS = {"type", "delta", "usage"}


class Decoder:
    """See `proxy.codec.EventDecoder`. Blocks are told apart by their index, as they come."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._skipped = Skipped(self.losses)
        self._unread: set[int] = set()  # blocks that are noted: their deltas say nothing new
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
        mark = self._reader.read(event)
        if mark is Mark.FAULT:
            self._over = True
            return []
        said = self._finished() if mark is Mark.TERMINAL else self._read(event)
        if said and not self._started:
            self._started = True
            return [Started(), *said]
        return said

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`; `message_stop` alone is an end."""
        return []

    def _read(self, event: SseEvent) -> list[Event]:
        parsed = decoded(_event, event.data)
        if parsed is None:
            self._skipped.note("stream", event.name.decode(errors="replace") or "event", UNREADABLE)
            return []
        if parsed.type == "message_delta":
            self._note_ending(event.data)
        return self._said(parsed)

    def _said(self, event: _StreamEvent) -> list[Event]:
        match event.type:
            case "content_block_delta":
                return self._grow(event.index, event.delta or _Delta())
            case "content_block_start":
                return self._begin(event)
            case "content_block_stop":
                return self._end(event.index)
            case "message_start":
                return self._start(event.message)
            case "message_delta" if event.delta is not None:
                self._stop_reason = event.delta.stop_reason or self._stop_reason
                self._stop_sequence = event.delta.stop_sequence or self._stop_sequence
            case kind if kind not in _WORDLESS:
                self._skipped.note("stream", kind or "event", "an event of an unknown kind")
            case _:
                pass
        return []

    def _note_ending(self, data: bytes) -> None:
        ending = decoded(_ending, data) or _Ending()
        note_others(data, _ENDING_KEYS, "", self._skipped)
        note_others(ending.delta, _DELTA_KEYS, "", self._skipped)

    def _start(self, raw: msgspec.Raw) -> list[Event]:
        if self._started:
            return []
        self._started = True
        message = decoded(_message, raw) or _Message()
        note_others(raw, MESSAGE_KEYS, "", self._skipped)
        return [Started(id=message.id, model=message.model, usage=self._reader.told().usage)]

    def _begin(self, event: _StreamEvent) -> list[Event]:
        part = read_block(event.content_block, f"content[{event.index}]", self._skipped)
        if part is None:
            self._unread.add(event.index)
            return []
        ended = self._end(event.index)
        bare, whole, opaque = _split(part)
        self._calls = self._calls or isinstance(part, ToolCall)
        index, self._begun = self._begun, self._begun + 1
        is_call = isinstance(part, ToolCall)
        self._open[event.index] = _Open(index, whole if is_call else "", isinstance(part, Text))
        said: list[Event] = [*ended, Began(index=index, part=bare)]
        if whole and not is_call:
            said.append(Piece(index=index, text=whole))
        if isinstance(part, Text):
            said += [Cited(index=index, citation=citation) for citation in part.citations]
        if opaque is not None:
            said.append(Signed(index=index, opaque=opaque))
        return said

    def _grow(self, at: int, delta: _Delta) -> list[Event]:
        block = self._open.get(at)
        text = delta.text or delta.thinking or delta.partial_json
        if block is not None and text:
            block.whole = ""  # the pieces are the arguments, and what the start said is a draft
            return [Piece(index=block.index, text=text)]
        if block is not None:
            return self._note(f"content[{at}]", block, delta)
        if at not in self._unread:
            self._skipped.note(f"content[{at}]", delta.type or "delta", NEVER_BEGAN)
        return []

    def _note(self, path: str, block: _Open, delta: _Delta) -> list[Event]:
        """Read a delta without text."""
        if delta.signature:
            return [Signed(index=block.index, opaque=Opaque(WIRE, delta.signature))]
        if delta.citation:
            found = self._citation(f"{path}.citations", block, delta.citation)
            return [] if found is None else [Cited(index=block.index, citation=found)]
        if delta.type not in _DELTAS:
            self._skipped.note(path, delta.type or "delta", "a delta of an unknown kind")
        return []

    def _citation(self, path: str, block: _Open, raw: msgspec.Raw) -> Citation | None:
        if block.is_text:
            return read_citation(raw, path, self._skipped)
        self._skipped.note(path, "citations_delta", NO_TEXT)
        return None

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
