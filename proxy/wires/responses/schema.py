"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec


class Head(msgspec.Struct):
    """The part of a request that routing needs; a stored prompt may name the model instead."""

    model: str | None = None
    stream: bool | None = None
    prompt_cache_key: msgspec.Raw = msgspec.Raw()


class InputDetails(msgspec.Struct):
    """Parts of the input."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class OutputDetails(msgspec.Struct):
    """A part of the output."""

    reasoning_tokens: int | None = None


class UsageJson(msgspec.Struct):
    """Usage; `input_tokens` includes what the cache read and wrote."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None


class Problem(msgspec.Struct):
    """What is inside an error."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None


class Incomplete(msgspec.Struct):
    """Why an answer is not complete."""

    reason: str | None = None


class Response(msgspec.Struct):
    """A whole answer, or an error in its place."""

    id: str | None = None
    object: str | None = None
    status: str | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: str | None = None
    incomplete_details: Incomplete | None = None
    error: Problem | None = None


class StreamEvent(msgspec.Struct):
    """A stream event; an `error` has its problem nested or bare."""

    type: str
    response: Response | None = None
    error: Problem | None = None
    message: str | None = None
    code: str | int | None = None
