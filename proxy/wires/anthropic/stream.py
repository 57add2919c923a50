"""Reading along with a stream of Messages events."""

import msgspec

from proxy.canonical import Told, UsageSource
from proxy.sse import SseEvent
from proxy.wire import Mark, decoded, run_of, with_error, with_usage
from proxy.wires.anthropic.answer import error, find_error, parse_usage, to_usage
from proxy.wires.anthropic.schema import Message, StreamEvent, UsageJson

_event = msgspec.json.Decoder(StreamEvent)
_message = msgspec.json.Decoder(Message)

_UNREAD = {
    b"content_block_delta": Mark.CONTENT,
    b"content_block_stop": Mark.HANDSHAKE,
    b"ping": Mark.HANDSHAKE,
    b"message_stop": Mark.TERMINAL,
}
"""Events whose name says all we need; the first is nearly the whole stream."""
_PLAIN = run_of(b"content_block_delta")


class Reader:
    """Notes model, usage and end of one stream; counts in it are cumulative, so the last wins."""

    plain = _PLAIN

    def __init__(self) -> None:
        self._model: str | None = None
        self._stop_reason: str | None = None
        self._problem: Told | None = None
        self._counted = UsageJson()
        self._counts: dict[str, msgspec.Raw] = {}

    def skimmed(self, count: int) -> None:
        """See `proxy.wire.StreamReader`: there is nothing in them to note."""

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        mark = _UNREAD.get(event.name)
        if mark is not None:
            return mark
        parsed = decoded(_event, event.data) or StreamEvent()
        if event.name == b"error":  # whatever it holds
            parsed.type = "error"
        problem = find_error(parsed, event.data)
        if problem is not None:
            self._problem = problem
            return Mark.FAULT
        return _UNREAD.get(parsed.type.encode()) or self._note(parsed)

    def _note(self, event: StreamEvent) -> Mark:
        match event:
            case StreamEvent(type="message_start"):
                message = decoded(_message, event.message) or Message()
                self._model = message.model
                self._count(event.type, message.usage)
                self._counted.output_tokens = None  # only a placeholder
                return Mark.HANDSHAKE
            case StreamEvent(type="content_block_start", content_block=block) if block is not None:
                empty = block.type in {"text", "thinking"} and not (block.text or block.thinking)
                return Mark.HANDSHAKE if empty else Mark.CONTENT
            case StreamEvent(type="message_delta", delta=delta):
                self._stop_reason = (delta and delta.stop_reason) or self._stop_reason
                self._count(event.type, event.usage)
                return Mark.CONTENT
            case _:
                return Mark.CONTENT

    def _count(self, name: str, raw: msgspec.Raw) -> None:
        """Let the event `name` overwrite what it counts, and nothing else."""
        counted = parse_usage(raw)
        if counted is None:
            return
        self._counts[name] = raw
        for field in UsageJson.__struct_fields__:
            value = getattr(counted, field)
            if value is not None:
                setattr(self._counted, field, value)

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        told = Told(
            model=self._model,
            stop_reason=self._stop_reason,
            service_tier=self._counted.service_tier,
        )
        if self._counts:
            source: UsageSource = "reported" if "message_delta" in self._counts else "partial"
            raw = msgspec.json.encode(self._counts)
            told = with_usage(told, to_usage(self._counted), source, raw)
        return with_error(told, self._problem)

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"event: error\ndata: " + error(502, message) + b"\n\n"
