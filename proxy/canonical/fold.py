"""From a stream of events to the whole answer, and back: one meaning, two forms."""

from collections.abc import Iterable, Iterator, Sequence

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
from proxy.canonical.parts import (
    Citation,
    Media,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)


class _Parts:
    """The parts of a stream, as they grow."""

    def __init__(self) -> None:
        self._parts: dict[int, Part] = {}
        self._pieces: dict[int, list[str]] = {}
        self._sources: dict[int, list[Citation]] = {}

    def take(self, event: Began | Piece | Signed | Cited | Ended) -> None:
        match event:
            case Began(index=index, part=part):
                self._parts[index], self._pieces[index] = part, []
            case Piece(index=index, text=text):
                self._pieces[index].append(text)
            case Signed(index=index, opaque=opaque):
                self._parts[index] = msgspec.structs.replace(self._parts[index], opaque=opaque)
            case Cited(index=index, citation=citation):
                self._sources.setdefault(index, []).append(citation)
            case Ended():
                pass

    def whole(self) -> tuple[Part, ...]:
        return tuple(
            _cited(_filled(part, "".join(self._pieces[index])), self._sources.get(index, ()))
            for index, part in self._parts.items()
        )


def fold(events: Iterable[Event]) -> Answer | None:
    """Return the answer that `events` say, parts in the order they began; `None` if unfinished."""
    answer, finished = Answer(), False
    parts = _Parts()
    for event in events:
        match event:
            case Started(id=name, model=model, created_s=created_s):
                answer = Answer(id=name, model=model, created_s=created_s)
            case Finished(stop=stop, stop_sequence=sequence, usage=usage):
                finished = True
                answer = msgspec.structs.replace(
                    answer, stop=stop, stop_sequence=sequence, usage=usage
                )
            case _:
                parts.take(event)
    return msgspec.structs.replace(answer, parts=parts.whole()) if finished else None


def unfold(answer: Answer) -> Iterator[Event]:
    """Yield the events that say `answer`, each part in one piece."""
    yield Started(id=answer.id, model=answer.model, created_s=answer.created_s)
    for index, part in enumerate(answer.parts):
        bare, text = _emptied(part)
        yield Began(index=index, part=bare)
        if text:
            yield Piece(index=index, text=text)
        if isinstance(part, Text):
            for citation in part.citations:
                yield Cited(index=index, citation=citation)
        if isinstance(part, Thinking) and part.opaque is not None:
            yield Signed(index=index, opaque=part.opaque)
        yield Ended(index)
    yield Finished(stop=answer.stop, stop_sequence=answer.stop_sequence, usage=answer.usage)


def _filled(part: Part, text: str) -> Part:
    match part:
        case ToolCall():
            whole = part.arguments + text
            return msgspec.structs.replace(part, arguments=whole or ("" if part.custom else "{}"))
        case Text() | Thinking() | Refusal():
            return msgspec.structs.replace(part, text=part.text + text)
        case Media() | ToolResult():
            return part


def _cited(part: Part, sources: Sequence[Citation]) -> Part:
    if not sources or not isinstance(part, Text):
        return part
    return msgspec.structs.replace(part, citations=(*part.citations, *sources))


def _emptied(part: Part) -> tuple[Part, str]:
    match part:
        case ToolCall(arguments=arguments):
            return msgspec.structs.replace(part, arguments=""), arguments
        case Thinking(text=text):
            return msgspec.structs.replace(part, text="", opaque=None), text
        case Text(text=text):
            return msgspec.structs.replace(part, text="", citations=()), text
        case Refusal(text=text):
            return msgspec.structs.replace(part, text=""), text
        case Media() | ToolResult():
            return part, ""
