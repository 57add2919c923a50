"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec

from proxy.wire import Count


class Head(msgspec.Struct):
    """The part of a request that routing needs; a stored prompt may name the model instead."""

    model: str | None = None
    stream: bool | None = None
    prompt_cache_key: msgspec.Raw = msgspec.Raw()
    max_output_tokens: msgspec.Raw = msgspec.Raw()


class Opening(msgspec.Struct):
    """The part of a request that says how its conversation began."""

    instructions: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw()
    previous_response_id: msgspec.Raw = msgspec.Raw()
    conversation: msgspec.Raw = msgspec.Raw()


class InputDetails(msgspec.Struct):
    """Parts of the input."""

    cached_tokens: Count | None = None
    cache_write_tokens: Count | None = None


class OutputDetails(msgspec.Struct):
    """A part of the output."""

    reasoning_tokens: Count | None = None


class UsageJson(msgspec.Struct):
    """Usage; `input_tokens` includes what the cache read and wrote."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    input_tokens_details: InputDetails | None = None
    output_tokens_details: OutputDetails | None = None


class Incomplete(msgspec.Struct):
    """Why an answer is not complete."""

    reason: str | None = None


class Response(msgspec.Struct):
    """A whole answer, or an error in its place."""

    type: str = ""
    id: str | None = None
    object: str | None = None
    status: str | None = None
    model: str | None = None
    usage: msgspec.Raw = msgspec.Raw()
    service_tier: str | None = None
    incomplete_details: Incomplete | None = None
    error: msgspec.Raw = msgspec.Raw()


class EventKind(msgspec.Struct):
    """A stream event of which nothing else can be read."""

    type: str = ""


class StreamEvent(msgspec.Struct):
    """A stream event; an `error` has its problem nested or bare."""

    type: str = ""
    response: Response | None = None
    error: msgspec.Raw = msgspec.Raw()
