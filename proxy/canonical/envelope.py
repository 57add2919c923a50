"""Carry a token through a client that does not know its issuer.

A client keeps what a wire lets it keep (a signature, encrypted content) and sends it back with the
next turn. A token of that wire goes as it is; one of another wire goes in an envelope that says
whose it is, so that it finds its way home, and nowhere else.
"""

import base64

from proxy.canonical.parts import Opaque

_TAG = "pm1"
MARK = f"{_TAG}."  # how each envelope begins
_FIELDS = 4


def carried(opaque: Opaque, wire: str) -> str:
    """Return `opaque` as the text that clients of `wire` are to keep."""
    if opaque.wire == wire:
        return opaque.payload
    fields = (opaque.wire, opaque.id or "", opaque.payload)
    sealed = (base64.urlsafe_b64encode(field.encode()).decode().rstrip("=") for field in fields)
    return ".".join((_TAG, *sealed))


def issued(text: str, wire: str, item_id: str | None = None) -> Opaque:
    """Return the token that a client of `wire` sent back; the opposite of `carried`."""
    tag, *sealed = text.split(".")
    if tag != _TAG or len(sealed) != _FIELDS - 1:
        return Opaque(wire, text, item_id)
    try:
        issuer, name, payload = (
            base64.urlsafe_b64decode(field + "=" * (-len(field) % 4)).decode() for field in sealed
        )
    except ValueError:  # no base64, no UTF-8, or letters that are not even ASCII
        return Opaque(wire, text, item_id)
    return Opaque(issuer, payload, name or None)
