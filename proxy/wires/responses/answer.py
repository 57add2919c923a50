"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage, UsageSource, split_prompt
from proxy.wire import decoded, read_error, with_error, with_usage
from proxy.wires.responses.schema import (
    InputDetails,
    OutputDetails,
    Response,
    StreamEvent,
    UsageJson,
)

_response = msgspec.json.Decoder(Response)
_usage = msgspec.json.Decoder(UsageJson)

CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, or an error that came with status 200."""
    response = decoded(_response, body)
    if response is None:
        return None
    problem = find_error(response, body)
    if problem is None and response.object != "response":
        return None
    return with_error(tell(response, "reported"), problem)


def tell(response: Response, source: UsageSource) -> Told:
    """Return what a response object says, but for its error."""
    incomplete = response.incomplete_details
    told = Told(
        model=response.model,
        stop_reason=(incomplete and incomplete.reason) or response.status,
        service_tier=response.service_tier,
    )
    return with_usage(told, parse_usage(response.usage), source, bytes(response.usage))


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    response = decoded(_response, body)
    return (response and find_error(response, body)) or Told()


def find_error(said: Response | StreamEvent, data: bytes) -> Told | None:
    """Read the error in `said`, which was read from `data`."""
    return read_error(said.error, "code", "type", bare=data if said.type == "error" else None)


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's inclusive counts into ours; `None` if there are none."""
    counted = decoded(_usage, raw)
    return None if counted is None else _to_usage(counted)


def _to_usage(counted: UsageJson) -> Usage:
    details = counted.input_tokens_details or InputDetails()
    output = counted.output_tokens_details or OutputDetails()
    read, written = details.cached_tokens, details.cache_write_tokens
    prompt, uncached = split_prompt(counted.input_tokens, read, written)
    return Usage(
        prompt=prompt,
        uncached_input=uncached,
        cache_read=read,
        cache_write=written,
        output=counted.output_tokens,
        reasoning=output.reasoning_tokens,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004  # HTTP's border
    named = {"message": message, "type": kind, "param": None, "code": CODES.get(status)}
    return msgspec.json.encode({"error": named})
