"""From the chunks of a stream to events."""

from itertools import count

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Began, Ended, Event, Finished, Piece, Started
from proxy.canonical.citing import Row
from proxy.canonical.parts import Citation, Part, Refusal, Text, Thinking
from proxy.canonical.request import Loss
from proxy.canonical.skipped import NO_TEXT, UNREADABLE, Skipped
from proxy.sse import SseEvent
from proxy.wire import ABSENT, EMPTY
from proxy.wires.chat.annotations import PATH, read_annotations
from proxy.wires.chat.answer import parse_usage
from proxy.wires.chat.pending import Calls
from proxy.wires.chat.read_answer import (
    Choice,
    Said,
    Spoken,
    calls_of,
    created_s,
    first_choice,
    note_beside,
    note_details,
    note_nameless,
    read_spoken,
    says_error,
    text_of,
)
from proxy.wires.chat.read_messages import thought_of
from proxy.wires.chat.stops import read_stop
from proxy.wires.chat.strangers import note_strangers


class Decoder:
    """Reads one stream; the answer is the first choice, the others are lost.

    A text ends where something else begins; calls may interleave, and end with the stream.
    `Finished` waits for the usage, which comes after the finish reason, and for the stream's end
    where none comes.
    """

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._skipped = Skipped(self.losses)
        self._texts = Row()
        self._sourceless: list[Citation] = []  # they came before any text
        self._numbers = count()
        self._calls = Calls(self._numbers)
        self._open: tuple[int, type[Part]] | None = None  # the text, thinking or refusal
        self._answer_id: str | None = None
        self._usage = msgspec.Raw()
        self._reason: str | None = None
        self._started = False
        self._ending = False  # the finish reason came
        self._refused = False
        self._closed = False  # finished, or failed: all that follows stands for nothing

    def feed(self, event: SseEvent) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        if self._closed:
            return []
        if event.data.strip() == b"[DONE]":
            return self._finish()
        if _may_fail(event.data) and says_error(event.data):
            self._closed = True
            return []
        spoken = read_spoken(event.data)
        if spoken is not None:
            return self._read(spoken, event.data)
        if event.data.strip():
            self._skipped.note("stream", "chunk", UNREADABLE)
        return []

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        return self._finish() if self._ending and not self._closed else []

    def _read(self, spoken: Spoken, data: bytes) -> list[Event]:
        counted = bytes(spoken.usage) not in ABSENT
        if counted:
            self._usage = spoken.usage
        choices = spoken.choices or []
        choice = choices[0] if len(choices) == 1 and not choices[0].index else None
        if choice is None or spoken.citations or spoken.search_results:  # hardly ever
            note_beside(spoken, self._skipped)
            choice = first_choice(choices)
        events: list[Event] = []
        if choice is not None:
            events += self._start(spoken)
            found = self._read_choice(choice)
            if not found:  # then it may be something that we do not know
                note_strangers(data, self._skipped)
            events += found
        if self._ending and counted:
            events += self._finish()
        return events

    def _start(self, spoken: Spoken) -> list[Event]:
        if self._started:
            return []
        self._started = True
        self._answer_id = spoken.id or None
        return [
            Started(
                id=self._answer_id,
                model=spoken.model or None,
                usage=parse_usage(self._usage) or Usage(),
                created_s=created_s(spoken),
            )
        ]

    def _read_choice(self, choice: Choice) -> list[Event]:
        said = choice.delta or choice.message or Said()
        events = [
            *self._read_text(Thinking(), thought_of(said.reasoning_content, said.reasoning)),
            *self._read_text(Text(text=""), text_of(said.content, self._skipped)),
        ]
        if said.annotations and bytes(said.annotations) not in EMPTY:
            events += self._cite(read_annotations(said.annotations, self._skipped))
        events += self._read_text(Refusal(text=""), said.refusal or "")
        for call in calls_of(said):
            events += self._end_text()
            events += self._calls.feed(call, self._answer_id)
        if choice.logprobs or said.reasoning_details:
            note_details(choice, said, self._skipped)
        if choice.finish_reason:
            self._reason = choice.finish_reason
            self._ending = True
        return events

    def _read_text(self, part: Part, text: str) -> list[Event]:
        if not text:
            return []
        events: list[Event] = []
        if self._open is None or self._open[1] is not type(part):
            events += self._end_text()
            self._open = (next(self._numbers), type(part))
            self._refused = self._refused or isinstance(part, Refusal)
            events.append(Began(index=self._open[0], part=part))
            if isinstance(part, Text):
                self._texts.began(self._open[0])
        if isinstance(part, Text):
            self._texts.said(text)
        events.append(Piece(index=self._open[0], text=text))
        return events

    def _cite(self, citations: list[Citation]) -> list[Event]:
        """Say what cites the texts so far; without any, it waits."""
        placed: list[Event] = []
        for citation in citations:
            cited = self._texts.placed(citation)
            if cited is None:
                self._sourceless.append(citation)
            else:
                placed.append(cited)
        return placed

    def _end_text(self) -> list[Event]:
        if self._open is None:
            return []
        index, _ = self._open
        self._open = None
        return [Ended(index)]

    def _finish(self) -> list[Event]:
        self._closed = True
        held, self._sourceless = self._sourceless, []
        events: list[Event] = [*self._start(Spoken()), *self._cite(held)]
        if self._sourceless:
            self._skipped.note(PATH, "annotations", NO_TEXT)
        for position in self._calls.nameless:
            note_nameless(position, self._skipped)
        events += [*self._end_text(), *self._calls.finish()]
        stop = read_stop(self._reason, called=self._calls.any_began, refused=self._refused)
        events.append(Finished(stop=stop, usage=parse_usage(self._usage) or Usage()))
        return events


def _may_fail(data: bytes) -> bool:
    """Spare nearly every chunk the search for an error."""
    return b'"error"' in data
