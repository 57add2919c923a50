"""From turns to messages: the results of a turn's calls come directly after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Turn
from proxy.codec import Dialect
from proxy.wires.chat.calls import CallOut, write_call
from proxy.wires.chat.write_content import (
    ContentOut,
    PartOut,
    marked,
    write_content,
    write_media,
    write_text,
)

_NO_ROOM = "this wire has no place for it there"


class MessageOut(msgspec.Struct, omit_defaults=True):
    """A message of any role but the model's."""

    role: str
    content: str | list[PartOut]
    tool_call_id: str | None = None


class AssistantOut(msgspec.Struct):
    """A message of the model; `content` is null, and not absent, where there is none."""

    role: str
    content: ContentOut
    refusal: str | msgspec.UnsetType = msgspec.UNSET
    reasoning_content: str | msgspec.UnsetType = msgspec.UNSET
    tool_calls: list[CallOut] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class _Placed:
    """A turn and where it stood."""

    path: str
    turn: Turn


def write_messages(
    turns: Iterable[Turn], dialect: Dialect, losses: list[Loss]
) -> Iterator[MessageOut | AssistantOut]:
    """Yield the messages that say `turns`; what came between a call and its result moves on."""
    following: list[_Placed] = []
    for index, turn in enumerate(turns):
        placed = _Placed(f"turns[{index}]", turn)
        if turn.role != "assistant":
            following.append(placed)
            continue
        yield from _write_following(following, losses)
        following = []
        yield from _write_assistant(placed, dialect, losses)
    yield from _write_following(following, losses)


def _write_following(following: list[_Placed], losses: list[Loss]) -> Iterator[MessageOut]:
    """Write the turns up to the model's next one: results, what they show, all else."""
    shown: list[PartOut] = []
    for placed in following:
        for index, part in enumerate(placed.turn.parts):
            if isinstance(part, ToolResult):
                path = f"{placed.path}.parts[{index}]"
                yield _write_result(part, path, shown, losses)
    if shown:
        yield MessageOut("user", shown)
    for placed in following:
        content = write_content(list(_write_parts(placed, losses)))
        if content is not None:
            yield MessageOut(placed.turn.role, content)


def _write_parts(placed: _Placed, losses: list[Loss]) -> Iterator[PartOut]:
    for index, part in enumerate(placed.turn.parts):
        path = f"{placed.path}.parts[{index}]"
        match part:
            case ToolResult():
                pass
            case Text():
                yield from write_text(part, path, losses)
            case Media() if placed.turn.role == "user" or part.kind == "text":
                yield from write_media(part, path, losses)
            case _:
                losses.append(_lost(part, path))


def _lost(part: Part, path: str) -> Loss:
    return Loss(path, str(part.__struct_config__.tag), _NO_ROOM)


def _write_result(
    result: ToolResult, path: str, shown: list[PartOut], losses: list[Loss]
) -> MessageOut:
    """Write the text of `result`; what it shows is added to `shown`, for a message of its own."""
    texts: list[str] = []
    media: list[PartOut] = []
    until = result.cache_until
    for index, part in enumerate(result.parts):
        if isinstance(part, Text):
            texts += [part.text] if part.text else []
            until = until or part.cache_until
            continue
        for written in write_media(part, f"{path}.parts[{index}]", losses):
            if written.text is None:
                media.append(written)
            else:
                texts.append(written.text)
                until = until or part.cache_until
    if media:
        shown += [PartOut("text", text=f"What tool call {result.call_id} returned:"), *media]
        texts = texts or ["(shown in the next message)"]
    text = "\n\n".join(texts)
    if result.is_error and text[:5].lower() != "error":
        text = f"Error: {text}" if text else "Error"  # the wire has no other word for it
    if until is None:
        return MessageOut("tool", text, result.call_id)
    content = [marked(PartOut("text", text=text), until, path, losses)]
    return MessageOut("tool", content, result.call_id)


def _write_assistant(
    placed: _Placed, dialect: Dialect, losses: list[Loss]
) -> Iterator[AssistantOut]:
    said = _Said(replays_thinking=dialect.reasoning_content)
    for index, part in enumerate(placed.turn.parts):
        said.add(part, f"{placed.path}.parts[{index}]", losses)
    content = write_content(said.content)
    if not (said.calls or content or said.refusals or said.thoughts):
        return
    if content is None and not (said.calls or said.refusals):
        content = ""
    thought = "\n\n".join(said.thoughts)
    # Who wants thinking back refuses a turn of calls without any; of other models there is none.
    is_wanted = thought or (said.calls and dialect.reasoning_content)
    yield AssistantOut(
        "assistant",
        content,
        refusal="\n\n".join(said.refusals) or msgspec.UNSET,
        reasoning_content=thought if is_wanted else msgspec.UNSET,
        tool_calls=said.calls or msgspec.UNSET,
    )


class _Said:
    """A turn of the model, sorted into the places that this wire has for it."""

    def __init__(self, *, replays_thinking: bool) -> None:
        self._replays_thinking = replays_thinking
        self.content: list[PartOut] = []
        self.thoughts: list[str] = []
        self.refusals: list[str] = []
        self.calls: list[CallOut] = []

    def add(self, part: Part, path: str, losses: list[Loss]) -> None:
        """Put `part` into its place."""
        match part:
            case Text():
                if part.text and self.calls:
                    losses.append(Loss(path, "order", "text stands before calls on this wire"))
                self.content += write_text(part, path, losses)
            case Thinking() if self._replays_thinking:
                self.thoughts += [part.text] if part.text else []
            case Refusal(text=text):
                self.refusals.append(text)
            case ToolCall():
                self.calls.append(write_call(part))
            case Thinking() | Media() | ToolResult():
                losses.append(_lost(part, path))
                return
        losses += _lost_of_said(part, path)


def _lost_of_said(part: Part, path: str) -> list[Loss]:
    """Return what of `part` has no place beside what was written."""
    if isinstance(part, ToolCall) and part.cache_until is not None:
        return [Loss(f"{path}.cache_until", "cache breakpoint", _NO_ROOM)]
    if isinstance(part, Text | Thinking | ToolCall) and part.opaque is not None:
        return [Loss(path, "signature", "this wire has no place for a token")]
    if isinstance(part, Thinking) and part.redacted:
        return [Loss(path, "thinking", "nothing of it is shown")]
    return []
