"""Reading along with a stream of generateContent parts."""

import msgspec

from proxy.canonical import Told
from proxy.sse import SseEvent
from proxy.wire import Mark
from proxy.wires.gemini.answer import error, stop_reason, tell
from proxy.wires.gemini.schema import Answer

_answer = msgspec.json.Decoder(Answer)


class Reader:
    """Notes model, usage and end of one stream; it has no last event but a finish reason."""

    def __init__(self) -> None:
        self._first: Answer | None = None
        self._last = Answer()
        self._finished: Answer | None = None
        self._usage = msgspec.Raw()

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        try:
            answer = _answer.decode(event.data)
        except msgspec.DecodeError:
            return Mark.CONTENT
        self._first = self._first or answer
        self._last = answer
        if bytes(answer.usage_metadata):
            self._usage = answer.usage_metadata
        if answer.error is not None:
            return Mark.FAULT
        if stop_reason(answer) is not None:
            self._finished = answer
            return Mark.TERMINAL
        said = any(c.content and c.content.parts for c in answer.candidates or [])
        return Mark.CONTENT if said else Mark.HANDSHAKE

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        counted = Answer(usage_metadata=self._usage)
        told = tell([self._first or Answer(), self._finished or Answer(), self._last, counted])
        if told.source is not None and self._finished is None:
            return msgspec.structs.replace(told, source="partial")
        return told

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"data: " + error(503, message) + b"\n\n"
