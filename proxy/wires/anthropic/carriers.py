"""Tokens of other issuers that belong to a call or a text, carried by clients of this wire.

Here only thinking can hold a token, so such a token travels in a thinking block without text, next
to the part it belongs to; the mark before its id says on which side.
"""

from collections.abc import Iterable

import msgspec

from proxy.canonical.envelope import carried
from proxy.canonical.parts import Opaque, Part, Text, Thinking, ToolCall
from proxy.wires.anthropic.blocks import ThinkingBlock

WIRE = "anthropic"

_BEFORE, _AFTER = ">", "<"  # the carrier stands before, or after, its part


def carrier(opaque: Opaque, *, before: bool) -> ThinkingBlock:
    """Return the block that carries `opaque` for the part after (or before) it."""
    mark = _BEFORE if before else _AFTER
    marked = Opaque(opaque.wire, opaque.payload, mark + (opaque.id or ""))
    # An issuer of our own name would go bare, and lose its mark: it has no such tokens.
    return ThinkingBlock(thinking="", signature=carried(marked, WIRE))


def rejoined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return `parts` with the carried tokens back on the parts they belong to."""
    joined: list[Part] = []
    waiting: Opaque | None = None
    for part in parts:
        mark, token = _carried_by(part)
        if mark == _BEFORE:
            waiting = token
        elif mark == _AFTER:
            if joined:
                joined[-1] = _with_token(joined[-1], token)
        elif waiting is not None:
            joined.append(_with_token(part, waiting))
            waiting = None
        else:
            joined.append(part)
    return tuple(joined)


def _carried_by(part: Part) -> tuple[str, Opaque | None]:
    opaque = part.opaque if isinstance(part, Thinking) and not part.text else None
    if opaque is None or opaque.wire == WIRE or not opaque.id:
        return "", None
    mark = opaque.id[0]
    if mark not in {_BEFORE, _AFTER}:
        return "", None
    return mark, Opaque(opaque.wire, opaque.payload, opaque.id[1:] or None)


def _with_token(part: Part, token: Opaque | None) -> Part:
    if isinstance(part, Text | ToolCall):
        return msgspec.structs.replace(part, opaque=token)
    return part
