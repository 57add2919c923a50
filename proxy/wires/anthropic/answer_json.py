"""Answers and stream events as they are written: every key that the SDK or Claude Code needs."""

from typing import Literal

import msgspec

from proxy.canonical import Usage
from proxy.wires.anthropic.blocks import AnyBlock, Block
from proxy.wires.anthropic.citations import CitationOut
from proxy.wires.anthropic.schema import CacheCreation, OutputDetails


class UsageOut(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Usage; the four counts are never null, because Claude Code refuses that."""

    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None


class CitedTextOut(Block, tag="text"):
    """A text that has sources."""

    text: str
    citations: list[CitationOut]


class MessageOut(msgspec.Struct, tag_field="type", tag="message", kw_only=True):
    """A whole answer, or the empty one that a stream begins with."""

    id: str
    role: Literal["assistant"] = "assistant"
    model: str
    content: list[AnyBlock | CitedTextOut]
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: UsageOut


class Event(msgspec.Struct, tag_field="type"):
    """Any stream event."""


class MessageStart(Event, tag="message_start"):
    """The first."""

    message: MessageOut


class BlockStart(Event, tag="content_block_start"):
    """A block begins."""

    index: int
    content_block: AnyBlock


class TextDelta(msgspec.Struct, tag_field="type", tag="text_delta"):
    """More text."""

    text: str


class ThinkingDelta(msgspec.Struct, tag_field="type", tag="thinking_delta"):
    """More of what is thought."""

    thinking: str


class SignatureDelta(msgspec.Struct, tag_field="type", tag="signature_delta"):
    """The signature of what was thought, whole."""

    signature: str


class InputDelta(msgspec.Struct, tag_field="type", tag="input_json_delta"):
    """More of a call's arguments."""

    partial_json: str


class CitationsDelta(msgspec.Struct, tag_field="type", tag="citations_delta"):
    """One more source of a text."""

    citation: CitationOut


Delta = TextDelta | ThinkingDelta | SignatureDelta | InputDelta | CitationsDelta


class BlockDelta(Event, tag="content_block_delta"):
    """More of a block."""

    index: int
    delta: Delta


class BlockStop(Event, tag="content_block_stop"):
    """A block is complete."""

    index: int


class StopOut(msgspec.Struct):
    """Why it ended."""

    stop_reason: str
    stop_sequence: str | None


class MessageDelta(Event, tag="message_delta"):
    """How it ended, and what it took."""

    delta: StopOut
    usage: UsageOut


class MessageStop(Event, tag="message_stop"):
    """The last."""


def usage_out(usage: Usage) -> UsageOut:
    """Return `usage` as this wire counts: each class once; what is unknown is 0 here."""
    read, written = usage.cache_read or 0, usage.cache_write or 0
    fresh = usage.uncached_input
    if fresh is None:
        fresh = max(0, (usage.prompt or 0) - read - written)
    by_lifetime = None
    if usage.cache_write_5m is not None or usage.cache_write_1h is not None:
        by_lifetime = CacheCreation(usage.cache_write_5m or 0, usage.cache_write_1h or 0)
    return UsageOut(
        input_tokens=fresh,
        cache_creation_input_tokens=written,
        cache_read_input_tokens=read,
        output_tokens=usage.output or 0,
        cache_creation=by_lifetime,
        output_tokens_details=None if usage.reasoning is None else OutputDetails(usage.reasoning),
    )
