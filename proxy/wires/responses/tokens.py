"""Opaque tokens in the one place where clients of this wire keep them: encrypted reasoning.

A reasoning item has no word for two things that other wires know: that reasoning is redacted, and
that a token belongs to the part before it and not to reasoning. An envelope's id says so instead.
"""

import msgspec

from proxy.canonical.envelope import carried, issued
from proxy.canonical.parts import Opaque

WIRE = "responses"
_REDACTED = "#redacted"
_ATTACHED = "#attached"


class Token(msgspec.Struct, frozen=True):
    """A token that came back; an `attached` one belongs to the part before it."""

    opaque: Opaque
    redacted: bool = False
    attached: bool = False


def sealed(opaque: Opaque, *, redacted: bool = False) -> str:
    """Return the encrypted content that carries the token of reasoning."""
    return carried(_marked(opaque, _REDACTED) if redacted else opaque, WIRE)


def sealed_attached(opaque: Opaque) -> str:
    """Return the encrypted content that carries the token of the part before."""
    return carried(_marked(opaque, _ATTACHED), WIRE)


def opened(text: str, item_id: str | None) -> Token:
    """Return the token in an item's encrypted content."""
    opaque = issued(text, WIRE, item_id)
    name = opaque.id or ""
    if opaque.wire == WIRE:
        return Token(opaque)
    if name.endswith(_REDACTED):
        return Token(_unmarked(opaque, _REDACTED), redacted=True)
    if name.endswith(_ATTACHED):
        return Token(_unmarked(opaque, _ATTACHED), attached=True)
    return Token(opaque)


def _marked(opaque: Opaque, mark: str) -> Opaque:
    return Opaque(opaque.wire, opaque.payload, (opaque.id or "") + mark)


def _unmarked(opaque: Opaque, mark: str) -> Opaque:
    return Opaque(opaque.wire, opaque.payload, (opaque.id or "").removesuffix(mark) or None)
