"""From a provider's answer, in pieces or whole, to the middle."""

from collections.abc import Iterator

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer as Said
from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.fold import fold
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss
from proxy.canonical.skipped import ONE_ANSWER, UNREADABLE, Skipped
from proxy.sse import SseEvent
from proxy.wire import ABSENT, decoded
from proxy.wires.gemini.answer import parse_usage
from proxy.wires.gemini.heard import (
    Heard,
    HeardCandidate,
    first_candidate,
    note_strangers,
    read_parts,
    response_id,
    stop_of,
)
from proxy.wires.gemini.read_sources import Texts, read_citations, read_grounding

_answer = msgspec.json.Decoder(Heard)
_pieces = msgspec.json.Decoder(list[msgspec.Raw])


class Decoder:
    """Reads one stream.

    Pieces of text in a row are one part. A signature on the last of them signs the part and ends
    it; one on an empty text is a part of its own, to be sent back as it came. A reason to end may
    stand in any piece, so the end is told when the bytes end. Sources are read with that reason:
    they count in all text that was said.
    """

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._skipped = Skipped(self.losses)
        self._met = 0  # parts of any kind
        self._texts: dict[int, list[str]] = {}
        self._sources: list[HeardCandidate] = []
        self._cited: set[Cited] = set()
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
            if not self._over and event.data.strip():
                self._skipped.note("stream", "piece", UNREADABLE)
            return []
        if bytes(answer.error) not in ABSENT:
            self._over = True
            return []
        self._usage = parse_usage(answer.usage_metadata) or self._usage
        found = self._begun(answer, event.data)
        if answer.candidates and (len(answer.candidates) > 1 or answer.candidates[0].index):
            self._skipped.note("candidates[1:]", "candidates", ONE_ANSWER)
        candidate = first_candidate(answer)
        if candidate is None:
            blocked = answer.prompt_feedback and answer.prompt_feedback.block_reason
            self._reason = "SAFETY" if blocked else self._reason
            return found
        return found + self._heard(candidate, event.data)

    def _heard(self, candidate: HeardCandidate, data: bytes) -> list[Event]:
        self._reason = candidate.finish_reason or self._reason
        raws = (candidate.content and candidate.content.parts) or ()
        found: list[Event] = []
        for part in read_parts(raws, self._id, self._calls, self._met, self._skipped):
            found += self._said(part)
        self._met += len(raws)
        if candidate.grounding_metadata or candidate.citation_metadata:
            self._sources.append(candidate)
        if self._reason is None and raws:
            return found
        note_strangers(data, self._skipped)
        return self._with_sources(found) if self._reason is not None else found

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        if self._over or self._reason is None:
            return []
        self._over = True
        stop = stop_of(self._reason, calls=self._calls > 0)
        last = self._with_sources(self._closed())
        return [*last, Finished(stop=stop, usage=self._usage)]

    def _with_sources(self, found: list[Event]) -> list[Event]:
        """Return `found` with what cites the texts, of each before its end if that is here."""
        if not self._sources:
            return found
        waiting: dict[int, list[Event]] = {}
        for cited in self._read_sources():
            if cited not in self._cited:  # each piece may tell all sources so far
                self._cited.add(cited)
                waiting.setdefault(cited.index, []).append(cited)
        said: list[Event] = []
        for event in found:
            if isinstance(event, Ended):
                said += waiting.pop(event.index, [])
            said.append(event)
        return [*said, *(cited for rest in waiting.values() for cited in rest)]

    def _read_sources(self) -> Iterator[Cited]:
        texts = Texts([(index, "".join(said)) for index, said in self._texts.items()])
        for told in self._sources:
            if bytes(told.grounding_metadata) not in ABSENT:
                yield from read_grounding(told.grounding_metadata, texts, self._skipped)
            if bytes(told.citation_metadata) not in ABSENT:
                yield from read_citations(told.citation_metadata, texts, self._skipped)
        self._sources = []

    def _begun(self, answer: Heard, data: bytes) -> list[Event]:
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
                    if isinstance(part, Text):
                        self._texts[self._index].append(text)
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
                self._texts[self._index] = []
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


def read_answer(body: bytes, losses: list[Loss]) -> Said | None:
    """Read a whole answer, or a stream that came as one array; `None` if it is none."""
    pieces = decoded(_pieces, body) if body.lstrip()[:1] == b"[" else [msgspec.Raw(body)]
    decoder = Decoder()
    events: list[Event] = []
    for piece in pieces or ():
        events += decoder.feed(SseEvent(b"", bytes(piece)))
    answer = fold([*events, *decoder.finish()])
    losses += decoder.losses
    return answer
