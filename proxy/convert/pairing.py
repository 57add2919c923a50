"""Give every tool call of a transcript its one result, directly behind it and in call order.

The paths of its losses count turns without empty ones, and the assistant's in a row as one.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from proxy.canonical.parts import Part, Text, ToolCall, ToolResult
from proxy.canonical.request import Loss, Turn

_INTERRUPTED = "interrupted"
_NAMELESS = "call"


class _Place(NamedTuple):
    """Where a part stands: places in the list of turns, and in the turn."""

    turn: int
    part: int


@dataclass(slots=True)
class _Matches:
    """Which result belongs to which call; ids of calls are made unique on the way."""

    ids: dict[_Place, str] = field(default_factory=dict)
    results: dict[_Place, ToolResult] = field(default_factory=dict)
    orphans: set[_Place] = field(default_factory=set)
    _open: dict[str, deque[_Place]] = field(default_factory=dict)
    _times: dict[str, int] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def called(self, place: _Place, call: ToolCall) -> None:
        self.ids[place] = self._unique(call.id or _NAMELESS)
        waiting = self._open.setdefault(call.id, deque())
        if waiting and waiting[0].turn != place.turn:
            waiting.clear()  # a later turn used the id again: the earlier call was interrupted
        waiting.append(place)

    def returned(self, place: _Place, result: ToolResult) -> None:
        waiting = self._open.get(result.call_id)
        if not waiting:
            self.orphans.add(place)
            return
        call = waiting.popleft()
        self.results[call] = msgspec.structs.replace(result, call_id=self.ids[call])

    def _unique(self, name: str) -> str:
        """Return `name`, numbered where it was there before: some providers count anew each turn.

        Only what stands before decides, so that a name stays the same as the transcript grows.
        """
        unique = name
        while unique in self._taken:
            self._times[name] = self._times.get(name, 1) + 1
            unique = f"{name}_{self._times[name]}"
        self._taken.add(unique)
        return unique


def paired(turns: Iterable[Turn], losses: list[Loss]) -> Iterator[Turn]:
    """Yield `turns` in order, without empty ones; the results of a turn begin the next one.

    What no call asked for is said as a user's words, and a call that nothing came back for has
    an error for its result: no wire takes a transcript with either.
    """
    joined = _joined(turns)
    matches = _matches(joined)
    return iter(_joined(_placed(joined, matches, losses)))


def _matches(turns: list[Turn]) -> _Matches:
    matches = _Matches()
    for index, turn in enumerate(turns):
        for at, part in enumerate(turn.parts):
            if isinstance(part, ToolCall):
                matches.called(_Place(index, at), part)
            elif isinstance(part, ToolResult):
                matches.returned(_Place(index, at), part)
    return matches


def _placed(turns: list[Turn], matches: _Matches, losses: list[Loss]) -> Iterator[Turn]:
    """Yield each turn without the results in it, and after it the results of its calls."""
    results: tuple[Part, ...] = ()
    for index, turn in enumerate(turns):
        parts = tuple(_left(turn, index, matches, losses))
        if results and parts:
            if turn.role == "user":
                parts = results + parts
            else:
                yield Turn(role="user", parts=results)
            results = ()
        yield Turn(role=turn.role, parts=parts)
        results += tuple(_results(turn, index, matches, losses))
    yield Turn(role="user", parts=results)


def _left(turn: Turn, index: int, matches: _Matches, losses: list[Loss]) -> Iterator[Part]:
    for at, part in enumerate(turn.parts):
        place = _Place(index, at)
        if isinstance(part, ToolCall):
            yield msgspec.structs.replace(part, id=matches.ids[place])
        elif not isinstance(part, ToolResult):
            yield part
        elif place in matches.orphans:
            said = part.parts if turn.role == "user" else ()
            why = (
                "no call asked for it: told as the user's words" if said else "no call asked for it"
            )
            losses.append(Loss(f"turns[{index}].parts[{at}]", "tool_result", why))
            yield from said


def _results(turn: Turn, index: int, matches: _Matches, losses: list[Loss]) -> Iterator[ToolResult]:
    for at, part in enumerate(turn.parts):
        if not isinstance(part, ToolCall):
            continue
        place = _Place(index, at)
        result = matches.results.get(place)
        if result is None:
            losses.append(Loss(f"turns[{index}].parts[{at}]", "tool_result", "the call has none"))
            text = (Text(text=_INTERRUPTED),)
            result = ToolResult(call_id=matches.ids[place], parts=text, is_error=True)
        yield msgspec.structs.replace(result, name=part.name, custom=part.custom)


def _joined(turns: Iterable[Turn]) -> list[Turn]:
    """Return `turns` without empty ones; what the assistant says in a row is one turn."""
    runs: list[Turn] = []
    parts: list[Part] = []
    for turn in turns:
        if turn.role == "assistant":
            parts += turn.parts
        elif turn.parts:
            _close(runs, parts)
            runs.append(turn)
    _close(runs, parts)
    return runs


def _close(runs: list[Turn], parts: list[Part]) -> None:
    if parts:
        runs.append(Turn(role="assistant", parts=tuple(parts)))
        parts.clear()
