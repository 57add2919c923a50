"""A provider's stream of Responses events, into the middle.

What counts of an item is its `output_item.done`: the deltas before it only come sooner, some
servers leave some of them out, and the token of reasoning may be incomplete until then.
"""

from dataclasses import dataclass

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Signed, Started
from proxy.canonical.parts import Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss
from proxy.canonical.skipped import NEVER_BEGAN, UNREADABLE, Skipped
from proxy.sse import SseEvent
from proxy.wire import decoded
from proxy.wires.responses.annotations import read_annotation
from proxy.wires.responses.answer import parse_usage
from proxy.wires.responses.incoming import AnswerJson, DeltaJson
from proxy.wires.responses.read_answer import (
    NO_SUCH_ITEM,
    parts_in_place,
    read_call,
    stop_of,
    token_for_last,
)
from proxy.wires.responses.schema import Response
from proxy.wires.responses.shapes import kind_of

_event = msgspec.json.Decoder(DeltaJson)
_response = msgspec.json.Decoder(Response)
_rest = msgspec.json.Decoder(AnswerJson)

_ANNOTATION = "response.output_text.annotation.added"
_BEGINNINGS = {"response.created", "response.in_progress", "response.queued"}
_ENDS = {"response.completed", "response.incomplete"}
_FAULTS = {"response.failed", "error"}
_MESSAGES: dict[str, Part] = {
    "response.output_text": Text(text=""),
    "response.refusal": Refusal(text=""),
}
_REASONING = {"response.reasoning_summary_text", "response.reasoning_text"}
_CALLS = {"response.function_call_arguments", "response.custom_tool_call_input"}
_ITEMS = {"message", "reasoning", "function_call", "custom_tool_call"}
_CALL_ITEMS = {"function_call", "custom_tool_call"}
_SPOKEN = {*_MESSAGES, *_REASONING, *_CALLS}
_WORDLESS = {
    "keepalive",
    *(f"{name}.{step}" for name in _SPOKEN for step in ("delta", "done")),
    *("response.content_part.added", "response.content_part.done"),
    *("response.reasoning_summary_part.added", "response.reasoning_summary_part.done"),
}
"""Events that say nothing, or nothing that others do not say."""
_OF_ITEMS = ("_call", "response.mcp_list_tools", "response.compaction")
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
    citations: int = 0


class Decoder:
    """See `proxy.codec.EventDecoder`."""

    def __init__(self) -> None:
        self.losses: list[Loss] = []
        self._skipped = Skipped(self.losses)
        self._met: set[int] = set()  # items that were added
        self._parentless: dict[int, str] = {}  # events of items that were not, or not yet
        self._events: list[Event] = []
        self._open: dict[Place, _Open] = {}
        self._of_item: dict[int, list[Place]] = {}
        self._begun: list[Part] = []
        self._whole: set[int] = set()
        self._started = False
        self._over = False

    def feed(self, event: SseEvent) -> list[Event]:
        """See `proxy.codec.EventDecoder`."""
        said = None if self._over else decoded(_event, event.data)
        name = said.type if said is not None else ""
        name = name or event.name.decode(errors="replace")
        if said is not None:
            self._read(said, name)
        elif not self._over and event.data.strip():
            self._skipped.note("stream", name or "event", UNREADABLE)
        events, self._events = self._events, []
        return events

    def finish(self) -> list[Event]:
        """See `proxy.codec.EventDecoder`; nothing is held back here."""
        return []

    def _read(self, said: DeltaJson, kind: str) -> None:
        name, _, step = kind.rpartition(".")
        if step == "delta" and said.delta and name in _SPOKEN:
            self._add(said, name, said.delta)
        elif kind == "response.output_item.added":
            self._read_added(said)
        elif kind == "response.output_item.done":
            self._read_item(said.output_index, said.item)
        elif kind == _ANNOTATION:
            self._cite(said)
        elif step == "done" and name in _SPOKEN:
            self._read_done(said, name)
        else:
            self._read_frame(said, kind, name)

    def _read_frame(self, said: DeltaJson, kind: str, name: str) -> None:
        """Read what begins or ends the answer, and note what is not known."""
        if kind in _BEGINNINGS:
            self._start(said.response)
        elif kind in _ENDS:
            self._end(said.response, is_cut=kind == "response.incomplete")
        elif kind in _FAULTS:
            self._over = True
        elif kind in _WORDLESS:
            pass
        elif any(word in name for word in _OF_ITEMS):
            self._parentless.setdefault(said.output_index, name)  # its item tells it, if it comes
        else:
            what = kind if name in {"", "response"} else name
            self._skipped.note("stream", what or "event", "an event of an unknown kind")

    def _cite(self, said: DeltaJson) -> None:
        """Read a citation; of a text that is not open, the item's end says it."""
        opened = self._open.get((said.output_index, said.content_index))
        if opened is None:
            return
        path = f"output[{said.output_index}].content[{said.content_index}].annotations"
        citation = read_annotation(said.annotation, path, self._skipped)
        if citation is not None:
            opened.citations += 1
            self._events.append(Cited(index=opened.index, citation=citation))

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
        self._of_item.setdefault(place[0], []).append(place)
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
        if opened is not None:
            self._say(opened, text)
        elif said.output_index not in self._whole:
            self._parentless.setdefault(said.output_index, name)

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
        if text is None or name in _REASONING:
            return
        place = (said.output_index, said.content_index if name in _MESSAGES else _WHOLE_ITEM)
        opened = self._open.get(place)
        if opened is None:
            self._add(said, name, text)
        else:
            self._say_rest(opened, text)

    def _read_added(self, said: DeltaJson) -> None:
        place = (said.output_index, _WHOLE_ITEM)
        kind = kind_of(said.item).type
        if not kind or place in self._open or said.output_index in self._whole:
            return
        self._met.add(said.output_index)
        if kind not in _ITEMS:
            self._skipped.note(f"output[{said.output_index}]", kind, NO_SUCH_ITEM)
        call = read_call(said.item) if kind in _CALL_ITEMS else None
        if call is not None:
            self._begin(place, msgspec.structs.replace(call, arguments=""))

    def _read_item(self, output_index: int, raw: msgspec.Raw) -> None:
        if output_index in self._whole:
            return
        token = token_for_last(raw)
        if token is not None and self._begun and not isinstance(self._begun[-1], Refusal):
            self._events.append(Signed(index=len(self._begun) - 1, opaque=token.opaque))
        elif token is None:
            found = parts_in_place(raw, f"output[{output_index}]", self._skipped)
            for content_index, part in enumerate(found):
                if part is not None:
                    self._complete(output_index, content_index, part)
        self._close(output_index)
        self._whole.add(output_index)

    def _complete(self, output_index: int, content_index: int, part: Part) -> None:
        bare: Part
        match part:
            case Text(text=text):
                place, bare = (output_index, content_index), Text(text="")
            case Refusal(text=text):
                place, bare = (output_index, content_index), Refusal(text="")
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
        if isinstance(part, Text):
            rest = part.citations[opened.citations :]
            self._events += [Cited(index=opened.index, citation=one) for one in rest]

    def _close(self, output_index: int) -> None:
        """End the open parts of one item."""
        for place in self._of_item.pop(output_index, ()):
            self._events.append(Ended(self._open.pop(place).index))

    def _end(self, raw: msgspec.Raw, *, is_cut: bool) -> None:
        self._start(raw)
        response = decoded(_response, raw) or Response()
        if is_cut:  # servers that leave the status out say it by the event alone
            response.status = "incomplete"
        rest = decoded(_rest, raw) or AnswerJson()
        if not self._whole:  # such a server says its items only here
            for index, item in enumerate(rest.output or ()):
                self._read_item(index, item)
        for output_index in [*self._of_item]:
            self._close(output_index)
        known = self._whole | self._met
        for index, name in self._parentless.items():
            if index not in known:
                self._skipped.note(f"output[{index}]", name, NEVER_BEGAN)
        usage = parse_usage(response.usage) or Usage()
        self._events.append(Finished(stop=stop_of(response, self._begun), usage=usage))
        self._over = True
