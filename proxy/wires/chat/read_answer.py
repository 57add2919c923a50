"""From a whole answer to the middle."""

import msgspec
from msgspec import Raw

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Part, Refusal, Text, Thinking, ToolCall
from proxy.wire import decoded
from proxy.wires.chat.answer import find_error, parse_usage
from proxy.wires.chat.calls import derived_id, read_call
from proxy.wires.chat.conversation import CallJson, FunctionCall, Odd
from proxy.wires.chat.read_messages import thought_of
from proxy.wires.chat.schema import Completion
from proxy.wires.chat.stops import read_stop


class TextPart(msgspec.Struct):
    """A part of content, where a server gives a list of them."""

    text: str | None = None


class Said(msgspec.Struct):
    """What the model said: a message, or a delta of one."""

    content: str | list[Raw] | None = None
    reasoning_content: Odd = None
    reasoning: Odd = None
    refusal: str | None = None
    tool_calls: list[CallJson] | None = None
    function_call: FunctionCall | None = None


class Choice(msgspec.Struct):
    """One of `n` answers."""

    index: int | None = None
    finish_reason: str | None = None
    message: Said | None = None
    delta: Said | None = None


class Spoken(msgspec.Struct):
    """A whole answer, or a chunk of a stream."""

    id: str | None = None
    model: str | None = None
    created: Odd = None
    choices: list[Choice] | None = None
    usage: Raw = Raw()


_LATEST_S = 2**53
_completion = msgspec.json.Decoder(Completion)
_spoken = msgspec.json.Decoder(Spoken)
_part = msgspec.json.Decoder(TextPart)


def read_answer(body: bytes) -> Answer | None:
    """Read a whole answer; see `proxy.codec.Codec`. Of several choices it is the first."""
    spoken = None if says_error(body) else read_spoken(body)
    if spoken is None or not spoken.choices:
        return None
    choice = first_choice(spoken.choices)
    if choice is None or choice.message is None:
        return None
    parts = _parts(choice.message, spoken.id or None)
    return Answer(
        id=spoken.id or None,
        model=spoken.model or None,
        parts=tuple(parts),
        stop=_stop(choice, parts),
        usage=parse_usage(spoken.usage) or Usage(),
        created_s=created_s(spoken),
    )


def read_spoken(data: bytes) -> Spoken | None:
    """Return what `data` says; `None` if it cannot be read."""
    return decoded(_spoken, data)


def says_error(data: bytes) -> bool:
    """Say whether `data` is an error in the place of an answer or a chunk."""
    completion = decoded(_completion, data)
    return completion is not None and find_error(completion, data) is not None


def first_choice(choices: list[Choice]) -> Choice | None:
    """Return the choice that is the answer: the others are lost."""
    return next((choice for choice in choices if not choice.index), None)


def created_s(spoken: Spoken) -> int | None:
    """Return when it was made, if that is a time."""
    made = spoken.created
    return int(made) if isinstance(made, int | float) and 0 <= made < _LATEST_S else None


def text_of(content: str | list[Raw] | None) -> str:
    """Return the text of `content`, which a few servers give as a list of parts."""
    if isinstance(content, str):
        return content
    parts = (decoded(_part, raw) for raw in content or ())
    return "".join(part.text for part in parts if part is not None and part.text)


def calls_of(said: Said) -> list[CallJson]:
    """Return the calls, or pieces of them; of the retired `function_call` there is one."""
    calls = list(said.tool_calls or ())
    if said.function_call is not None:
        calls.append(CallJson(index=0, function=said.function_call))
    return calls


def _parts(said: Said, answer_id: str | None) -> list[Part]:
    parts: list[Part] = []
    if thought := thought_of(said.reasoning_content, said.reasoning):
        parts.append(Thinking(text=thought))
    if text := text_of(said.content):
        parts.append(Text(text=text))
    if said.refusal:
        parts.append(Refusal(text=said.refusal))
    for position, call in enumerate(calls_of(said)):
        read = read_call(call, derived_id(answer_id, position))
        if read is not None:
            parts.append(read)
    return parts


def _stop(choice: Choice, parts: list[Part]) -> StopReason:
    return read_stop(
        choice.finish_reason,
        called=any(isinstance(part, ToolCall) for part in parts),
        refused=any(isinstance(part, Refusal) for part in parts),
    )
