"""The real proxy, serving requests while its disk fills, and after there is room again."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import anyio
import httpx
import pytest

from fixtures.engine import FakeProvider
from proxy.ledger.condition import Condition
from proxy.ledger.views import again_if_gone, open_ledger
from proxy.ledger.writing import MIB
from tests.full_disk.on_a_small_disk.disk import (
    LEDGER,
    LONG_NAME,
    condition,
    fill,
    free,
    until_well,
)
from tests.test_serve import Running, running

pytestmark = pytest.mark.anyio


AT_ONCE = 4


class Asked:
    """What was asked of a proxy, and who got an answer."""

    def __init__(self, here: Running) -> None:
        self.here = here
        self.acknowledged: list[str] = []
        self.refused: list[httpx.Response] = []

    async def once(self) -> None:
        answer = await self.here.ask(LONG_NAME)
        if answer.status_code == 503:
            self.refused.append(answer)
            return
        assert (answer.status_code, b"message_stop" in answer.content) == (200, True)
        self.acknowledged.append(answer.headers["x-pointsman-request"])

    async def until(self, reached: Callable[[Condition], bool]) -> Condition:
        """Ask until the ledger is in such a condition."""
        while not reached(found := await condition(self.here)):
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(self.once())
        return found


def rows(ledger: Path) -> Counter[str]:
    """Return how often each request that has ended is in it."""
    with open_ledger(ledger) as connection:
        query = "SELECT request_id::VARCHAR FROM requests WHERE outcome <> 'crashed'"
        return Counter(
            one for (one,) in again_if_gone(lambda: connection.execute(query).fetchall())
        )


def is_in_memory(found: Condition) -> bool:
    return found.waiting >= 10


def in_order(ledger: Path) -> list[str]:
    """Return the ids of requests as their ends stand in the journals."""
    paths = sorted(ledger.glob("journal/*-*.jsonl"))
    lines = [line for path in paths for line in path.read_text().splitlines()]
    ends = [line.partition('"request_id":"')[2] for line in lines if '"request":{' in line]
    return [end.partition('"')[0] for end in ends]


async def test_serving_goes_on_and_what_is_acknowledged_is_there_once(
    place: Path, disk: Path
) -> None:
    with anyio.fail_after(60):
        main = FakeProvider("main")
        async with running(place, main, f'{LEDGER}on_full = "serve"') as here:
            await here.readable()
            asked = Asked(here)
            assert (await asked.until(lambda _: len(asked.acknowledged) >= 4)).ballast_bytes == MIB
            fill(disk)
            assert (await asked.until(lambda found: found.ballast_bytes < MIB)).waiting == 0
            found = await asked.until(lambda found: found.waiting > 0)
            assert (found.ballast_bytes, found.dropped) == (0, 0)
            found = await asked.until(lambda found: found.dropped > 0)
            assert found.last_error == "No space left on device"
            dropped = found.dropped
            free(disk)
            found = await until_well(here)
            assert (found.waiting, found.ballast_bytes, found.dropped) == (0, MIB, dropped)
            await asked.until(lambda _: len(asked.acknowledged) >= len(main.log))
            here.process.terminate()
            _, err = await here.process.communicate()
        found_rows = rows(here.ledger)
        assert set(found_rows.values()) == {1}
        assert set(found_rows) <= set(asked.acknowledged)
        assert len(found_rows) == len(asked.acknowledged) - dropped
        why = f"ledger: {here.ledger} cannot be written (No space left on device): "
        steps = [line for line in err.decode().splitlines() if line.startswith("ledger:")]
        assert [line.removeprefix(why) for line in steps] == [
            "rows go into the 1 MiB that were kept for that; make room",
            "rows wait in memory, at most 1 MiB of them; make room",
            "memory for rows is used up, and requests are served without a row; make room",
            f"ledger: {here.ledger} is written again; {dropped} requests have no row",
        ]


async def test_nobody_is_served_without_a_row_if_that_was_chosen(place: Path, disk: Path) -> None:
    with anyio.fail_after(60):
        main = FakeProvider("main")
        async with running(place, main, f'{LEDGER}on_full = "refuse"') as here:
            await here.readable()
            asked = Asked(here)
            fill(disk)
            await asked.until(lambda found: found.refused > 0)
            assert len(main.log) == len(asked.acknowledged)  # who is refused costs nothing
            said = asked.refused[0].json()["error"]["message"]
            assert said.startswith("The proxy cannot write its ledger (No space left on device)")
            free(disk)
            found = await until_well(here)
            assert found.dropped == 0
            before = len(asked.acknowledged)
            await asked.once()
            assert len(asked.acknowledged) == before + 1
            assert (await condition(here)).dropped == 0  # and the last row is written by now
            journal = in_order(here.ledger)
            here.process.terminate()
            await here.process.wait()
        assert rows(here.ledger) == Counter(asked.acknowledged)
        assert Counter(journal) == Counter(asked.acknowledged)


async def test_kill_9_costs_what_was_in_memory_and_nothing_more(place: Path, disk: Path) -> None:
    with anyio.fail_after(60):
        async with running(place, FakeProvider("main"), LEDGER) as here:
            await here.readable()
            asked = Asked(here)
            fill(disk)
            await asked.until(lambda found: found.ballast_bytes < MIB // 2)
            here.process.send_signal(signal.SIGKILL)
            await here.process.wait()
        async with running(place, FakeProvider("main"), LEDGER) as here:  # it is still full
            again = Asked(here)
            again.acknowledged = asked.acknowledged
            found = await again.until(is_in_memory)
            here.process.send_signal(signal.SIGKILL)
            await here.process.wait()
        free(disk)
        async with running(place, FakeProvider("main"), LEDGER) as here:
            await here.ask()
            here.process.terminate()
            await here.process.wait()
        found_rows = rows(here.ledger)
        assert set(found_rows.values()) == {1}
        lost = [one for one in again.acknowledged if one not in found_rows]
        assert len(lost) == found.waiting
        # Of those asked at once, one may be answered first whose row is written last.
        assert set(lost) <= set(again.acknowledged[-(found.waiting + AT_ONCE) :])


async def test_a_disk_without_any_room_is_told_at_the_start(place: Path, disk: Path) -> None:
    with anyio.fail_after(60):
        async with running(place, FakeProvider("main"), "ballast_mib = 0") as here:
            await here.readable()
            here.process.terminate()
            await here.process.wait()
        fill(disk)
        async with running(place, FakeProvider("main"), "ballast_mib = 0") as here:
            _, err = await here.process.communicate()
        assert here.process.returncode == 2
        (line,) = err.decode().splitlines()
        assert "cannot be written (No space left on device" in line
        assert line.endswith("make room on its disk, or set another folder")
