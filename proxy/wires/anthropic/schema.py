"""The keys of this wire that we read; all others are skipped, and pass through."""

import msgspec

from proxy.wire import Count


class Head(msgspec.Struct):
    """The part of a request that routing needs."""

    model: str
    stream: bool | None = None
    metadata: msgspec.Raw = msgspec.Raw()
    max_tokens: msgspec.Raw = msgspec.Raw()


class Opening(msgspec.Struct):
    """The part of a request that says how its conversation began."""

    system: msgspec.Raw = msgspec.Raw()
    messages: list[msgspec.Raw] = []


class Metadata(msgspec.Struct):
    """Who asks; Claude Code puts a JSON text with its session into `user_id`."""

    user_id: str | None = None


class UserId(msgspec.Struct, omit_defaults=True):
    """What Claude Code's `user_id` holds."""

    session_id: str | None = None
    device_id: str | None = None
    account_uuid: str | None = None


class CacheCreation(msgspec.Struct):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class OutputDetails(msgspec.Struct):
    """A part of the output."""

    thinking_tokens: Count | None = None


class UsageJson(msgspec.Struct):
    """Usage; `input_tokens` is without what the cache read or wrote."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    service_tier: str | None = None


class Message(msgspec.Struct):
    """A whole answer, or an error in its place."""

    type: str = ""
    model: str | None = None
    stop_reason: str | None = None
    usage: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class Block(msgspec.Struct):
    """The start of a content block."""

    type: str
    text: str | None = None
    thinking: str | None = None


class Delta(msgspec.Struct):
    """What `message_delta` changes."""

    stop_reason: str | None = None


class StreamEvent(msgspec.Struct):
    """Any stream event."""

    type: str = ""
    message: msgspec.Raw = msgspec.Raw()
    content_block: Block | None = None
    delta: Delta | None = None
    usage: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
