"""From a stream of events to the whole answer, and back: one meaning, two forms."""

from collections.abc import Iterable, Iterator

import msgspec

from proxy.canonical.answer import (
    Answer,
    Began,
    Ended,
    Event,
    Finished,
    Piece,
    Signed,
    Started,
)
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult


def fold(events: Iterable[Event]) -> Answer | None:
    """Return the answer that `events` say, parts in the order they began; `None` if unfinished."""
    answer, finished = Answer(), False
    parts: dict[int, Part] = {}
    pieces: dict[int, list[str]] = {}
    for event in events:
        match event:
            case Started(id=name, model=model, created_s=created_s):
                answer = Answer(id=name, model=model, created_s=created_s)
            case Began(index=index, part=part):
                parts[index], pieces[index] = part, []
            case Piece(index=index, text=text):
                pieces[index].append(text)
            case Signed(index=index, opaque=opaque):
                parts[index] = msgspec.structs.replace(parts[index], opaque=opaque)
            case Finished(stop=stop, stop_sequence=sequence, usage=usage):
                finished = True
                answer = msgspec.structs.replace(
                    answer, stop=stop, stop_sequence=sequence, usage=usage
                )
            case Ended():
                pass
    whole = tuple(_filled(part, "".join(pieces[index])) for index, part in parts.items())
    return msgspec.structs.replace(answer, parts=whole) if finished else None


def unfold(answer: Answer) -> Iterator[Event]:
    """Yield the events that say `answer`, each part in one piece."""
    yield Started(id=answer.id, model=answer.model, created_s=answer.created_s)
    for index, part in enumerate(answer.parts):
        bare, text = _emptied(part)
        yield Began(index=index, part=bare)
        if text:
            yield Piece(index=index, text=text)
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


def _emptied(part: Part) -> tuple[Part, str]:
    match part:
        case ToolCall(arguments=arguments):
            return msgspec.structs.replace(part, arguments=""), arguments
        case Thinking(text=text):
            return msgspec.structs.replace(part, text="", opaque=None), text
        case Text(text=text) | Refusal(text=text):
            return msgspec.structs.replace(part, text=""), text
        case Media() | ToolResult():
            return part, ""
