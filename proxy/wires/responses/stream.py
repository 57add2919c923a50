"""Reading along with a stream of Responses events."""

from collections.abc import Mapping

import msgspec

from proxy.canonical import Told, UsageSource
from proxy.sse import SseEvent
from proxy.wire import Mark, decoded, run_of, with_error
from proxy.wires.responses.answer import find_error, tell
from proxy.wires.responses.schema import EventKind, Response, StreamEvent

_event = msgspec.json.Decoder(StreamEvent)
_kind = msgspec.json.Decoder(EventKind)

_ENDS = {"response.completed", "response.incomplete"}
_FAULTS = {b"error", b"response.failed"}
_HANDSHAKE = {
    "response.created",
    "response.in_progress",
    "response.queued",
    "response.output_item.added",
    "response.content_part.added",
    "response.reasoning_summary_part.added",
    "keepalive",
}
_CONTENT = {
    b"response.output_text.delta",
    b"response.function_call_arguments.delta",
    b"response.custom_tool_call_input.delta",
    b"response.reasoning_summary_text.delta",
}
"""Nearly the whole stream: their names say all we need. What is in no set is read."""
_PLAIN = run_of(*sorted(_CONTENT))


class Reader:
    """Notes id, model, usage and end of one stream."""

    plain = _PLAIN

    def __init__(self) -> None:
        self._response = Response()
        self._ended = False
        self._problem: Told | None = None
        self._seen = 0

    def skimmed(self, count: int) -> None:
        """See `proxy.wire.StreamReader`."""
        self._seen += count

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        self._seen += 1
        if event.name in _CONTENT:
            return Mark.CONTENT
        parsed = _parsed(event)
        if event.name in _FAULTS:  # whatever it holds
            parsed.type = event.name.decode()
        if parsed.response is not None:
            self._response = parsed.response
        self._ended = parsed.type in _ENDS or self._ended
        problem = find_error(parsed, event.data)
        if parsed.type == "response.failed":
            problem = find_error(self._response, event.data) or Told()
        if problem is not None:
            self._problem = problem
            return Mark.FAULT
        if parsed.type in _HANDSHAKE:
            return Mark.HANDSHAKE
        return Mark.TERMINAL if parsed.type in _ENDS else Mark.CONTENT

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        source: UsageSource = "reported" if self._ended else "partial"
        return with_error(tell(self._response, source), self._problem)

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`.

        `server_error`, because Codex asks again after that and gives up after an overload. In a
        stream that has said nothing yet, the SDK takes no failure before the response began.
        """
        error = {"code": "server_error", "message": message}
        if self._seen:
            return self._event(self._seen, "failed", {"status": "failed", "error": error})
        begun = self._event(0, "created", {"status": "in_progress", "error": None})
        return begun + self._event(1, "failed", {"status": "failed", "error": error})

    def _event(self, number: int, step: str, state: Mapping[str, object]) -> bytes:
        response = {
            "id": self._response.id or "resp_unknown",
            "object": "response",
            "created_at": 0,
            "model": self._response.model or "unknown",
            "output": [],
            **state,
        }
        kind = f"response.{step}"
        event = {"type": kind, "sequence_number": number, "response": response}
        return f"event: {kind}\ndata: ".encode() + msgspec.json.encode(event) + b"\n\n"


def _parsed(event: SseEvent) -> StreamEvent:
    """Return the event; of a response that cannot be read, its type still tells what became of it.

    The name is the type only of an event that gives none itself.
    """
    parsed = decoded(_event, event.data)
    kind = parsed or decoded(_kind, event.data)
    if kind is None:
        return StreamEvent()
    said = parsed or StreamEvent()
    said.type = kind.type or event.name.decode(errors="replace")
    return said
