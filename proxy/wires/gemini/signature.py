"""Opaque tokens as `thoughtSignature`, which is base64 in either alphabet.

The vendor's SDK decodes and encodes it, so the envelope of another wire's token is base64 as well.
"""

import base64

from proxy.canonical.envelope import carried, issued
from proxy.canonical.parts import Opaque

NAME = "gemini"
# Documented for calls that were not made by this vendor's models: facts/wires.md, section 2.
DUMMY = "skip_thought_signature_validator"

_ENVELOPE = b"pm1."
_REDACTED = b"!"  # before the envelope of reasoning that has no text
_STANDARD = str.maketrans("-_", "+/")


def standard_base64(text: str) -> str:
    """Return base64 of any alphabet in the standard one, padded."""
    text = text.translate(_STANDARD)
    return text + "=" * (-len(text) % 4)


def read_signature(text: str | None) -> tuple[Opaque | None, bool]:
    """Return the token, and whether it is of redacted reasoning. The dummy is no token."""
    if not text or text.translate(_STANDARD) == DUMMY.translate(_STANDARD):
        return None, False
    text = standard_base64(text)
    try:
        held = base64.b64decode(text, validate=True)
        redacted = held.startswith(_REDACTED + _ENVELOPE)
        if redacted or held.startswith(_ENVELOPE):
            return issued(held.removeprefix(_REDACTED).decode(), NAME), redacted
    except ValueError:  # no base64, no UTF-8, or letters that are not even ASCII
        pass
    return Opaque(NAME, text), False


def written_signature(opaque: Opaque | None, *, redacted: bool = False) -> str | None:
    """Return `opaque` as a client of this wire keeps it, or its provider takes it."""
    if opaque is None:
        return None
    if opaque.wire == NAME:
        return opaque.payload
    held = carried(opaque, NAME).encode()
    return base64.b64encode(_REDACTED + held if redacted else held).decode()
