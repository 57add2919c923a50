"""Turns as a provider takes them: two sides by turns, and the instructions apart."""

from collections.abc import Mapping, Sequence

from proxy.canonical.parts import Part, Refusal, Text, ToolCall, ToolResult
from proxy.canonical.request import Loss, Turn
from proxy.wires.gemini.signature import DUMMY
from proxy.wires.gemini.spoken import Spoken, SpokenPart
from proxy.wires.gemini.write_parts import with_signatures_moved, written_part

_NONE: Mapping[str, str] = {}


def written_system(turns: Sequence[Turn], losses: list[Loss]) -> Spoken | None:
    """Return all system turns as `systemInstruction`."""
    parts: list[SpokenPart] = []
    talked = False
    for number, turn in enumerate(turns):
        if turn.role != "system":
            talked = True
            continue
        if talked:
            why = "moved to the instructions at the beginning"
            losses.append(Loss(f"turns[{number}]", "place of a system turn", why))
        for place, part in enumerate(turn.parts):
            path = f"turns[{number}].parts[{place}]"
            if not isinstance(part, Text | Refusal):
                losses.append(Loss(path, type(part).__name__, "instructions are text"))
            elif (written := written_part(part, path, _NONE, losses)) is not None:
                parts.append(written)
    return Spoken(parts) if parts else None


def written_contents(turns: Sequence[Turn], losses: list[Loss]) -> list[Spoken]:
    """Return the other turns, those of one side in a row as one.

    Results come first in theirs, in the order of their calls: they are counted, and where they have
    no ids they are told apart by place.
    """
    names = {
        part.id: part.name for turn in turns for part in turn.parts if isinstance(part, ToolCall)
    }
    order = {call_id: place for place, call_id in enumerate(names)}
    contents: list[Spoken] = []
    for role, parts in _runs(turns):
        if role == "user":
            parts.sort(key=lambda placed: _rank(placed[1], order))
        written = [written_part(part, path, names, losses) for path, part in parts]
        said = [part for part in written if part is not None]
        if not said:
            continue
        name = "user" if role == "user" else "model"
        if contents and contents[-1].role == name:  # what stood between them said nothing
            contents[-1].parts.extend(said)
        else:
            contents.append(Spoken(said, name))
    _sign_steps(contents)
    return contents


def _runs(turns: Sequence[Turn]) -> list[tuple[str, list[tuple[str, Part]]]]:
    """Return each side's parts in a row, with their paths."""
    runs: list[tuple[str, list[tuple[str, Part]]]] = []
    for number, turn in enumerate(turns):
        if turn.role == "system":
            continue
        if not runs or runs[-1][0] != turn.role:
            runs.append((turn.role, []))
        parts = with_signatures_moved(turn.parts) if turn.role == "assistant" else turn.parts
        runs[-1][1].extend(
            (f"turns[{number}].parts[{place}]", part) for place, part in enumerate(parts)
        )
    return runs


def _rank(part: Part, order: Mapping[str, int]) -> int:
    if isinstance(part, ToolResult):
        return order.get(part.call_id, len(order))
    return len(order) + 1


def _sign_steps(contents: Sequence[Spoken]) -> None:
    """Give the first call of each step since the user last spoke a signature, if it has none."""
    for content in reversed(contents):
        if content.role == "user":
            if any(part.function_response is None for part in content.parts):
                return
            continue
        first = next((part for part in content.parts if part.function_call is not None), None)
        if first is not None and first.thought_signature is None:
            first.thought_signature = DUMMY
