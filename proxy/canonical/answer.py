"""An answer in the middle, whole and as events.

A stream is `Started`, then parts in a row or interleaved (`Began`, its pieces, `Ended`, told
apart by `index`), then `Finished`. No `Finished` means that it broke off. `fold` makes the whole
answer of a stream.
"""

from typing import Literal

import msgspec

from proxy.canonical import Usage
from proxy.canonical.parts import Citation, Opaque, Part

StopReason = Literal[
    "end",
    "tool_call",
    "max_tokens",
    "context_full",
    "stop_sequence",
    "refusal",  # safety, content filter
    "paused",
    "broken",  # the model made a call that cannot be read
]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer. `created_s` counts from 1970, UTC."""

    id: str | None = None
    model: str | None = None
    parts: tuple[Part, ...] = ()
    stop: StopReason = "end"
    stop_sequence: str | None = None
    usage: Usage = Usage()
    created_s: int | None = None


class Started(msgspec.Struct, frozen=True, kw_only=True, tag="started"):
    """The first event. `usage` is what is known of the input by then."""

    id: str | None = None
    model: str | None = None
    usage: Usage = Usage()
    created_s: int | None = None


class Began(msgspec.Struct, frozen=True, kw_only=True, tag="began"):
    """A part begins: `part` is what is known of it, its text or arguments still empty."""

    index: int
    part: Part


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="piece"):
    """More text of part `index`: of a text, thinking or refusal, or of a call's arguments."""

    index: int
    text: str


class Signed(msgspec.Struct, frozen=True, kw_only=True, tag="signed"):
    """The opaque token of part `index`, whole; a later one replaces it."""

    index: int
    opaque: Opaque


class Cited(msgspec.Struct, frozen=True, kw_only=True, tag="cited"):
    """One more source of text `index`; some wires name it when the text has long ended."""

    index: int
    citation: Citation


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Part `index` is complete."""

    index: int


class Finished(msgspec.Struct, frozen=True, kw_only=True, tag="finished"):
    """The last event of a whole stream."""

    stop: StopReason
    stop_sequence: str | None = None
    usage: Usage = Usage()


Event = Started | Began | Piece | Signed | Cited | Ended | Finished
