"""A provider's stream of Responses events, into the middle.

What counts of an item is its `output_item.done`: the deltas before it only come sooner, some
servers leave some of them out, and the token of reasoning may be incomplete until then.
"""

from dataclasses import dataclass

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Began, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import Part, Refusal, Text, Thinking, ToolCall
from proxy.sse import SseEvent
from proxy.wire import decoded
from proxy.wires.responses.answer import parse_usage
from proxy.wires.responses.incoming import AnswerJson, DeltaJson
from proxy.wires.responses.read_answer import parts_in_place, read_call, stop_of, token_for_last
from proxy.wires.responses.schema import Response
from proxy.wires.responses.shapes import kind_of

_event = msgspec.json.Decoder(DeltaJson)
_response = msgspec.json.Decoder(Response)
_rest = msgspec.json.Decoder(AnswerJson)

_BEGINNINGS = {"response.created", "response.in_progress", "response.queued"}
_ENDS = {"response.completed", "response.incomplete"}
_FAULTS = {"response.failed", "error"}
_MESSAGES: dict[str, Part] = {
    "response.output_text": Text(text=""),
    "response.refusal": Refusal(text=""),
}
_REASONING = {"response.reasoning_summary_text", "response.reasoning_text"}
_CALLS = {"response.function_call_arguments", "response.custom_tool_call_input"}
_WHOLE_ITEM = -1

Place = tuple[int, int]
"""Output and content index; a part that is a whole item has `_WHOLE_ITEM` for the second."""


@dataclass(slots=True)
class _Open:
    """A part that has begun: its index, how much of it was said, and by which kind of event."""

    index: int
    said_chars: int = 0
    source: str = ""
    paragraph: int = 0


class Decoder:
    """See `proxy.codec.EventDecoder`."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._open: dict[Place, _Open] = {}
        self._begun: list[Part] = []
        self._whole: set[int] = set()
        self._started = False
        self._over = False

    def feed(self, event: SseEvent) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        said = None if self._over else decoded(_event, event.data)
        if said is not None:
            self._read(said, said.type or event.name.decode(errors="replace"))
        events, self._events = self._events, []
        return events

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`; nothing is held back here."""
        return []

    def _read(self, said: DeltaJson, kind: str) -> None:
        name, _, step = kind.rpartition(".")
        if step == "delta" and said.delta:
            self._add(said, name, said.delta)
        elif kind == "response.output_item.added":
            self._read_added(said)
        elif kind == "response.output_item.done":
            self._read_item(said.output_index, said.item)
        elif step == "done":
            self._read_done(said, name)
        elif kind in _BEGINNINGS:
            self._start(said.response)
        elif kind in _ENDS:
            self._end(said.response)
        elif kind in _FAULTS:
            self._over = True

    def _start(self, raw: msgspec.Raw | None = None) -> None:
        if self._started:
            return
        self._started = True
        response = (raw and decoded(_response, raw)) or Response()
        rest = (raw and decoded(_rest, raw)) or AnswerJson()
        created_s = None if rest.created_at is None else int(rest.created_at)
        self._events.append(Started(id=response.id, model=response.model, created_s=created_s))

    def _begin(self, place: Place, part: Part) -> _Open:
        self._start()
        opened = self._open[place] = _Open(len(self._begun))
        self._begun.append(part)
        self._events.append(Began(index=opened.index, part=part))
        return opened

    def _add(self, said: DeltaJson, name: str, text: str) -> None:
        """Read a delta; a part that is not open yet begins with its first text."""
        if name in _REASONING:
            self._add_reasoning(said, name, text)
            return
        bare = _MESSAGES.get(name)
        place = (said.output_index, _WHOLE_ITEM if bare is None else said.content_index)
        opened = self._open.get(place)
        if opened is None and bare is not None and said.output_index not in self._whole:
            opened = self._begin(place, bare)
        if opened is not None and (bare is not None or name in _CALLS):
            self._say(opened, text)

    def _add_reasoning(self, said: DeltaJson, name: str, text: str) -> None:
        place = (said.output_index, _WHOLE_ITEM)
        opened = self._open.get(place)
        if opened is None:
            if said.output_index in self._whole:
                return
            opened = self._begin(place, Thinking())
            opened.source = name
        if opened.source != name:
            return  # the same thoughts, in summary
        paragraph = max(said.summary_index, said.content_index)
        if opened.said_chars and paragraph > opened.paragraph:
            text = "\n\n" + text
        opened.paragraph = paragraph
        self._say(opened, text)

    def _say(self, opened: _Open, text: str) -> None:
        opened.said_chars += len(text)
        self._events.append(Piece(index=opened.index, text=text))

    def _say_rest(self, opened: _Open, text: str) -> None:
        """Say what of the whole `text` no delta has said."""
        if len(text) > opened.said_chars:
            self._say(opened, text[opened.said_chars :])

    def _read_done(self, said: DeltaJson, name: str) -> None:
        """Read the end of a text or of arguments, which may be all there is of it."""
        text = said.text or said.refusal or said.arguments or said.input
        if text is None or not (name in _MESSAGES or name in _CALLS):
            return
        place = (said.output_index, said.content_index if name in _MESSAGES else _WHOLE_ITEM)
        opened = self._open.get(place)
        if opened is None:
            self._add(said, name, text)
        else:
            self._say_rest(opened, text)

    def _read_added(self, said: DeltaJson) -> None:
        place = (said.output_index, _WHOLE_ITEM)
        if not kind_of(said.item).type or place in self._open or said.output_index in self._whole:
            return
        call = read_call(said.item) if "_call" in (kind_of(said.item).type or "") else None
        if call is not None:
            self._begin(place, msgspec.structs.replace(call, arguments=""))

    def _read_item(self, output_index: int, raw: msgspec.Raw) -> None:
        if output_index in self._whole:
            return
        token = token_for_last(raw)
        if token is not None and self._begun and not isinstance(self._begun[-1], Refusal):
            self._events.append(Signed(index=len(self._begun) - 1, opaque=token.opaque))
        elif token is None:
            for content_index, part in enumerate(parts_in_place(raw)):
                if part is not None:
                    self._complete(output_index, content_index, part)
        self._close(output_index)
        self._whole.add(output_index)

    def _complete(self, output_index: int, content_index: int, part: Part) -> None:
        bare: Part
        match part:
            case Text(text=text) | Refusal(text=text):
                place, bare = (output_index, content_index), msgspec.structs.replace(part, text="")
            case Thinking(text=text):
                bare = msgspec.structs.replace(part, text="", opaque=None)
                place = (output_index, _WHOLE_ITEM)
            case ToolCall(arguments=text):
                bare = msgspec.structs.replace(part, arguments="")
                place = (output_index, _WHOLE_ITEM)
            case _:
                return
        opened = self._open.get(place) or self._begin(place, bare)
        self._say_rest(opened, text)
        if isinstance(part, Thinking) and part.opaque is not None:
            self._events.append(Signed(index=opened.index, opaque=part.opaque))

    def _close(self, output_index: int | None = None) -> None:
        """End the open parts of one item, or of all."""
        if self._open:
            for place in [at for at in self._open if output_index in {None, at[0]}]:
                self._events.append(Ended(self._open.pop(place).index))

    def _end(self, raw: msgspec.Raw) -> None:
        self._start(raw)
        response = decoded(_response, raw) or Response()
        rest = decoded(_rest, raw) or AnswerJson()
        if not self._whole:  # such a server says its items only here
            for index, item in enumerate(rest.output or ()):
                self._read_item(index, item)
        self._close()
        usage = parse_usage(response.usage) or Usage()
        self._events.append(Finished(stop=stop_of(response, self._begun), usage=usage))
        self._over = True
