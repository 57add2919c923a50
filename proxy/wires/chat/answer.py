"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.wires.chat.schema import Completion, OutputDetails, PromptDetails, UsageJson

_completion = msgspec.json.Decoder(Completion)
_usage = msgspec.json.Decoder(UsageJson)

CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, or an error that came with status 200."""
    try:
        completion = _completion.decode(body)
    except msgspec.DecodeError:
        return None
    if is_error(completion):
        return read_refusal(body)
    if completion.choices is None:
        return None
    reasons = [choice.finish_reason for choice in completion.choices if choice.finish_reason]
    usage = parse_usage(completion.usage)
    return Told(
        model=completion.model,
        stop_reason=reasons[0] if reasons else None,
        service_tier=completion.service_tier,
        usage=usage or Usage(),
        source="reported" if usage else None,
        usage_raw=bytes(completion.usage).decode() if usage else None,
    )


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    try:
        completion = _completion.decode(body)
    except msgspec.DecodeError:
        return Told()
    problem = completion.error
    if problem is not None:
        kind = problem.code or problem.type or "error"
        return Told(error_type=str(kind), error_message=problem.message)
    if completion.object == "error":
        return Told(error_type="error", error_message=completion.message)
    return Told()


def is_error(completion: Completion) -> bool:
    """Say whether it is an error; some servers put `object: error` where others nest it."""
    return completion.error is not None or completion.object == "error"


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's inclusive counts into ours; `None` if there are none."""
    try:
        counted = _usage.decode(raw) if bytes(raw) not in {b"", b"null"} else None
    except msgspec.DecodeError:
        return None
    return None if counted is None else _to_usage(counted)


def _to_usage(counted: UsageJson) -> Usage:
    details = counted.prompt_tokens_details or PromptDetails()
    output = counted.completion_tokens_details or OutputDetails()
    read = details.cached_tokens
    if read is None:
        read = counted.prompt_cache_hit_tokens
    return Usage(
        prompt=counted.prompt_tokens,
        uncached_input=uncached(counted.prompt_tokens, read, details.cache_write_tokens),
        cache_read=read,
        cache_write=details.cache_write_tokens,
        output=counted.completion_tokens,
        reasoning=output.reasoning_tokens,
    )


def uncached(prompt: int | None, read: int | None, written: int | None) -> int | None:
    """Take the cache's parts out of `prompt`; unknown where the provider does not split it.

    A server that reports more cached than prompt tokens counts `prompt` without them.
    """
    if prompt is None or read is None:
        return None
    cached = read + (written or 0)
    return prompt if cached > prompt else prompt - cached


def error(status: int, message: str) -> bytes:
    """Return the body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004
    named = {"message": message, "type": kind, "param": None, "code": CODES.get(status)}
    return msgspec.json.encode({"error": named})
