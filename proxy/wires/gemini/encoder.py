"""A stream for a client of this wire: nothing but `data: ` lines, each a whole answer's piece.

Its SDK breaks on comments, event names and anything else (facts/wires.md, section 6.4).
"""

from dataclasses import dataclass, field

import msgspec

from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.wires.gemini.answer import error
from proxy.wires.gemini.spoken import SpokenPart
from proxy.wires.gemini.write_answer import Heard, ended, grounded, lose_end, piece, spoken_part
from proxy.wires.gemini.write_sources import Sources

_CUT_STATUS = 503
# The SDK's HTTP library takes these for line ends (facts/wires.md, section 0); in JSON, no text but
# a string's can hold them.
_LINE_ENDS = (
    ("\u0085".encode(), b"\\u0085"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


@dataclass(slots=True)
class _Held:
    """A part that is not wholly written: its first form, and what is not written of it."""

    part: Part
    texts: list[str] = field(default_factory=list)
    opaque: Opaque | None = None
    has_ended: bool = False


class Encoder:
    """Writes one stream. Parts follow each other as they began; calls are written whole.

    Attributes:
        losses: See `proxy.codec.EventEncoder`.
    """

    def __init__(self, request: Request) -> None:
        self.losses: list[Loss] = []
        self._model: str = request.model
        self._id: str | None = None
        self._held: dict[int, _Held] = {}
        self._broken = False
        self._sources = Sources()

    def feed(self, event: Event) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        match event:
            case Started(id=answer_id, model=model):
                self._id, self._model = answer_id, model or self._model
            case Began(index=index, part=part):
                self._held[index] = _Held(part)
            case Piece(index=index, text=text):
                self._held[index].texts.append(text)
            case Signed(index=index, opaque=opaque):
                self._held[index].opaque = opaque
            case Cited(index=index, citation=citation):
                self._sources.cite(index, citation)
            case Ended(index):
                self._held[index].has_ended = True
            case Finished():
                return self._last(event)
        return self._ready()

    def error_event(self, message: str) -> bytes:
        """See `proxy.codec.EventEncoder`."""
        return b"data: " + error(_CUT_STATUS, message) + b"\n\n"

    def _last(self, event: Finished) -> bytes:
        for held in self._held.values():
            held.has_ended = True
        rest = self._ready()
        lose_end(event.stop, event.stop_sequence, self.losses)
        last = piece((), self._model, self._id)
        last = ended(last, event.stop, event.usage, broken=self._broken)
        return rest + _line(grounded(last, self._sources.grounding(self.losses)))

    def _ready(self) -> bytes:
        """Return all that can be written in order: the oldest part's pieces, and what ended."""
        written = []
        while self._held:
            index, held = next(iter(self._held.items()))
            if held.has_ended:
                del self._held[index]
            spoken = self._spoken(index, held)
            if spoken is not None:
                self._sources.said(index, spoken)
                written.append(_line(piece((spoken,), self._model, self._id)))
            if not held.has_ended:
                break
        return b"".join(written)

    def _spoken(self, index: int, held: _Held) -> SpokenPart | None:
        """Return what is said of a part by now. A call waits; so does what is signed already."""
        part, opaque = held.part, held.opaque
        signed = isinstance(part, Text | Thinking) and part.opaque is not None
        streams = isinstance(part, Text | Thinking) and not signed
        if not held.has_ended and not (streams and held.texts):
            return None
        text = "".join(held.texts)
        held.texts.clear()
        match part:
            case Text() | Thinking():
                token = (opaque or part.opaque) if held.has_ended else None
                part = msgspec.structs.replace(part, text=part.text + text, opaque=token)
                held.part = msgspec.structs.replace(held.part, text="") if streams else held.part
            case Refusal():
                part = Refusal(text=part.text + text)
            case ToolCall():
                arguments = part.arguments + text
                part = msgspec.structs.replace(
                    part, arguments=arguments, opaque=opaque or part.opaque
                )
            case _:
                pass
        spoken = spoken_part(part, f"parts[{index}]", self.losses)
        self._broken = self._broken or (spoken is None and isinstance(part, ToolCall))
        return spoken


def _line(heard: Heard) -> bytes:
    body = msgspec.json.encode(heard)
    for spelled, escaped in _LINE_ENDS:
        body = body.replace(spelled, escaped)
    return b"data: " + body + b"\n\n"
