"""Make a transcript one that every wire takes: no foreign tokens, and each call with its result.

Clients send what they have: tokens of the provider before, calls that an interruption left
without a result, results in the order in which the tools were done.
"""

from dataclasses import dataclass

import msgspec

from proxy.canonical.parts import Opaque, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request, Turn
from proxy.convert.pairing import paired


@dataclass(frozen=True, slots=True)
class Settled:
    """A request whose transcript is in order, and what that took."""

    request: Request
    losses: tuple[Loss, ...] = ()


def settled(request: Request, to_wire: str, *, keeps_unsigned_thinking: bool = True) -> Settled:
    """Return `request` as a provider of `to_wire` can take it over.

    Args:
        request: As it was read.
        to_wire: Whose opaque tokens may stay.
        keeps_unsigned_thinking: Whether thinking may be told without the token of who thought it.
    """
    cleaning = _Cleaning(to_wire, keeps_unsigned_thinking, [])
    turns = [cleaning.turn(index, turn) for index, turn in enumerate(request.turns)]
    in_order = tuple(paired(turns, cleaning.losses))
    return Settled(msgspec.structs.replace(request, turns=in_order), tuple(cleaning.losses))


@dataclass(frozen=True, slots=True)
class _Cleaning:
    wire: str
    keeps_unsigned: bool
    losses: list[Loss]

    def turn(self, index: int, turn: Turn) -> Turn:
        parts = []
        for place, part in enumerate(turn.parts):
            kept = self._part(f"turns[{index}].parts[{place}]", part, turn)
            if kept is not None:
                parts.append(kept)
        return turn if tuple(parts) == turn.parts else Turn(role=turn.role, parts=tuple(parts))

    def _part(self, path: str, part: Part, turn: Turn) -> Part | None:
        match part:
            case Thinking():
                return self._thinking(path, part)
            case ToolCall() if turn.role != "assistant":
                self.losses.append(Loss(path, "tool_call", f"in a turn of the {turn.role}"))
                return None
            case Text() | ToolCall():
                part = msgspec.structs.replace(part, opaque=self._own(path, part))
            case ToolResult(parts=said):
                part = msgspec.structs.replace(part, parts=tuple(filter(_says_something, said)))
            case _:
                pass
        return part if _says_something(part) else None

    def _thinking(self, path: str, part: Thinking) -> Thinking | None:
        opaque = part.opaque
        if opaque is not None and opaque.wire == self.wire:
            return part
        if self.keeps_unsigned and not part.redacted and part.text.strip():
            return msgspec.structs.replace(part, opaque=self._own(path, part))
        whose = "of another wire" if opaque is not None else "without its token"
        self.losses.append(Loss(path, "thinking", whose))
        return None

    def _own(self, path: str, part: Text | Thinking | ToolCall) -> Opaque | None:
        if part.opaque is None or part.opaque.wire == self.wire:
            return part.opaque
        self.losses.append(Loss(f"{path}.opaque", "token", "of another wire"))
        return None


def _says_something(part: Part) -> bool:
    """Return whether there is more than white space: wires refuse texts that say nothing."""
    match part:
        case Text(text=text, opaque=opaque):
            return bool(text.strip()) or opaque is not None
        case Refusal(text=text):
            return bool(text.strip())
        case _:
            return True
