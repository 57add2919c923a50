"""From the chunks of a stream to events."""

from itertools import count

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Began, Ended, Event, Finished, Piece, Started
from proxy.canonical.parts import Part, Refusal, Text, Thinking
from proxy.sse import SseEvent
from proxy.wire import ABSENT
from proxy.wires.chat.answer import parse_usage
from proxy.wires.chat.pending import Calls
from proxy.wires.chat.read_answer import (
    Choice,
    Said,
    Spoken,
    calls_of,
    created_s,
    first_choice,
    read_spoken,
    says_error,
    text_of,
)
from proxy.wires.chat.read_messages import thought_of
from proxy.wires.chat.stops import read_stop


class Decoder:
    """Reads one stream; the answer is the first choice, the others are lost.

    A text ends where something else begins; calls may interleave, and end with the stream.
    `Finished` waits for the usage, which comes after the finish reason, and for the stream's end
    where none comes.
    """

    def __init__(self) -> None:
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
        return [] if spoken is None else self._read(spoken)

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        return self._finish() if self._ending and not self._closed else []

    def _read(self, spoken: Spoken) -> list[Event]:
        counted = bytes(spoken.usage) not in ABSENT
        if counted:
            self._usage = spoken.usage
        choice = first_choice(spoken.choices or [])
        events: list[Event] = []
        if choice is not None:
            events += self._start(spoken)
            events += self._read_choice(choice)
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
            *self._read_text(Text(text=""), text_of(said.content)),
            *self._read_text(Refusal(text=""), said.refusal or ""),
        ]
        for call in calls_of(said):
            events += self._end_text()
            events += self._calls.feed(call, self._answer_id)
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
        events.append(Piece(index=self._open[0], text=text))
        return events

    def _end_text(self) -> list[Event]:
        if self._open is None:
            return []
        index, _ = self._open
        self._open = None
        return [Ended(index)]

    def _finish(self) -> list[Event]:
        self._closed = True
        events: list[Event] = [*self._start(Spoken()), *self._end_text(), *self._calls.finish()]
        stop = read_stop(self._reason, called=self._calls.any_began, refused=self._refused)
        events.append(Finished(stop=stop, usage=parse_usage(self._usage) or Usage()))
        return events


def _may_fail(data: bytes) -> bool:
    """Spare nearly every chunk the search for an error."""
    return b'"error"' in data
