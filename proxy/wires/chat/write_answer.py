"""From the middle to a whole answer, and what whole answers and streams say alike."""

from collections.abc import Sequence

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.citing import Row
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request
from proxy.wires.chat import annotations
from proxy.wires.chat.annotations import AnnotationOut
from proxy.wires.chat.calls import CallOut, write_call
from proxy.wires.chat.stops import write_stop

_NAMELESS = "chatcmpl-0"
_WORDLESS = {"context_full", "stop_sequence", "paused", "broken"}


class PromptDetailsOut(msgspec.Struct):
    """Parts of the prompt."""

    cached_tokens: int
    cache_write_tokens: int


class OutputDetailsOut(msgspec.Struct):
    """A part of the output."""

    reasoning_tokens: int


class UsageOut(msgspec.Struct):
    """Usage; clients add these up, so that here the unknown is 0."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetailsOut
    completion_tokens_details: OutputDetailsOut


class MessageOut(msgspec.Struct):
    """What the model said."""

    role: str
    content: str | None
    refusal: str | None
    reasoning_content: str | msgspec.UnsetType = msgspec.UNSET
    tool_calls: list[CallOut] | msgspec.UnsetType = msgspec.UNSET
    annotations: list[AnnotationOut] | msgspec.UnsetType = msgspec.UNSET


class ChoiceOut(msgspec.Struct):
    """The one answer."""

    index: int
    message: MessageOut
    logprobs: None
    finish_reason: str


class CompletionOut(msgspec.Struct):
    """A whole answer."""

    id: str
    object: str
    created: int
    model: str
    choices: list[ChoiceOut]
    usage: UsageOut


def write_answer(answer: Answer, request: Request, losses: list[Loss]) -> bytes:
    """Write a whole answer; see `proxy.codec.Codec`."""
    for index, part in enumerate(answer.parts):
        losses += lost_of(part, index)
    losses += lost_end(answer.stop, answer.stop_sequence)
    message = _message(answer)
    reason = write_stop(
        answer.stop,
        called=message.tool_calls is not msgspec.UNSET,
        refused=message.refusal is not None,
    )
    whole = CompletionOut(
        id=name_of(answer.id),
        object="chat.completion",
        created=answer.created_s or 0,
        model=answer.model or request.model,
        choices=[ChoiceOut(0, message, None, reason)],
        usage=write_usage(answer.usage),
    )
    return msgspec.json.encode(whole)


def _message(answer: Answer) -> MessageOut:
    texts = [part.text for part in answer.parts if isinstance(part, Text)]
    thoughts = [part.text for part in answer.parts if isinstance(part, Thinking)]
    refusals = [part.text for part in answer.parts if isinstance(part, Refusal)]
    calls = [write_call(part) for part in answer.parts if isinstance(part, ToolCall)]
    return MessageOut(
        role="assistant",
        content="".join(texts) or None,
        refusal="".join(refusals) or None,
        reasoning_content="".join(thoughts) or msgspec.UNSET,
        tool_calls=calls or msgspec.UNSET,
        annotations=_annotations(answer.parts) or msgspec.UNSET,
    )


def _annotations(parts: Sequence[Part]) -> list[AnnotationOut]:
    row = Row()
    texts = {index: part for index, part in enumerate(parts) if isinstance(part, Text)}
    for index, part in texts.items():
        row.began(index)
        row.said(part.text)
    cited = {index: part.citations for index, part in texts.items() if part.citations}
    return annotations.write_annotations(cited, {index: row.span(index) for index in cited})


def lost_of(part: Part, index: int) -> list[Loss]:
    """Return what of `part` clients of this wire cannot be told."""
    path = f"parts[{index}]"
    if isinstance(part, Media | ToolResult):
        return [Loss(path, str(part.__struct_config__.tag), "answers have no place for it")]
    if isinstance(part, Text | Thinking | ToolCall) and part.opaque is not None:
        return [lost_token(index), *_lost_citations(part, index)]
    return _lost_citations(part, index)


def _lost_citations(part: Part, index: int) -> list[Loss]:
    return annotations.lost_of(part.citations, index) if isinstance(part, Text) else []


def lost_end(stop: StopReason, stop_sequence: str | None) -> list[Loss]:
    """Return what clients cannot be told of how the answer ended."""
    if stop_sequence is not None:
        return [Loss("stop_sequence", "stop_sequence", "this wire does not say which it was")]
    if stop in _WORDLESS:
        return [Loss("stop", stop, "this wire has no word for it")]
    return []


def lost_token(index: int) -> Loss:
    """Return the loss of the token of part `index`."""
    return Loss(f"parts[{index}]", "signature", "clients keep no token")


def write_usage(usage: Usage) -> UsageOut:
    """Return `usage` as clients count it: what the cache read and wrote is in the prompt."""
    prompt, output = usage.prompt or 0, usage.output or 0
    return UsageOut(
        prompt_tokens=prompt,
        completion_tokens=output,
        total_tokens=prompt + output,
        prompt_tokens_details=PromptDetailsOut(usage.cache_read or 0, usage.cache_write or 0),
        completion_tokens_details=OutputDetailsOut(usage.reasoning or 0),
    )


def name_of(answer_id: str | None) -> str:
    """Return the answer's id; clients want one."""
    return answer_id or _NAMELESS
