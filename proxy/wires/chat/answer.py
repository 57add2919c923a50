"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage, split_prompt
from proxy.wire import decoded, read_error, with_error, with_usage
from proxy.wires.chat.schema import Completion, OutputDetails, PromptDetails, UsageJson

_completion = msgspec.json.Decoder(Completion)
_usage = msgspec.json.Decoder(UsageJson)

CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, or an error that came with status 200."""
    completion = decoded(_completion, body)
    if completion is None:
        return None
    problem = find_error(completion, body)
    if problem is None and completion.choices is None:
        return None
    reasons = (choice.finish_reason for choice in completion.choices or [])
    told = Told(
        model=completion.model,
        stop_reason=next(filter(None, reasons), None),
        service_tier=completion.service_tier,
    )
    raw = completion.usage
    return with_error(with_usage(told, parse_usage(raw), "reported", bytes(raw)), problem)


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    completion = decoded(_completion, body)
    return (completion and find_error(completion, body)) or Told()


def find_error(said: Completion, data: bytes) -> Told | None:
    """Read the error in `said`, which was read from `data`."""
    if not said.error and said.object != "error":
        return None  # nearly every chunk of a stream
    bare = data if said.object == "error" else None
    return read_error(said.error, "code", "type", bare=bare)


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's inclusive counts into ours; `None` if there are none."""
    counted = decoded(_usage, raw)
    return None if counted is None else _to_usage(counted)


def _to_usage(counted: UsageJson) -> Usage:
    details = counted.prompt_tokens_details or PromptDetails()
    output = counted.completion_tokens_details or OutputDetails()
    read = details.cached_tokens
    if read is None:
        read = counted.prompt_cache_hit_tokens
    prompt, uncached = split_prompt(counted.prompt_tokens, read, details.cache_write_tokens)
    return Usage(
        prompt=prompt,
        uncached_input=uncached,
        cache_read=read,
        cache_write=details.cache_write_tokens,
        output=counted.completion_tokens,
        reasoning=output.reasoning_tokens,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004  # HTTP's border
    named = {"message": message, "type": kind, "param": None, "code": CODES.get(status)}
    return msgspec.json.encode({"error": named})
