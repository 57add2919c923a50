"""One worker among others: tells the log what it learns, and takes from it what they do.

Nothing of a request waits for the log, but for the wish to be a probe or to have a seat, and that
not longer than `CLAIM_S`. Where the log is away, the worker decides by what it learns itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec

from proxy.clock import World
from proxy.commands import SharingState, WorkerState
from proxy.sharing.link import Link
from proxy.sharing.notices import Called, Notice, Reload, Reported
from proxy.steering import Steering
from proxy.steering.events import Content, Counted, Event, Gone, Heard, Learned, Stayed, Used
from proxy.steering.memory import VERSION
from proxy.steering.replica import Line, Replica, Shared

CLAIM_S: Final = 0.25  # to wait for the order of a wish
_SLICES: Final = 5
PATIENT_S: Final = 0.005  # what nobody waits for is told together with what comes after it
LATE_S: Final = 1.0  # from then on a log that does not answer is a problem
ANSWER_S: Final = 0.5  # for the others to say how they are
RELOAD_S: Final = 3.0  # for them to read their configuration
BEAT_S: Final = 1.0
REPORT_S: Final = 5.0
LOST_S: Final = 20.0  # without a word from a worker, until it counts as gone

_PATIENT: Final = (Content, Counted, Heard, Learned, Stayed, Used)

_line = msgspec.json.Decoder(Line)
_notice = msgspec.json.Decoder(Notice)
_shared = msgspec.json.Decoder(Shared)


@dataclass(frozen=True, slots=True)
class Own:
    """This worker to the others: its name, how it is, and what it does when they ask for it."""

    member: str
    number: int  # on its host; 0 speaks for all
    state: Callable[[], WorkerState]
    reload: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class _Round:
    """A question to all: who has answered."""

    nonce: str
    answered: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Peering:
    """This worker's part of what all know together."""

    def __init__(self, steering: Steering, link: Link, own: Own, world: World) -> None:
        self.replica = Replica(own.member, steering.memory, steering.ground)
        self._steering = steering
        self._link = link
        self._own = own
        self._world = world
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._members: dict[str, WorkerState] = {}
        self._heard_us: dict[str, int] = {}
        self._progress_us = 0  # when the log last told anything of our own
        self._round: _Round | None = None
        self._asking = asyncio.Lock()
        self._group: asyncio.TaskGroup | None = None
        self._based: Shared | None = None
        self._lefts = 0
        self._is_slow = False
        self._unsent: list[Line] = []
        self._sending: asyncio.TimerHandle | None = None
        steering.share(self)

    @property
    def problem(self) -> str | None:
        """Why nobody else is heard, or only late; `None` if all is well."""
        late_s = self._late_s()
        if self._link.problem is None and (late_s > LATE_S or self._is_slow):
            return (
                f"{self._link.place} has not answered for {late_s:.1f} s: "
                "each worker decides by what it learns itself"
            )
        return self._link.problem

    def tell(self, line: Line) -> None:
        """Tell the others something, without a wait."""
        if self.replica.oldest == line.n:
            self._progress_us = self._world.tick_us()
        self._unsent.append(line)
        if not isinstance(line.event, _PATIENT) or _is_failure(line.event):
            self._send()
        elif self._sending is None:
            self._sending = asyncio.get_running_loop().call_later(PATIENT_S, self._send)

    async def agreed(self) -> None:
        """Wait until all that was told has its place in the order; no longer than `CLAIM_S`.

        It is waited in slices: one that took long because this process was busy is but one.
        """
        if self._link.problem is not None or self._is_slow or self.replica.oldest is None:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((self.replica.told, future))
        for _ in range(_SLICES):
            await asyncio.wait((future,), timeout=CLAIM_S / _SLICES)
            if future.done():
                return
        self._is_slow = True  # nobody waits again before it has answered

    async def settled(self) -> None:
        """Wait, not for long, until all others have taken what was told: for a person's orders."""
        await self.agreed()
        if self.problem is None:
            await self._ask(Called, ANSWER_S)

    def joined(self, base: bytes | None) -> bytes | None:
        """Begin with what is known; a newcomer alone brings what it knows."""
        known = None if base is None else _known(base)
        if known is None:
            return msgspec.json.encode(self.replica.agreed)
        self.replica.restored(known)
        self._steering.retold()
        return None

    def heard(self, lines: Sequence[bytes]) -> None:
        """Take what was told, our own included."""
        found = [line for line in map(_decoded, lines) if line is not None]
        self.replica.heard(found)
        self._steering.retold(found)
        for line in found:
            if isinstance(line.event, Gone):
                self._members.pop(line.event.member, None)
        self._settle()

    def noticed(self, notice: bytes) -> None:
        """Take what was called."""
        try:
            called = _notice.decode(notice)
        except msgspec.DecodeError:
            return  # of another version
        match called:
            case Called(nonce=nonce):
                self._report(nonce)
            case Reported():
                self._members[called.member] = called.state
                self._heard_us[called.member] = self._world.tick_us()
                if self._round is not None and called.nonce == self._round.nonce:
                    self._round.answered.add(called.member)
                    self._round.changed.set()
            case Reload() if called.member != self.replica.member:
                self._reload(called)

    def live(self) -> Sequence[bytes]:
        """Say what is pending, and how we are."""
        self._progress_us = self._world.tick_us()
        self._unsent = []  # all of it is pending
        self._report(None)
        self._link.call(msgspec.json.encode(Called("")))
        return [msgspec.json.encode(line) for line in self.replica.pending]

    def left(self) -> None:
        """Go on alone."""
        self._members.clear()
        self._lefts += 1
        self._settle()

    async def status(self) -> SharingState:
        """Return how all are at this moment."""
        silent: Collection[str] = set(self._members)
        if self.problem is None:
            silent = await self._ask(Called, ANSWER_S)
        own = self._own.state()
        states = {**self._members, self.replica.member: own}
        found = sorted(states.items(), key=lambda one: (one[1].host, one[1].number, one[1].pid))
        return SharingState(
            through=self._link.place,
            pid=own.pid,
            problem=self.problem,
            workers=tuple(state for _, state in found),
            silent=tuple(
                number
                for number, (member, _) in enumerate(found)
                if member in silent and member != self.replica.member
            ),
        )

    async def reload(self) -> None:
        """Have the others on this host read their configuration."""
        if self.problem is None:
            host, member = self._own.state().host, self.replica.member
            others = {name for name, one in self._members.items() if one.host == host}
            await self._ask(lambda nonce: Reload(nonce, host, member), RELOAD_S, others - {member})

    async def run(self) -> None:
        """Tell and hear until cancelled."""
        async with asyncio.TaskGroup() as self._group:
            self._group.create_task(self._link.run(self))
            beats = 0
            while True:
                await asyncio.sleep(BEAT_S)
                beats += 1
                await self._base()
                if beats % round(REPORT_S / BEAT_S) == 0:
                    self._report(None)
                    self._bury()

    async def _base(self) -> None:
        """Say from time to time what is known: who comes begins with that."""
        agreed, seq, lefts = self.replica.agreed, self._link.seq, self._lefts
        if self._own.number or self._link.problem is not None or agreed is self._based:
            return
        known = await asyncio.to_thread(msgspec.json.encode, agreed)
        if lefts == self._lefts:  # or `seq` is of another log
            self._link.base(seq, known)
            self._based = agreed

    async def _ask(
        self,
        question: Callable[[str], Called | Reload],
        patience_s: float,
        of: Collection[str] | None = None,
    ) -> Collection[str]:
        """Ask `of` (everybody, if that is `None`); return who has not answered."""
        async with self._asking:
            asked = self._round = _Round(self._world.new_id())
            self._link.call(msgspec.json.encode(question(asked.nonce)))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    while not asked.answered.issuperset(self._members if of is None else of):
                        asked.changed.clear()
                        await asked.changed.wait()
            self._round = None
            return set(self._members if of is None else of) - asked.answered

    def _report(self, nonce: str | None) -> None:
        reported = Reported(self.replica.member, self._own.state(), nonce or None)
        self._link.call(msgspec.json.encode(reported))

    def _reload(self, order: Reload) -> None:
        if self._group is not None and order.host == self._own.state().host:
            self._group.create_task(self._reloaded(order.nonce))

    async def _reloaded(self, nonce: str) -> None:
        await self._own.reload()
        self._report(nonce)

    def _send(self) -> None:
        """Tell what was not told yet, in order."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        unsent, self._unsent = self._unsent, []
        for line in unsent:
            self._link.tell(msgspec.json.encode(line))

    def _bury(self) -> None:
        """Let all know of who has not been heard of for long; the hub does that by itself."""
        now_us = self._world.tick_us()
        lost = [one for one in self._members if now_us - self._heard_us[one] > LOST_S * 1e6]
        for member in lost:
            if member != self.replica.member:
                self._link.tell(gone(member))

    def _late_s(self) -> float:
        if self.replica.oldest is None:
            return 0.0
        return (self._world.tick_us() - self._progress_us) / 1e6

    def _settle(self) -> None:
        """Let those go on whose wish has its place by now, or will not get one."""
        self._progress_us, self._is_slow = self._world.tick_us(), False
        first = self.replica.oldest if self._link.problem is None else None
        while self._waiting and (first is None or self._waiting[0][0] < first):
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)


def gone(member: str) -> bytes:
    """Return what the log is to have once this worker is gone."""
    return msgspec.json.encode(Line("", 0, Gone(member=member)))


def _is_failure(event: Event) -> bool:
    """Say whether others should know of it at once."""
    return isinstance(event, Learned) and event.failure is not None


def _known(base: bytes) -> Shared | None:
    """Return what is known together; `None` if another version said so."""
    try:
        known = _shared.decode(base)
    except msgspec.DecodeError:
        return None
    return known if known.memory.version == VERSION else None


def _decoded(line: bytes) -> Line | None:
    """Return a line of the log; `None` if it is of another version."""
    try:
        return _line.decode(line)
    except msgspec.DecodeError:
        return None
