"""From turns to `system` and `messages`, in the order this wire insists on.

Roles alternate, and the results of an assistant turn's calls open the user turn right after it,
whatever stood between them in the middle.
"""

from collections.abc import Iterable
from itertools import dropwhile

import msgspec

from proxy.canonical.parts import Part, Text, ToolCall, ToolResult
from proxy.canonical.request import Loss, Role, Turn
from proxy.wires.anthropic.blocks import AnyBlock
from proxy.wires.anthropic.call_ids import CallIds
from proxy.wires.anthropic.write_parts import write_model_part, write_text, write_user_part


class Message(msgspec.Struct):
    """One turn of this wire."""

    role: Role
    content: list[AnyBlock]


class Placed(msgspec.Struct, frozen=True):
    """A part, and where it stood."""

    path: str
    part: Part


class Conversation(msgspec.Struct):
    """What is said, in the places of this wire."""

    system: list[AnyBlock]
    messages: list[Message]


def write_turns(
    turns: tuple[Turn, ...], losses: list[Loss], *, late_system: bool = True
) -> Conversation:
    """Return `turns` as this wire has them; what it has no place for is appended to `losses`.

    Without `late_system` the model takes instructions before the first turn only.
    """
    runs = _ordered(turns)
    if not late_system:
        _make_late_system_user(runs, losses)
    messages = _merged(_written(runs, losses))
    system: list[AnyBlock] = []
    if messages and messages[0].role == "system":
        system = messages.pop(0).content
    if not messages and system:
        losses.append(Loss("turns[0]", "system", "there must be a user turn, so it is one"))
        messages, system = [Message("user", system)], []
    return Conversation(system, messages)


class _Run(msgspec.Struct):
    role: Role
    parts: list[Placed]


def _ordered(turns: tuple[Turn, ...]) -> list[_Run]:
    """Return the turns with each result where it belongs: first after the call it answers."""
    runs: list[_Run] = []
    home: dict[str, _Run] = {}  # call id to the run its results open
    for i, turn in enumerate(turns):
        placed = [Placed(f"turns[{i}].parts[{j}]", part) for j, part in enumerate(turn.parts)]
        if turn.role == "assistant" and any(isinstance(part, ToolCall) for part in turn.parts):
            results = _Run("user", [])
            runs += (_Run("assistant", placed), results)
            home |= {part.id: results for part in turn.parts if isinstance(part, ToolCall)}
            continue
        stays = _Run(turn.role, [])
        for at in placed:
            part = at.part
            run = home.get(part.call_id, stays) if isinstance(part, ToolResult) else stays
            run.parts.append(at)
        runs.append(stays)
    return runs


def _make_late_system_user(runs: list[_Run], losses: list[Loss]) -> None:
    for run in dropwhile(lambda run: run.role == "system", runs):
        if run.role == "system":
            run.role = "user"
            places = (placed.path.partition(".")[0] for placed in run.parts[:1])
            losses.extend(Loss(at, "system", "this model hears it as the user") for at in places)


def _written(runs: Iterable[_Run], losses: list[Loss]) -> Iterable[Message]:
    ids = CallIds()
    for run in runs:
        blocks = (_block(run.role, placed, ids, losses) for placed in run.parts)
        content = [block for block in blocks if block is not None]
        if content:
            yield Message(run.role, content)


def _block(role: Role, placed: Placed, ids: CallIds, losses: list[Loss]) -> AnyBlock | None:
    path, part = placed.path, placed.part
    if role == "user":
        return write_user_part(part, ids, path, losses)
    if role == "assistant":
        return write_model_part(part, ids, path, losses)
    if isinstance(part, Text):
        return write_text(part, path, losses)
    losses.append(Loss(path, "part", "instructions are text here"))
    return None


def _merged(messages: Iterable[Message]) -> list[Message]:
    """Return the messages with neighbours of one role as one."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role:
            merged[-1].content += message.content
        else:
            merged.append(message)
    for message in merged:
        if message.role == "user":  # results open a turn
            message.content.sort(key=_comes_later)
    return merged


def _comes_later(block: AnyBlock) -> bool:
    return block.__struct_config__.tag != "tool_result"
