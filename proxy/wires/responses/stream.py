"""Reading along with a stream of Responses events."""

import msgspec

from proxy.canonical import Told
from proxy.sse import SseEvent
from proxy.wire import Mark
from proxy.wires.responses.answer import name, tell
from proxy.wires.responses.schema import Problem, Response, StreamEvent

_event = msgspec.json.Decoder(StreamEvent)

_ENDS = {"response.completed", "response.incomplete"}
_HANDSHAKE = {
    b"response.output_item.added",
    b"response.content_part.added",
    b"response.reasoning_summary_part.added",
    b"keepalive",
}
_CONTENT = {
    b"response.output_text.delta",
    b"response.function_call_arguments.delta",
    b"response.custom_tool_call_input.delta",
    b"response.reasoning_summary_text.delta",
}
"""Nearly the whole stream: their names say all we need. What is in no set is read."""


class Reader:
    """Notes id, model, usage and end of one stream."""

    def __init__(self) -> None:
        self._response = Response()
        self._problem: Problem | None = None
        self._seen = 0

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        self._seen += 1
        if event.name in _CONTENT:
            return Mark.CONTENT
        try:
            parsed = _event.decode(event.data)
        except msgspec.DecodeError:
            return Mark.CONTENT
        if parsed.response is not None:
            self._response = parsed.response
        return self._judge(parsed)

    def _judge(self, event: StreamEvent) -> Mark:
        match event.type:
            case "error":
                self._problem = event.error or Problem(message=event.message, code=event.code)
                return Mark.FAULT
            case "response.failed":
                self._problem = self._response.error or Problem()
                return Mark.FAULT
            case "response.created" | "response.in_progress" | "response.queued":
                return Mark.HANDSHAKE
            case _:
                pass
        if event.type.encode() in _HANDSHAKE:
            return Mark.HANDSHAKE
        return Mark.TERMINAL if event.type in _ENDS else Mark.CONTENT

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        told = tell(self._response)
        if self._problem is None:
            return told
        return msgspec.structs.replace(
            told, error_type=name(self._problem), error_message=self._problem.message
        )

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`.

        `server_error`, because Codex asks again after that and gives up after an overload.
        """
        failed = {
            "type": "response.failed",
            "sequence_number": self._seen,
            "response": {
                "id": self._response.id or "resp_unknown",
                "object": "response",
                "created_at": 0,
                "status": "failed",
                "model": self._response.model or "unknown",
                "output": [],
                "error": {"code": "server_error", "message": message},
            },
        }
        return b"event: response.failed\ndata: " + msgspec.json.encode(failed) + b"\n\n"
