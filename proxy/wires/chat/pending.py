"""Calls of a stream, put together from deltas of many servers' habits."""

from collections.abc import Iterator

from proxy.canonical.answer import Began, Ended, Event, Piece
from proxy.canonical.parts import ToolCall
from proxy.wires.chat.calls import arguments_of, derived_id
from proxy.wires.chat.conversation import CallJson


class Pending:
    """A call as far as it is known; `index` is its part's, once it has begun."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.index: int | None = None
        self.id: str | None = None
        self.name: str | None = None
        self.custom = False
        self.held: list[str] = []  # arguments that came before the name


class Calls:
    """The calls of one answer.

    They are told apart by `index`; by id where a server gives none, or the same to all.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self._by_index: dict[int, Pending] = {}
        self._by_id: dict[str, Pending] = {}
        self._all: list[Pending] = []

    @property
    def any_began(self) -> bool:
        """Whether a tool was called."""
        return any(call.index is not None for call in self._all)

    @property
    def nameless(self) -> list[int]:
        """The positions of those that never had a name, and are no calls."""
        return [call.position for call in self._all if call.index is None]

    def feed(self, delta: CallJson, answer_id: str | None) -> list[Event]:
        """Return what `delta` adds; ids and names that are repeated add nothing."""
        call = self._find(delta)
        name, text = _name_and_text(delta)
        call.custom = call.custom or delta.custom is not None
        call.name = call.name or name
        if delta.id and call.id is None:
            call.id = delta.id
            self._by_id[delta.id] = call
        if call.name is None:
            call.held += [text] if text else []
            return []
        return [*self._begin(call, answer_id), *self._pieces(call, text)]

    def finish(self) -> list[Event]:
        """Return the ends of all calls; one that never had a name is none."""
        return [Ended(call.index) for call in self._all if call.index is not None]

    def _find(self, delta: CallJson) -> Pending:
        name, _ = _name_and_text(delta)
        if delta.index is None:
            found = self._by_id.get(delta.id or "")
            if found is None and not delta.id and not name and self._all:
                found = self._all[-1]
            return found or self._add(None)
        found = self._by_index.get(delta.index)
        if found is None:
            return self._add(delta.index)
        if delta.id and found.id and delta.id != found.id and name:
            return self._by_id.get(delta.id) or self._add(delta.index)
        return found

    def _add(self, index: int | None) -> Pending:
        call = Pending(len(self._all))
        self._all.append(call)
        if index is not None:
            self._by_index[index] = call
        return call

    def _begin(self, call: Pending, answer_id: str | None) -> list[Event]:
        if call.index is not None:
            return []
        call.index = next(self._numbers)
        name = call.id or derived_id(answer_id, call.position)
        part = ToolCall(id=name, name=call.name or "", arguments="", custom=call.custom)
        return [Began(index=call.index, part=part)]

    def _pieces(self, call: Pending, text: str) -> list[Event]:
        pieces = [*call.held, text]
        call.held = []
        index = call.index
        return [] if index is None else [Piece(index=index, text=one) for one in pieces if one]


def _name_and_text(delta: CallJson) -> tuple[str | None, str]:
    """Return the tool's name, if it is in `delta`, and a piece of the arguments."""
    if delta.custom is not None:
        return delta.custom.name or None, delta.custom.input or ""
    if delta.function is None:
        return None, ""
    return delta.function.name or None, arguments_of(delta.function.arguments)
