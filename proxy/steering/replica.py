"""What several processes know together, as each of them has it: pure.

Everybody tells everything it learns to one log, which puts it in an order and tells it to all. What
the log has told is `agreed`: it is the same for all who have heard as much. What is our own and on
its way (`pending`) is believed meanwhile and folded after it, so that nobody waits for the log; and
if it is away, what is pending is told when it is back.

Who gets what only one may have (to be a probe, a seat, a try of an activation) is decided by the
place of the wish in that order, the same way everywhere: the log decides nothing itself.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from proxy.routing import board as boards
from proxy.steering import fold
from proxy.steering.events import Began, Event, Gone, Ground, Over
from proxy.steering.memory import Memory

MAX_PENDING: Final = 2048  # while the log is away; older ones the others never hear of


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What one process tells: its `n`th event, counted from 1; 0 is not counted."""

    member: str
    n: int
    event: Event


class Held(msgspec.Struct, frozen=True, array_like=True):
    """An attempt that has what only one or a few may have, and whose it is."""

    member: str
    account: str
    is_seated: bool


class Shared(msgspec.Struct, frozen=True):
    """What is known together.

    Attributes:
        memory: What was learnt.
        held: By id of the attempt.
        seen: How many events of each process are in it: one that is told twice counts once.
    """

    memory: Memory = Memory()
    held: Mapping[str, Held] = {}
    seen: Mapping[str, int] = {}

    def seats_taken(self, account: str) -> int:
        """Return how many attempts have a seat at one credential."""
        return sum(one.is_seated and one.account == account for one in self.held.values())


def after(shared: Shared, line: Line, here: Ground) -> Shared:
    """Return what is known after `line`."""
    if line.n and line.n <= shared.seen.get(line.member, 0):
        return shared
    change = msgspec.structs.replace
    if line.n:
        shared = change(shared, seen={**shared.seen, line.member: line.n})
    match line.event:
        case Began() as event:
            if not _admitted(shared, event, here):
                return shared
            seated = Held(line.member, event.whom.account, event.seats is not None)
            memory = fold.after(shared.memory, event, here)
            return change(shared, memory=memory, held={**shared.held, event.attempt_id: seated})
        case Over(attempt_id=ended):
            return _without(shared, {ended})
        case Gone(member=gone):
            lost = {name for name, one in shared.held.items() if one.member == gone}
            seen = {name: n for name, n in shared.seen.items() if name != gone}
            return change(_without(shared, lost), seen=seen)
        case event:
            return change(shared, memory=fold.after(shared.memory, event, here))


def _admitted(shared: Shared, event: Began, here: Ground) -> bool:
    """Say whether an attempt that wants to be a probe or to have a seat may begin."""
    if event.seats is not None and shared.seats_taken(event.whom.account) >= event.seats:
        return False
    target = here.target(event.whom)
    if target is None or not event.probes:
        return True
    return boards.admits(shared.memory.board, target, event.at_us).state != "no"


def _without(shared: Shared, attempt_ids: Collection[str]) -> Shared:
    """Return what is known once these attempts are over: none of them is a probe any more."""
    board = boards.abandoned(shared.memory.board, attempt_ids)
    held = {name: one for name, one in shared.held.items() if name not in attempt_ids}
    memory = fold.on_board(shared.memory, board)
    return msgspec.structs.replace(shared, memory=memory, held=held)


@dataclass(frozen=True, slots=True)
class _Pending:
    line: Line
    view: Shared  # what is known after it and all before it


class Replica:
    """What is known together, as the process called `member` has it.

    Attributes:
        agreed: What the log has told.
        view: That, and what is our own and pending: decisions are made by it.
    """

    def __init__(self, member: str, memory: Memory, here: Ground) -> None:
        self.member = member
        self.agreed = self.view = Shared(memory)
        self._here = here
        self._n = 0
        self._pending: deque[_Pending] = deque()

    @property
    def pending(self) -> tuple[Line, ...]:
        """What is our own and was not told by the log yet, oldest first."""
        return tuple(one.line for one in self._pending)

    @property
    def told(self) -> int:
        """How many events are our own."""
        return self._n

    @property
    def oldest(self) -> int | None:
        """The number of the oldest one that is pending; `None` if none is."""
        return self._pending[0].line.n if self._pending else None

    def own(self, event: Event) -> Line | None:
        """Learn something; return what to tell the others, `None` if it says nothing new."""
        line = Line(self.member, self._n + 1, event)
        view = after(self.view, line, self._here)
        is_same = view.memory is self.view.memory and view.held is self.view.held
        if is_same and not isinstance(event, Began):
            return None
        self._n += 1
        self.view = view
        self._pending.append(_Pending(line, view))
        if len(self._pending) > MAX_PENDING:
            self.agreed = self._pending.popleft().view
        return line

    def heard(self, lines: Iterable[Line]) -> None:
        """Take what the log tells, in its order."""
        is_other = False
        for line in lines:
            is_own = bool(self._pending) and line.member == self.member
            if is_own and not is_other and self._pending[0].line.n == line.n:
                self.agreed = self._pending.popleft().view  # as it was foreseen
                continue
            is_other = True
            self.agreed = after(self.agreed, line, self._here)
            if is_own:
                self._forget_told()
        if is_other:
            self._fold_again()

    def restored(self, shared: Shared) -> None:
        """Go on from what the log says is known together, with what is pending after it."""
        self.agreed = shared
        self._forget_told()
        self._fold_again()

    def rebased(self, change: Callable[[Memory], Memory], here: Ground) -> None:
        """Go on with another configuration, after `change` to what was learnt."""
        self._here = here
        self.agreed = msgspec.structs.replace(self.agreed, memory=change(self.agreed.memory))
        self._fold_again()

    def _forget_told(self) -> None:
        told = self.agreed.seen.get(self.member, 0)
        while self._pending and self._pending[0].line.n <= told:
            self._pending.popleft()

    def _fold_again(self) -> None:
        view = self.agreed
        for number, one in enumerate(self._pending):
            view = after(view, one.line, self._here)
            self._pending[number] = _Pending(one.line, view)
        self.view = view
