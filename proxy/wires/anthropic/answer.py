"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.wires.anthropic.schema import CacheCreation, Message, OutputDetails, UsageJson

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
    try:
        message = _message.decode(body)
    except msgspec.DecodeError:
        return None
    if message.type == "error":
        return read_refusal(body)
    if message.type != "message":
        return None
    counted = parse_usage(message.usage)
    return Told(
        model=message.model,
        stop_reason=message.stop_reason,
        service_tier=counted.service_tier if counted else None,
        usage=to_usage(counted) if counted else Usage(),
        source="reported" if counted else None,
        usage_raw=bytes(message.usage).decode() if counted else None,
    )


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    try:
        message = _message.decode(body)
    except msgspec.DecodeError:
        return Told()
    if message.error is None:
        return Told()
    return Told(error_type=message.error.type or "error", error_message=message.error.message)


def parse_usage(raw: msgspec.Raw) -> UsageJson | None:
    """Read a usage object; `None` if there is none that can be read."""
    try:
        return _usage.decode(raw) if bytes(raw) not in {b"", b"null"} else None
    except msgspec.DecodeError:
        return None


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
    fallback = "invalid_request_error" if status < 500 else "api_error"  # noqa: PLR2004
    return msgspec.json.encode(
        {
            "type": "error",
            "error": {"type": ERROR_TYPES.get(status, fallback), "message": message},
        }
    )
