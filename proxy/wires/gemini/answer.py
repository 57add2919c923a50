"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage, split_prompt
from proxy.wire import decoded, read_error, with_error, with_usage
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
    parts = _parts(body)
    problem = find_error(parts)
    if problem is None and not any(part.candidates or part.prompt_feedback for part in parts):
        return None
    told = Told()
    for part in parts:  # of counts, the last ones are right
        raw = part.usage_metadata
        told = with_usage(told, parse_usage(raw), "reported", bytes(raw))
        told = msgspec.structs.replace(
            told,
            model=part.model_version or told.model,
            stop_reason=stop_reason(part) or told.stop_reason,
        )
    return with_error(told, problem)


def _parts(body: bytes) -> list[Answer]:
    if body.lstrip()[:1] == b"[":
        return decoded(_answers, body) or []
    answer = decoded(_answer, body)
    return [] if answer is None else [answer]


def find_error(parts: list[Answer]) -> Told | None:
    """Read the error in any of `parts`."""
    problems = (read_error(part.error, "status") for part in parts)
    return next(filter(None, problems), None)


def stop_reason(answer: Answer) -> str | None:
    """Return why it ended: a candidate's finish reason, or why the prompt was refused."""
    reasons = [c.finish_reason for c in answer.candidates or [] if c.finish_reason]
    if reasons:
        return reasons[0]
    return answer.prompt_feedback.block_reason if answer.prompt_feedback else None


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    return find_error(_parts(body)) or Told()


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's counts into ours; `None` if there are none."""
    counted = decoded(_usage, raw)
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
    prompt, uncached = split_prompt(prompt, read, None)
    return Usage(
        prompt=prompt,
        uncached_input=uncached,
        cache_read=read,
        output=output,
        reasoning=thoughts,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error; its SDK wants `error` first, with a number in it."""
    fallback = "INVALID_ARGUMENT" if status < 500 else "UNAVAILABLE"  # noqa: PLR2004  # HTTP's border
    named = {"code": status, "message": message, "status": STATUSES.get(status, fallback)}
    return msgspec.json.encode({"error": named})
