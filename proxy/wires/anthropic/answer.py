"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.wire import decoded, read_error, with_error, with_usage
from proxy.wires.anthropic.schema import (
    CacheCreation,
    Message,
    OutputDetails,
    StreamEvent,
    UsageJson,
)

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
}
"""Other 4xx are `invalid_request_error`, other statuses `api_error`.

Never `overloaded_error`: Claude Code gives up at the third of those, and at none of the others.
"""

_message = msgspec.json.Decoder(Message)
_usage = msgspec.json.Decoder(UsageJson)


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, or an error that came with status 200."""
    message = decoded(_message, body)
    if message is None:
        return None
    problem = find_error(message, body)
    if problem is None and message.type != "message":
        return None
    told = Told(model=message.model, stop_reason=message.stop_reason)
    counted = parse_usage(message.usage)
    if counted is not None:
        told = msgspec.structs.replace(told, service_tier=counted.service_tier)
        told = with_usage(told, to_usage(counted), "reported", bytes(message.usage))
    return with_error(told, problem)


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    message = decoded(_message, body)
    return (message and find_error(message, body)) or Told()


def find_error(said: Message | StreamEvent, data: bytes) -> Told | None:
    """Read the error in `said`, which was read from `data`."""
    return read_error(said.error, "type", bare=data if said.type == "error" else None)


def parse_usage(raw: msgspec.Raw) -> UsageJson | None:
    """Read a usage object; `None` if there is none that can be read."""
    return decoded(_usage, raw)


def to_usage(counted: UsageJson) -> Usage:
    """Turn this wire's exclusive counts into ours."""
    parts = (
        counted.input_tokens,
        counted.cache_read_input_tokens,
        counted.cache_creation_input_tokens,
    )
    split = counted.cache_creation or CacheCreation()
    details = counted.output_tokens_details or OutputDetails()
    return Usage(
        prompt=None if parts[0] is None else sum(part or 0 for part in parts),
        uncached_input=counted.input_tokens,
        cache_read=counted.cache_read_input_tokens,
        cache_write=counted.cache_creation_input_tokens,
        cache_write_5m=split.ephemeral_5m_input_tokens,
        cache_write_1h=split.ephemeral_1h_input_tokens,
        output=counted.output_tokens,
        reasoning=details.thinking_tokens,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error."""
    fallback = "invalid_request_error" if status < 500 else "api_error"  # noqa: PLR2004  # HTTP's border
    return msgspec.json.encode(
        {
            "type": "error",
            "error": {"type": ERROR_TYPES.get(status, fallback), "message": message},
        }
    )
