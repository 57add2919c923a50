"""The life of one item in a stream to a client: all its events, in the order that clients check."""

from collections.abc import Iterator, Sequence

import msgspec

from proxy.canonical.parts import Citation, Opaque, Part, Refusal, Text, Thinking, ToolCall
from proxy.wires.responses.annotations import write_annotations
from proxy.wires.responses.outgoing import (
    Annotation,
    Message,
    OutputItem,
    OutputRefusal,
    OutputText,
    Status,
    StreamEvent,
    SummaryText,
)
from proxy.wires.responses.output import output_item


class ItemLife:
    """One item, from `output_item.added` to `output_item.done`.

    Attributes:
        part: What it says, as it was when it began; its token comes later.
        place: Its output index.
        name: Its id.
        citations: What cites it, so far.
    """

    def __init__(self, part: Part, place: int, name: str) -> None:
        self.part = part
        self.place = place
        self.name = name
        self.citations: list[Citation] = []
        self._texts: list[str] = []

    def begun(self) -> Iterator[StreamEvent]:
        """Yield the events that open it."""
        item = output_item(self.part, self.name, "in_progress")
        if isinstance(item, Message):
            item.content = []
        yield self._whole_item("added", item)
        match self.part:
            case Text():
                yield self._content_part("added", "")
            case Refusal():
                yield self._content_part("added", "")
            case _:
                pass

    def said(self, text: str) -> Iterator[StreamEvent]:
        """Yield the events that say more of it; none, if `text` is empty."""
        if not text:
            return
        if isinstance(self.part, Thinking) and not self._texts:
            yield self._summary_part("added", "")
        self._texts.append(text)
        event = self._event(f"{self._stem()}.delta")
        event.delta = text
        yield event

    def sign(self, opaque: Opaque) -> None:
        """Note the token of its part."""
        if isinstance(self.part, Text | Thinking | ToolCall):
            self.part = msgspec.structs.replace(self.part, opaque=opaque)

    def ended(self, status: Status) -> Iterator[StreamEvent]:
        """Yield the events that close it."""
        if isinstance(self.part, ToolCall) and not self._texts and not self.part.custom:
            yield from self.said("{}")
        text = "".join(self._texts)
        match self.part:
            case Text():
                written = write_annotations(self.citations, len(text))
                yield from self._cited(written)
                yield self._all(text)
                yield self._content_part("done", text, written)
            case Refusal():
                yield self._all(text)
                yield self._content_part("done", text)
            case Thinking() if text:
                yield self._all(text)
                yield self._summary_part("done", text)
            case ToolCall():
                yield self._all(text)
            case _:
                pass
        yield self._whole_item("done", self.item(status))

    def item(self, status: Status) -> OutputItem | None:
        """Return the item with all that it has said."""
        text = "".join(self._texts)
        match self.part:
            case ToolCall():
                whole: Part = msgspec.structs.replace(self.part, arguments=text)
            case Text():
                cited = tuple(self.citations)
                whole = msgspec.structs.replace(self.part, text=text, citations=cited)
            case Refusal() | Thinking():
                whole = msgspec.structs.replace(self.part, text=text)
            case _:
                return None
        return output_item(whole, self.name, status)

    def _stem(self) -> str:
        match self.part:
            case ToolCall(custom=True):
                return "response.custom_tool_call_input"
            case ToolCall():
                return "response.function_call_arguments"
            case Thinking():
                return "response.reasoning_summary_text"
            case Refusal():
                return "response.refusal"
            case _:
                return "response.output_text"

    def _event(self, kind: str) -> StreamEvent:
        event = StreamEvent(type=kind, output_index=self.place, item_id=self.name)
        match self.part:
            case Text():
                event.content_index = 0
                if kind.startswith("response.output_text."):
                    event.logprobs = []
            case Refusal():
                event.content_index = 0
            case Thinking():
                event.summary_index = 0
            case _:
                pass
        return event

    def _all(self, text: str) -> StreamEvent:
        """Return the event that says the whole text again, in the field of its kind."""
        event = self._event(f"{self._stem()}.done")
        match self.part:
            case ToolCall(custom=True):
                event.input = text
            case ToolCall():
                event.arguments = text
            case Refusal():
                event.refusal = text
            case _:
                event.text = text
        return event

    def _content_part(
        self, step: str, text: str, annotations: Sequence[Annotation] = ()
    ) -> StreamEvent:
        event = self._event(f"response.content_part.{step}")
        event.part = OutputRefusal(text)
        if isinstance(self.part, Text):
            event.part = OutputText(text=text, annotations=list(annotations), logprobs=[])
        return event

    def _cited(self, annotations: Sequence[Annotation]) -> Iterator[StreamEvent]:
        for place, annotation in enumerate(annotations):
            event = self._event("response.output_text.annotation.added")
            event.logprobs = msgspec.UNSET
            event.annotation, event.annotation_index = annotation, place
            yield event

    def _summary_part(self, step: str, text: str) -> StreamEvent:
        event = self._event(f"response.reasoning_summary_part.{step}")
        event.part = SummaryText(text)
        return event

    def _whole_item(self, step: str, item: OutputItem | None) -> StreamEvent:
        event = StreamEvent(type=f"response.output_item.{step}", output_index=self.place)
        if item is not None:
            event.item = item
        return event
