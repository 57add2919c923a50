"""Events of the middle, as a stream for this wire's clients.

The SDK checks the whole life cycle; Codex takes whole items from `output_item.done` and waits for
a terminal event.
"""

import msgspec

from proxy.canonical.answer import (
    Answer,
    Began,
    Cited,
    Ended,
    Event,
    Finished,
    Piece,
    Signed,
    Started,
)
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request
from proxy.wires.responses import annotations
from proxy.wires.responses.item_life import ItemLife
from proxy.wires.responses.outgoing import (
    Failure,
    OutputItem,
    Reasoning,
    Response,
    Status,
    StreamEvent,
)
from proxy.wires.responses.output import carrier, item_id
from proxy.wires.responses.write_answer import blank, end, lost_end, lost_part

_encoder = msgspec.json.Encoder()


class Encoder:
    """See `proxy.codec.EventEncoder`."""

    def __init__(self, request: Request) -> None:
        self.losses: list[Loss] = []
        self._request = request
        self._response: Response | None = None
        self._open: dict[int, ItemLife] = {}
        self._output: dict[int, OutputItem] = {}
        self._places = 0
        self._sent = 0
        self._refused = False
        self._over = False

    def feed(self, event: Event) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        if self._over:
            return b""
        if isinstance(event, Piece):  # nearly the whole stream
            life = self._open.get(event.index)
            return b"" if life is None else self._send(*life.said(event.text))
        return self._turn(event)

    def _turn(self, event: Started | Began | Signed | Cited | Ended | Finished) -> bytes:
        """Return what begins, ends, signs or cites something."""
        match event:
            case Started():
                return self._start(event)
            case Began(index=index, part=part):
                return self._start() + self._begin(index, part)
            case Signed() | Cited():
                return self._keep(event)
            case Ended(index=index):
                return self._end_item(index, "completed")
            case Finished():
                return self._start() + self._finish(event)

    def error_event(self, message: str) -> bytes:
        """See `proxy.codec.EventEncoder`.

        `server_error`, because Codex asks again after that and gives up after an overload.
        """
        opening = self._start()
        response = self._snapshot()
        response.status = "failed"
        response.error = Failure("server_error", message)
        self._over = True
        return opening + self._send(StreamEvent(type="response.failed", response=response))

    def _start(self, event: Started | None = None) -> bytes:
        """Open the stream, once."""
        if self._response is not None:
            return b""
        said = event or Started()
        answer = Answer(id=said.id, model=said.model, created_s=said.created_s)
        self._response = blank(answer, self._request)
        return self._send(
            StreamEvent(type="response.created", response=self._response),
            StreamEvent(type="response.in_progress", response=self._response),
        )

    def _begin(self, index: int, part: Part) -> bytes:
        match part:
            case Media() | ToolResult():
                self.losses.append(lost_part(part, index))
                return b""
            case ToolCall(arguments=text):
                bare: Part = msgspec.structs.replace(part, arguments="")
            case Text(text=text) | Thinking(text=text) | Refusal(text=text):
                bare = msgspec.structs.replace(part, text="")
        self._refused = self._refused or isinstance(part, Refusal)
        name = item_id(self._begun().id, bare, self._places)
        life = self._open[index] = ItemLife(bare, self._places, name)
        self._places += 1
        return self._send(*life.begun(), *life.said(text))

    def _keep(self, event: Signed | Cited) -> bytes:
        """Note what is said when its item ends."""
        life = self._open.get(event.index)
        if life is not None and isinstance(event, Signed):
            life.sign(event.opaque)
        elif life is not None and isinstance(event, Cited):
            life.citations.append(event.citation)
        elif isinstance(event, Cited):
            path = f"parts[{event.index}].citations"
            late = Loss(path, "citations", "they came after their text")
            self.losses += [late] if late not in self.losses else []
        return b""

    def _end_item(self, index: int, status: Status) -> bytes:
        life = self._open.pop(index, None)
        if life is None:
            return b""
        sent = self._send(*life.ended(status))
        self.losses += annotations.lost_of(life.citations, index)
        item = life.item(status)
        if item is not None:
            self._output[life.place] = item
        token = carrier(life.part, self._begun().id, self._places)
        return sent if token is None else sent + self._carry(token)

    def _carry(self, token: Reasoning) -> bytes:
        """Send the item that carries the token of the part before."""
        place = self._places
        self._places += 1
        self._output[place] = token
        return self._send(
            StreamEvent(
                type="response.output_item.added",
                output_index=place,
                item=Reasoning(id=token.id, summary=[]),
            ),
            StreamEvent(type="response.output_item.done", output_index=place, item=token),
        )

    def _finish(self, event: Finished) -> bytes:
        status: Status = (
            "incomplete" if event.stop in {"max_tokens", "context_full"} else "completed"
        )
        sent = b"".join([self._end_item(index, status) for index in list(self._open)])
        response = self._snapshot()
        end(response, event.stop, event.usage, refused=self._refused)
        self.losses += lost_end(event.stop, event.stop_sequence)
        self._over = True
        return sent + self._send(StreamEvent(type=f"response.{response.status}", response=response))

    def _snapshot(self) -> Response:
        """Return the response with all items that are complete."""
        output = [self._output[place] for place in sorted(self._output)]
        return msgspec.structs.replace(self._begun(), output=output)

    def _begun(self) -> Response:
        """Return the response as it began."""
        return self._response or blank(Answer(), self._request)

    def _send(self, *events: StreamEvent) -> bytes:
        lines: list[bytes] = []
        for event in events:
            event.sequence_number = self._sent
            self._sent += 1
            lines += (b"event: ", event.type.encode(), b"\ndata: ", _encoder.encode(event), b"\n\n")
        return b"".join(lines)
