"""Reading along with a stream of Messages events."""

import msgspec

from proxy.canonical import Told
from proxy.sse import SseEvent
from proxy.wire import Mark
from proxy.wires.anthropic.answer import error, parse_usage, to_usage
from proxy.wires.anthropic.schema import Problem, StreamEvent, UsageJson

_event = msgspec.json.Decoder(StreamEvent)

_UNREAD = {
    b"content_block_delta": Mark.CONTENT,
    b"content_block_stop": Mark.HANDSHAKE,
    b"ping": Mark.HANDSHAKE,
    b"message_stop": Mark.TERMINAL,
}
"""Events whose name says all we need; the first is nearly the whole stream."""


class Reader:
    """Notes model, usage and end of one stream; counts in it are cumulative, so the last wins."""

    def __init__(self) -> None:
        self._model: str | None = None
        self._stop_reason: str | None = None
        self._problem: Problem | None = None
        self._start = msgspec.Raw()
        self._last = msgspec.Raw()

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        mark = _UNREAD.get(event.name)
        if mark is not None:
            return mark
        try:
            parsed = _event.decode(event.data)
        except msgspec.DecodeError:
            return Mark.CONTENT
        return _UNREAD.get(parsed.type.encode()) or self._note(parsed)

    def _note(self, event: StreamEvent) -> Mark:
        match event:
            case StreamEvent(type="message_start", message=message) if message is not None:
                self._model = message.model
                self._start = message.usage
                return Mark.HANDSHAKE
            case StreamEvent(type="content_block_start", content_block=block) if block is not None:
                empty = block.type in {"text", "thinking"} and not (block.text or block.thinking)
                return Mark.HANDSHAKE if empty else Mark.CONTENT
            case StreamEvent(type="message_delta", delta=delta):
                self._stop_reason = delta.stop_reason if delta else None
                self._last = event.usage
                return Mark.CONTENT
            case StreamEvent(type="error", error=problem):
                self._problem = problem or Problem()
                return Mark.FAULT
            case _:
                return Mark.CONTENT

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        start, last = parse_usage(self._start), parse_usage(self._last)
        problem = self._problem
        return Told(
            model=self._model,
            stop_reason=self._stop_reason,
            service_tier=start.service_tier if start else None,
            usage=to_usage(_merge(start, last)),
            source="reported" if last else "partial" if start else None,
            usage_raw=self._raw() if start or last else None,
            error_type=(problem.type or "error") if problem else None,
            error_message=problem.message if problem else None,
        )

    def _raw(self) -> str:
        named = {"message_start": bytes(self._start), "message_delta": bytes(self._last)}
        return msgspec.json.encode(
            {name: msgspec.Raw(raw) for name, raw in named.items() if raw}
        ).decode()

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"event: error\ndata: " + error(502, message) + b"\n\n"


def _merge(start: UsageJson | None, last: UsageJson | None) -> UsageJson:
    """Let `last` overwrite what it says; the output count of `start` is only a placeholder."""
    merged = UsageJson()
    for counted in (start, last):
        for name in UsageJson.__struct_fields__:
            value = getattr(counted, name, None)
            if value is not None and not (counted is start and name == "output_tokens"):
                setattr(merged, name, value)
    return merged
