"""From a provider's answer, in pieces or whole, to the middle."""

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer as Said
from proxy.canonical.answer import Began, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.fold import fold
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.sse import SseEvent
from proxy.wire import ABSENT, decoded
from proxy.wires.gemini.answer import parse_usage
from proxy.wires.gemini.heard import first_candidate, read_parts, response_id, stop_of
from proxy.wires.gemini.schema import Answer

_answer = msgspec.json.Decoder(Answer)
_pieces = msgspec.json.Decoder(list[msgspec.Raw])


class Decoder:
    """Reads one stream.

    Pieces of text in a row are one part. A signature on the last of them signs the part and ends
    it; one on an empty text is a part of its own, to be sent back as it came. A reason to end may
    stand in any piece, so the end is told when the bytes end.
    """

    def __init__(self) -> None:
        self._started = False
        self._id: str | None = None
        self._open: type[Part] | None = None
        self._index = -1
        self._calls = 0
        self._reason: str | None = None
        self._usage = Usage()
        self._over = False

    def feed(self, event: SseEvent) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        answer = None if self._over else decoded(_answer, event.data)
        if answer is None:
            return []
        if bytes(answer.error) not in ABSENT:
            self._over = True
            return []
        self._usage = parse_usage(answer.usage_metadata) or self._usage
        found = self._begun(answer, event.data)
        candidate = first_candidate(answer)
        if candidate is None:
            blocked = answer.prompt_feedback and answer.prompt_feedback.block_reason
            self._reason = "SAFETY" if blocked else self._reason
            return found
        self._reason = candidate.finish_reason or self._reason
        for part in read_parts(candidate, self._id, self._calls):
            found += self._said(part)
        return found

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        if self._over or self._reason is None:
            return []
        self._over = True
        stop = stop_of(self._reason, calls=self._calls > 0)
        return [*self._closed(), Finished(stop=stop, usage=self._usage)]

    def _begun(self, answer: Answer, data: bytes) -> list[Event]:
        if self._started or not (answer.candidates or answer.prompt_feedback):
            return []
        self._started = True
        self._id = response_id(data)
        return [Started(id=self._id, model=answer.model_version, usage=self._usage)]

    def _said(self, part: Part) -> list[Event]:
        match part:
            case Text(text=text, opaque=opaque) | Thinking(text=text, opaque=opaque):
                # An empty text's signature is a part of its own; a thought's is the thought's.
                alone = isinstance(part, Text) and not text
                found = [] if self._open is type(part) and not alone else self._opened(part)
                if text:
                    found.append(Piece(index=self._index, text=text))
                if opaque is not None:
                    found += [Signed(index=self._index, opaque=opaque), *self._closed()]
                return found
            case ToolCall(arguments=arguments):
                self._calls += 1
                found = self._opened(part)
                return [*found, Piece(index=self._index, text=arguments), *self._closed()]
            case Media() | Refusal() | ToolResult():
                return [*self._opened(part), *self._closed()]

    def _opened(self, part: Part) -> list[Event]:
        found = self._closed()
        self._index += 1
        self._open = type(part)
        match part:
            case Text():
                part = Text(text="")
            case Thinking(redacted=redacted):
                part = Thinking(redacted=redacted)
            case ToolCall():
                part = msgspec.structs.replace(part, arguments="")
            case Media() | Refusal() | ToolResult():
                pass
        return [*found, Began(index=self._index, part=part)]

    def _closed(self) -> list[Event]:
        if self._open is None:
            return []
        self._open = None
        return [Ended(self._index)]


def read_answer(body: bytes) -> Said | None:
    """Read a whole answer, or a stream that came as one array; `None` if it is none."""
    pieces = decoded(_pieces, body) if body.lstrip()[:1] == b"[" else [msgspec.Raw(body)]
    decoder = Decoder()
    events: list[Event] = []
    for piece in pieces or ():
        events += decoder.feed(SseEvent(b"", bytes(piece)))
    return fold([*events, *decoder.finish()])
