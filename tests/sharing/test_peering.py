"""What a worker does with a log that answers, answers late, or does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import msgspec
import pytest

from proxy.clock import REAL
from proxy.commands import WorkerState
from proxy.routing.health import BREAKER_RULES
from proxy.routing.seats import Seats
from proxy.routing.types import Outcome
from proxy.sharing.link import Ear
from proxy.sharing.peering import CLAIM_S, Own, Peering
from proxy.steering import Memory, Steering
from proxy.steering.replica import Line, Shared
from tests.steering.network import MAIN, WISH, network

pytestmark = pytest.mark.anyio
ASKED = replace(MAIN, model="m")


@dataclass
class Log:
    """A link whose log answers when it is told to."""

    place: str = "the log"
    problem: str | None = None
    seq: str = "0"
    answers: bool = True
    told: list[bytes] = field(default_factory=list)
    ear: Ear | None = None

    def tell(self, line: bytes) -> None:
        self.told.append(line)
        if self.answers and self.ear is not None:
            asyncio.get_running_loop().call_soon(self.ear.heard, [line])

    def call(self, notice: bytes) -> None: ...
    def base(self, seq: str, known: bytes) -> None: ...
    async def run(self, ear: Ear) -> None: ...

    def kinds(self) -> list[str]:
        events = (msgspec.json.decode(line)[2] for line in self.told)
        return [event["is"] for event in events]


@dataclass
class Scene:
    log: Log
    steering: Steering
    peering: Peering

    async def claims(self, attempt_id: str) -> bool:
        queue = self.steering.network.queues["claude"]
        return await self.steering.claimed(queue, "claude", ASKED, attempt_id)

    async def took_s(self, attempt_id: str) -> float:
        began = asyncio.get_running_loop().time()
        assert await self.claims(attempt_id)
        return asyncio.get_running_loop().time() - began


def _unused() -> WorkerState:
    raise AssertionError("nobody asks")


async def _nothing() -> None: ...


@asynccontextmanager
async def scene(seats: int = 9) -> AsyncIterator[Scene]:
    made = network()
    queue = made.queues["claude"]
    limited = tuple(replace(one, seats=Seats(seats)) for one in queue.candidates)
    queues = {"claude": replace(queue, candidates=limited)}
    steering, log = Steering(replace(made, queues=queues), REAL), Log()
    peering = Peering(steering, log, Own("me", 0, _unused, _nothing), REAL)
    log.ear = peering
    yield Scene(log, steering, peering)


async def test_a_wish_waits_for_its_place_and_no_longer_than_it_takes() -> None:
    async with scene() as here:
        assert await here.took_s("a") < CLAIM_S / 2
        assert "a" in here.peering.replica.agreed.held


async def test_of_a_log_that_is_silent_nobody_waits_twice() -> None:
    async with scene() as here:
        here.log.answers = False
        assert CLAIM_S * 0.9 < await here.took_s("a") < CLAIM_S * 4
        assert await here.took_s("b") < CLAIM_S / 2
        assert here.peering.problem is not None
        assert here.peering.problem.startswith("the log has not answered for ")
        here.log.answers = True
        here.peering.heard(here.log.told)
        assert here.peering.problem is None
        assert await here.took_s("c") < CLAIM_S / 2


async def test_of_a_log_that_is_away_nobody_waits_at_all() -> None:
    async with scene() as here:
        here.log.problem, here.log.answers = "away", False
        assert await here.took_s("a") < CLAIM_S / 2


async def test_who_comes_second_in_the_order_is_told_no() -> None:
    async with scene(seats=1) as here:
        here.log.answers = False
        async with asyncio.TaskGroup() as group:
            wish = group.create_task(here.claims("mine"))
            await asyncio.sleep(0.01)
            line = msgspec.json.decode(here.log.told[0], type=Line)
            theirs = msgspec.structs.replace(line.event, attempt_id="theirs")
            first = msgspec.json.encode(Line("them", 1, theirs))
            here.peering.heard([first, here.log.told[0]])
        assert not wish.result()
        assert set(here.peering.replica.view.held) == {"theirs"}


async def test_who_hangs_up_while_it_waits_gives_its_place_back() -> None:
    async with scene() as here:
        here.log.answers = False
        wish = asyncio.ensure_future(here.claims("a"))
        await asyncio.sleep(0.01)
        wish.cancel()
        await asyncio.wait((wish,))
        assert here.log.kinds() == ["began", "over"]
        assert here.peering.replica.view.held == {}


async def test_what_nobody_waits_for_is_told_together_and_a_failure_at_once() -> None:
    async with scene() as here:
        queue = here.steering.network.queues["claude"]
        here.steering.counted(queue, WISH)
        here.steering.content(ASKED, 12.0)
        assert here.log.kinds() == []
        here.steering.learned("claude", Outcome(ASKED, failure="server_error"))
        assert here.log.kinds() == ["counted", "content", "learned"]
        here.steering.counted(queue, WISH)
        await asyncio.sleep(0.05)
        assert here.log.kinds() == ["counted", "content", "learned", "counted"]


async def test_all_that_is_pending_is_told_when_the_log_is_back() -> None:
    async with scene() as here:
        here.log.problem, here.log.answers = "away", False
        for _ in range(BREAKER_RULES["claude"].failures):
            here.steering.learned("claude", Outcome(ASKED, failure="server_error"))
        known = msgspec.json.encode(Shared(Memory(turns={"claude": 7})))
        assert here.peering.joined(known) is None
        assert here.steering.memory.turns == {"claude": 7}
        assert not here.steering.admits(ASKED)  # what was learnt meanwhile comes after it


@pytest.mark.parametrize(
    "base",
    [
        pytest.param(b'{"memory":{"version":99}}', id="another version"),
        pytest.param(b"[]", id="damaged"),
    ],
)
async def test_what_cannot_be_understood_is_no_beginning(base: bytes) -> None:
    async with scene() as here:
        own = here.peering.joined(base)
        assert own is not None
        assert msgspec.json.decode(own, type=Shared) == Shared()
        lines: Sequence[bytes] = [b"[]", b'["x",1,{"is":"unheard of"}]']
        here.peering.heard(lines)
        here.peering.noticed(b"{}")
        assert here.steering.memory == Memory()
