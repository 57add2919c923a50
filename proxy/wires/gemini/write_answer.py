"""An answer as a client of this wire hears it, whole and as the pieces of a stream."""

from collections.abc import Mapping, Sequence

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request
from proxy.wires.gemini.signature import written_signature
from proxy.wires.gemini.spoken import FunctionCall, Spoken, SpokenPart, json_object
from proxy.wires.gemini.write_parts import written_media, written_text, written_thinking
from proxy.wires.gemini.write_sources import GroundingOut, Sources

_REASONS: Mapping[StopReason, str] = {
    "end": "STOP",
    "tool_call": "STOP",
    "max_tokens": "MAX_TOKENS",
    "context_full": "MAX_TOKENS",
    "stop_sequence": "STOP",
    "refusal": "SAFETY",
    "paused": "STOP",
    "broken": "MALFORMED_FUNCTION_CALL",
}
_WORDLESS = {"context_full", "stop_sequence", "paused"}


class _Usage(msgspec.Struct, rename="camel", omit_defaults=True):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    total_token_count: int | None = None


class _Candidate(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    content: Spoken | None = None
    finish_reason: str | None = None
    index: int
    grounding_metadata: GroundingOut | None = None


class Heard(msgspec.Struct, rename="camel", omit_defaults=True):
    """A whole answer, or a piece of one."""

    candidates: list[_Candidate]
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    response_id: str | None = None


def write_answer(answer: Answer, request: Request, losses: list[Loss]) -> bytes:
    """Return a whole answer; one without a model's name has the one that was asked for.

    Who asked for a stream, and gets its answer whole, asked without `alt=sse`: for one array.
    """
    parts: list[SpokenPart] = []
    sources = Sources()
    broken = False
    for place, part in enumerate(answer.parts):
        spoken = spoken_part(part, f"parts[{place}]", losses)
        if isinstance(part, Text):
            sources.cite(place, *part.citations)
        if spoken is not None:
            sources.said(place, spoken)
            _append(spoken, parts)
        broken = broken or (spoken is None and isinstance(part, ToolCall))
    lose_end(answer.stop, answer.stop_sequence, losses)
    heard = piece(parts, answer.model or request.model, answer.id)
    heard = ended(heard, answer.stop, answer.usage, broken=broken)
    whole = msgspec.json.encode(grounded(heard, sources.grounding(losses)))
    return b"[" + whole + b"]" if request.stream else whole


def _append(spoken: SpokenPart, parts: list[SpokenPart]) -> None:
    """Append `spoken`; texts in a row are one part, as they are in a stream."""
    if parts and _is_plain(parts[-1]) and _is_plain(spoken):
        text = f"{parts[-1].text}{spoken.text}"
        parts[-1] = SpokenPart(text=text)
    else:
        parts.append(spoken)


def _is_plain(spoken: SpokenPart) -> bool:
    return bool(spoken.text) and not spoken.thought and spoken.thought_signature is None


def spoken_part(part: Part, path: str, losses: list[Loss]) -> SpokenPart | None:
    """Return one part; `None` if it says nothing or cannot be said."""
    match part:
        case Text():
            return written_text(part)
        case Thinking():
            return written_thinking(part)
        case ToolCall():
            return _spoken_call(part, path, losses)
        case Media():
            return written_media(part)
        case Refusal(text=text):
            losses.append(Loss(path, "refusal", "written as text"))
            return SpokenPart(text=text) if text else None
        case ToolResult():
            losses.append(Loss(path, "tool result", "not a part of an answer"))
    return None


def piece(parts: Sequence[SpokenPart], model: str | None, answer_id: str | None) -> Heard:
    """Return what says `parts`."""
    content = Spoken(list(parts), "model") if parts else None
    return Heard([_Candidate(content=content, index=0)], model_version=model, response_id=answer_id)


def ended(heard: Heard, stop: StopReason, usage: Usage, *, broken: bool) -> Heard:
    """Return `heard` as the last piece; `broken` if a call had to be left out."""
    reason = _REASONS["broken" if broken and stop == "tool_call" else stop]
    content = heard.candidates[0].content
    candidate = _Candidate(content=content, finish_reason=reason, index=0)
    return msgspec.structs.replace(
        heard, candidates=[candidate], usage_metadata=_written_usage(usage)
    )


def grounded(heard: Heard, grounding: GroundingOut | None) -> Heard:
    """Return `heard` with what cites it."""
    candidate = msgspec.structs.replace(heard.candidates[0], grounding_metadata=grounding)
    return msgspec.structs.replace(heard, candidates=[candidate])


def lose_end(stop: StopReason, sequence: str | None, losses: list[Loss]) -> None:
    """Say what is lost of how the answer ended."""
    if sequence is not None:
        losses.append(Loss("stop_sequence", "stop sequence", "this wire does not name it"))
    elif stop in _WORDLESS:
        losses.append(Loss("stop", stop, "this wire has no word for it"))


def _spoken_call(call: ToolCall, path: str, losses: list[Loss]) -> SpokenPart | None:
    args = json_object(call.arguments or "{}")
    if args is None:
        losses.append(Loss(path, "tool call", "its arguments are not a JSON object"))
        return None
    made = FunctionCall(name=call.name, args=msgspec.Raw(args), id=call.id)
    return SpokenPart(function_call=made, thought_signature=written_signature(call.opaque))


def _written_usage(usage: Usage) -> _Usage | None:
    """Return counts; here the prompt includes the cache, and the candidates exclude thoughts."""
    if usage == Usage():
        return None
    prompt, output, reasoning = usage.prompt or 0, usage.output or 0, usage.reasoning or 0
    return _Usage(
        prompt_token_count=prompt,
        candidates_token_count=max(output - reasoning, 0),
        thoughts_token_count=usage.reasoning,
        cached_content_token_count=usage.cache_read,
        total_token_count=prompt + max(output, reasoning),
    )
