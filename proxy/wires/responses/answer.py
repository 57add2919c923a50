"""Whole answers, usage and errors."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.wires.responses.schema import InputDetails, OutputDetails, Problem, Response, UsageJson

_response = msgspec.json.Decoder(Response)
_usage = msgspec.json.Decoder(UsageJson)

CODES = {401: "invalid_api_key", 404: "not_found", 429: "rate_limit_exceeded"}


def read_whole(body: bytes) -> Told | None:
    """Read a whole answer, or an error that came with status 200."""
    try:
        response = _response.decode(body)
    except msgspec.DecodeError:
        return None
    if response.object != "response" and response.error is None:
        return None
    return tell(response)


def tell(response: Response) -> Told:
    """Return what a response object says."""
    usage = parse_usage(response.usage)
    incomplete = response.incomplete_details
    problem = response.error
    return Told(
        model=response.model,
        stop_reason=(incomplete and incomplete.reason) or response.status,
        service_tier=response.service_tier,
        usage=usage or Usage(),
        source="reported" if usage else None,
        usage_raw=bytes(response.usage).decode() if usage else None,
        error_type=name(problem) if problem else None,
        error_message=problem.message if problem else None,
    )


def read_refusal(body: bytes) -> Told:
    """Read an error; one of another shape tells nothing."""
    try:
        problem = _response.decode(body).error
    except msgspec.DecodeError:
        return Told()
    if problem is None:
        return Told()
    return Told(error_type=name(problem), error_message=problem.message)


def name(problem: Problem) -> str:
    """Return the most telling of its names."""
    return str(problem.code or problem.type or "error")


def parse_usage(raw: msgspec.Raw) -> Usage | None:
    """Turn this wire's inclusive counts into ours; `None` if there are none."""
    try:
        counted = _usage.decode(raw) if bytes(raw) not in {b"", b"null"} else None
    except msgspec.DecodeError:
        return None
    return None if counted is None else _to_usage(counted)


def _to_usage(counted: UsageJson) -> Usage:
    details = counted.input_tokens_details or InputDetails()
    output = counted.output_tokens_details or OutputDetails()
    prompt, read, written = counted.input_tokens, details.cached_tokens, details.cache_write_tokens
    return Usage(
        prompt=prompt,
        uncached_input=None if prompt is None or read is None else prompt - read - (written or 0),
        cache_read=read,
        cache_write=written,
        output=counted.output_tokens,
        reasoning=output.reasoning_tokens,
    )


def error(status: int, message: str) -> bytes:
    """Return the body of an error."""
    kind = "invalid_request_error" if status < 500 else "server_error"  # noqa: PLR2004
    named = {"message": message, "type": kind, "param": None, "code": CODES.get(status)}
    return msgspec.json.encode({"error": named})
