"""Content blocks, as they are read and as they are written: one schema for both.

Keys without a place in the middle are not here; `LOST_KEYS` names what readers find of them.
"""

import msgspec

from proxy.canonical.parts import Lifetime


class CacheControl(msgspec.Struct, tag_field="type", tag="ephemeral", omit_defaults=True):
    """The prefix that ends here is worth caching; for five minutes if it does not say."""

    ttl: Lifetime | None = None


class Source(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Where the bytes of an image or a document are."""

    type: str
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    content: msgspec.Raw = msgspec.Raw()


class Block(msgspec.Struct, tag_field="type", omit_defaults=True, kw_only=True):
    """Any block."""


class TextBlock(Block, tag="text"):
    """Text."""

    text: str
    cache_control: CacheControl | None = None


class CitedTextBlock(Block, tag="text"):
    """Text of an answer, which may name its sources."""

    text: str
    citations: msgspec.Raw = msgspec.Raw()


class ImageBlock(Block, tag="image"):
    """A picture."""

    source: Source
    cache_control: CacheControl | None = None


class DocumentBlock(Block, tag="document"):
    """A PDF or a text."""

    source: Source
    title: str | None = None
    cache_control: CacheControl | None = None


class ThinkingBlock(Block, tag="thinking"):
    """Reasoning that is shown; without a signature it cannot be sent back."""

    thinking: str
    signature: str | None = None


class RedactedBlock(Block, tag="redacted_thinking"):
    """Reasoning that is not shown."""

    data: str


class ToolUseBlock(Block, tag="tool_use"):
    """A call; `input` is an object."""

    id: str
    name: str
    input: msgspec.Raw = msgspec.Raw()
    cache_control: CacheControl | None = None


class ToolResultBlock(Block, tag="tool_result"):
    """What a call gave."""

    tool_use_id: str
    content: str | list[msgspec.Raw] | None = None
    is_error: bool | None = None
    cache_control: CacheControl | None = None


AnyBlock = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | ThinkingBlock
    | RedactedBlock
    | ToolUseBlock
    | ToolResultBlock
)

_KINDS: tuple[type[Block], ...] = (
    TextBlock,
    ImageBlock,
    DocumentBlock,
    ThinkingBlock,
    RedactedBlock,
    ToolUseBlock,
    ToolResultBlock,
)
KEYS = {
    str(kind.__struct_config__.tag): frozenset({"type", *kind.__struct_fields__}) for kind in _KINDS
}
"""The keys we read of each kind of block."""


def cache_control(until: Lifetime | None) -> CacheControl | None:
    """Return the mark that ends a prefix; five minutes need not be said."""
    return None if until is None else CacheControl(ttl="1h" if until == "1h" else None)


def cache_until(control: CacheControl | None) -> Lifetime | None:
    """Return how long the prefix that ends here is worth caching."""
    return None if control is None else control.ttl or "5m"
