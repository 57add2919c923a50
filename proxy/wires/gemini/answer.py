"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.wires.gemini.schema import Answer, UsageJson

_answer = msgspec.json.Decoder(Answer)
_answers = msgspec.json.Decoder(list[Answer])
_usage = msgspec.json.Decoder(UsageJson)

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, a stream that came as one array, or an error with status 200."""
    try:
        parts = _answers.decode(body) if body.lstrip()[:1] == b"[" else [_answer.decode(body)]
    except msgspec.DecodeError:
        return None
    if not parts or not any(is_answer(part) for part in parts):
        return None
    return tell(parts)


def is_answer(answer: Answer) -> bool:
    """Say whether it holds anything that an answer or an error holds."""
    return bool(answer.candidates or answer.prompt_feedback or answer.error)


def tell(parts: list[Answer]) -> Told:
    """Return what all parts say together; of counts, the last ones are right."""
    usage, raw, told = None, None, Told()
    for part in parts:
        if (counted := parse_usage(part.usage_metadata)) is not None:
            usage, raw = counted, bytes(part.usage_metadata).decode()
        told = msgspec.structs.replace(
            told,
            model=part.model_version or told.model,
            stop_reason=stop_reason(part) or told.stop_reason,
            error_type=(part.error.status or "error") if part.error else told.error_type,
            error_message=part.error.message if part.error else told.error_message,
        )
    return msgspec.structs.replace(
        told, usage=usage or Usage(), source="reported" if usage else None, usage_raw=raw
    )


def stop_reason(answer: Answer) -> str | None:
    """Return why it ended: a candidate's finish reason, or why the prompt was refused."""
    reasons = [c.finish_reason for c in answer.candidates or [] if c.finish_reason]
    if reasons:
        return reasons[0]
    return answer.prompt_feedback.block_reason if answer.prompt_feedback else None


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    try:
        problem = _answer.decode(body.strip().removeprefix(b"[").removesuffix(b"]")).error
    except msgspec.DecodeError:
        return Told()
    if problem is None:
        return Told()
    return Told(error_type=problem.status or "error", error_message=problem.message)


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's counts into ours; `None` if there are none."""
    try:
        counted = _usage.decode(raw) if bytes(raw) not in {b"", b"null"} else None
    except msgspec.DecodeError:
        return None
    return None if counted is None else _to_usage(counted)


def _to_usage(counted: UsageJson) -> Usage:
    """Add up. A zero is left out of this wire's JSON, so beside a told total it is known."""
    prompt, output = counted.prompt_token_count, counted.candidates_token_count
    read, thoughts = counted.cached_content_token_count, counted.thoughts_token_count
    if prompt is not None:
        prompt += counted.tool_use_prompt_token_count or 0
        read = read or 0
    if output is not None or thoughts is not None:
        thoughts = thoughts or 0
        output = (output or 0) + thoughts
    return Usage(
        prompt=prompt,
        uncached_input=None if prompt is None or read is None else prompt - read,
        cache_read=read,
        output=output,
        reasoning=thoughts,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error; its SDK wants `error` first, with a number in it."""
    fallback = "INVALID_ARGUMENT" if status < 500 else "UNAVAILABLE"  # noqa: PLR2004
    named = {"code": status, "message": message, "status": STATUSES.get(status, fallback)}
    return msgspec.json.encode({"error": named})
