"""What a turn or an answer is made of.

An opaque token belongs to the wire (and the provider behind it) that issued it: it goes back there
unchanged, and nowhere else.
"""

from typing import Literal

import msgspec

Lifetime = Literal["5m", "1h"]


class Opaque(msgspec.Struct, frozen=True):
    """A signature, encrypted reasoning, or the like: `wire` issued it, and alone can read it.

    `id` is the item's own, where the wire has one.
    """

    wire: str
    payload: str
    id: str | None = None


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """A source of a text, known by at least one of `url`, `title` and `quote`, its own words.

    `start` and `end` say which characters of the text have it, `end` not included; without them
    it is the text as a whole.
    """

    url: str | None = None
    title: str | None = None
    quote: str | None = None
    start: int | None = None
    end: int | None = None


class Text(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """Text that is said. `cache_until` ends a prefix that is worth caching.

    `citations` are of answers only; a client that sends them back says nothing new.
    """

    text: str
    cache_until: Lifetime | None = None
    opaque: Opaque | None = None
    citations: tuple[Citation, ...] = ()


class Media(msgspec.Struct, frozen=True, kw_only=True, tag="media"):
    """An image or a document, as standard base64 `data` or behind a `url`, never both.

    `kind` "text" is a document whose `data` is its text. `media_type` may be unknown of a URL.
    """

    kind: Literal["image", "document", "text"]
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    title: str | None = None
    detail: str | None = None
    cache_until: Lifetime | None = None


class Thinking(msgspec.Struct, frozen=True, kw_only=True, tag="thinking"):
    """Reasoning: its text as far as it is shown, and the token by which it can go on.

    `redacted` reasoning has only the token.
    """

    text: str = ""
    redacted: bool = False
    opaque: Opaque | None = None


class ToolCall(msgspec.Struct, frozen=True, kw_only=True, tag="tool_call"):
    """The model calls a tool.

    `arguments` is JSON text ("{}" if there are none) of a function, and free text of a custom
    tool. `namespace` groups tools where the wire knows groups.
    """

    id: str
    name: str
    arguments: str
    custom: bool = False
    namespace: str | None = None
    opaque: Opaque | None = None
    cache_until: Lifetime | None = None


class ToolResult(msgspec.Struct, frozen=True, kw_only=True, tag="tool_result"):
    """What a tool gave back. `is_error` is unknown where the wire has no word for it."""

    call_id: str
    parts: "tuple[Text | Media, ...]"
    name: str | None = None
    is_error: bool | None = None
    custom: bool = False
    cache_until: Lifetime | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """The model declines, in a place of its own."""

    text: str


Part = Text | Media | Thinking | ToolCall | ToolResult | Refusal
