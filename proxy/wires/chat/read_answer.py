"""From a whole answer to the middle."""

import msgspec
from msgspec import Raw

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Citation, Part, Refusal, Text, Thinking, ToolCall
from proxy.canonical.request import Loss
from proxy.canonical.skipped import NO_TEXT, ONE_ANSWER, UNKNOWN_SHAPE, Skipped
from proxy.wire import EMPTY, decoded
from proxy.wires.chat.annotations import PATH, read_annotations
from proxy.wires.chat.answer import find_error, parse_usage
from proxy.wires.chat.calls import derived_id, read_call
from proxy.wires.chat.conversation import CallJson, FunctionCall, Odd
from proxy.wires.chat.read_messages import thought_of
from proxy.wires.chat.schema import Completion
from proxy.wires.chat.stops import read_stop
from proxy.wires.chat.strangers import CHOICE, MESSAGE, note_strangers


class TextPart(msgspec.Struct):
    """A part of content, where a server gives a list of them."""

    type: str | None = None
    text: str | None = None


class Said(msgspec.Struct):
    """What the model said: a message, or a delta of one.

    `reasoning_details` come along with reasoning, and hold its signatures.
    """

    content: str | list[Raw] | None = None
    reasoning_content: Odd = None
    reasoning: Odd = None
    refusal: str | None = None
    tool_calls: list[CallJson] | None = None
    function_call: FunctionCall | None = None
    annotations: Raw = Raw()
    reasoning_details: Raw = Raw()


class Choice(msgspec.Struct):
    """One of `n` answers."""

    index: int | None = None
    finish_reason: str | None = None
    message: Said | None = None
    delta: Said | None = None
    logprobs: Raw = Raw()


class Spoken(msgspec.Struct):
    """A whole answer, or a chunk of a stream; Perplexity's sources have no place in the text."""

    id: str | None = None
    model: str | None = None
    created: Odd = None
    choices: list[Choice] | None = None
    usage: Raw = Raw()
    citations: Raw = Raw()
    search_results: Raw = Raw()


_LATEST_S = 2**53
_completion = msgspec.json.Decoder(Completion)
_spoken = msgspec.json.Decoder(Spoken)
_part = msgspec.json.Decoder(TextPart)


def read_answer(body: bytes, losses: list[Loss]) -> Answer | None:
    """Read a whole answer; see `proxy.codec.Codec`. Of several choices it is the first."""
    spoken = None if says_error(body) else read_spoken(body)
    if spoken is None or not spoken.choices:
        return None
    choice = first_choice(spoken.choices)
    if choice is None or choice.message is None:
        return None
    skipped = Skipped(losses)
    note_beside(spoken, skipped)
    note_strangers(body, skipped)
    parts = _parts(choice.message, spoken.id or None, skipped)
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


def note_beside(spoken: Spoken, skipped: Skipped) -> None:
    """Note other answers, and what stands beside the one that is read."""
    choices = spoken.choices or ()
    if len(choices) > 1 or any(choice.index for choice in choices):
        skipped.note("choices[1:]", "choices", ONE_ANSWER)
    if spoken.citations or spoken.search_results:
        for name in ("citations", "search_results"):
            if bytes(getattr(spoken, name)) not in EMPTY:
                skipped.note(name, name)


def note_details(choice: Choice, said: Said, skipped: Skipped) -> None:
    """Note what may come along with any piece of text."""
    if choice.logprobs and bytes(choice.logprobs) not in EMPTY:
        skipped.note(f"{CHOICE}.logprobs", "logprobs")
    if said.reasoning_details and bytes(said.reasoning_details) not in EMPTY:
        skipped.note(f"{MESSAGE}.reasoning_details", "reasoning_details")


def created_s(spoken: Spoken) -> int | None:
    """Return when it was made, if that is a time."""
    made = spoken.created
    return int(made) if isinstance(made, int | float) and 0 <= made < _LATEST_S else None


def text_of(content: str | list[Raw] | None, skipped: Skipped) -> str:
    """Return the text of `content`, which a few servers give as a list of parts."""
    if isinstance(content, str):
        return content
    texts = []
    for raw in content or ():
        part = decoded(_part, raw)
        if part is None or part.text is None:
            kind = part.type if part is not None else None
            skipped.note(f"{MESSAGE}.content", kind or "part", UNKNOWN_SHAPE)
        else:
            texts.append(part.text)
    return "".join(texts)


def calls_of(said: Said) -> list[CallJson]:
    """Return the calls, or pieces of them; of the retired `function_call` there is one."""
    calls = list(said.tool_calls or ())
    if said.function_call is not None:
        calls.append(CallJson(index=0, function=said.function_call))
    return calls


def note_nameless(position: int, skipped: Skipped) -> None:
    """Note a call that names no tool."""
    path = f"{MESSAGE}.tool_calls[{position}]"
    skipped.note(path, "tool call", "unknown type of call, or no name")


def _parts(said: Said, answer_id: str | None, skipped: Skipped) -> list[Part]:
    parts: list[Part] = []
    if thought := thought_of(said.reasoning_content, said.reasoning):
        parts.append(Thinking(text=thought))
    text = text_of(said.content, skipped)
    cited = _cited(said, text, skipped)
    if text:
        parts.append(Text(text=text, citations=cited))
    if said.refusal:
        parts.append(Refusal(text=said.refusal))
    for position, call in enumerate(calls_of(said)):
        read = read_call(call, derived_id(answer_id, position))
        if read is not None:
            parts.append(read)
        else:
            note_nameless(position, skipped)
    return parts


def _cited(said: Said, text: str, skipped: Skipped) -> tuple[Citation, ...]:
    if bytes(said.annotations) in EMPTY:
        return ()
    found = read_annotations(said.annotations, skipped)
    if found and not text:
        skipped.note(PATH, "annotations", NO_TEXT)
    return tuple(found)


def _stop(choice: Choice, parts: list[Part]) -> StopReason:
    return read_stop(
        choice.finish_reason,
        called=any(isinstance(part, ToolCall) for part in parts),
        refused=any(isinstance(part, Refusal) for part in parts),
    )
