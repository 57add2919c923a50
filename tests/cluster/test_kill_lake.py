"""Workers and converters of two hosts are killed; each row is in the shared ledger once."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from proxy.ledger.asking import again_if_gone
from proxy.ledger.lake.address import Lake, Shared
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger
from tests.cluster.hosts import Worker, converter, kills, sharer
from tests.cluster.servers import wait_until
from tests.ledger.entries import RECEIVED_US, request_id

HOST_SPAN, KILL_SPAN = 1_000_000_000, 100_000
A_ROUND = 4  # kills: a worker and a converter on each of two hosts
LONGEST_S = 2.0
BEFORE_A_KILL = 20
PAUSE_S = 0.05  # two readers without one would take both cores

# One scan for each view: rows that come between two would be in the second alone.
ALL = f"""SELECT
(SELECT (count(*), count(DISTINCT request_id), count(*) FILTER (outcome = 'whole'),
 count(*) FILTER (outcome = 'whole' AND epoch_us(received_at) < {RECEIVED_US + HOST_SPAN}))
 FROM requests),
(SELECT (count(*), count(DISTINCT (request_id, attempt_no))) FROM attempts)"""  # noqa: S608  # ours


@dataclass
class Known:
    """What the workers of each host have acknowledged."""

    done: list[set[int]] = field(default_factory=lambda: [set(), set()])
    now: list[Worker | None] = field(default_factory=lambda: [None, None])

    def count(self, host: int) -> int:
        worker = self.now[host]
        return len(self.done[host]) + (0 if worker is None else len(worker.acknowledged))

    def is_at_work(self, host: int) -> bool:
        return self.count(host) > len(self.done[host]) + BEFORE_A_KILL


class Reader(threading.Thread):
    """Asks all the time, and keeps every answer that is wrong."""

    def __init__(self, shared: Shared, known: Known) -> None:
        super().__init__()
        self.wrong: list[object] = []
        self.asked = 0
        self._shared, self._known = shared, known
        self._over = threading.Event()
        self._seen = 0

    def run(self) -> None:
        with open_ledger(self._shared) as connection:
            while not self._over.wait(PAUSE_S):
                least = self._known.count(0) if self._shared.folder is not None else 0
                found = again_if_gone(lambda: connection.execute(ALL).fetchone())
                assert found is not None
                self.asked += 1
                if not self._is_right(found, least):
                    self.wrong.append((found, least, self._seen))
                self._seen = found[0][0]

    def _is_right(self, found: tuple[tuple[int, ...], tuple[int, ...]], least: int) -> bool:
        (rows, distinct, whole, of_here), (attempts, distinct_attempts) = found
        once = rows == distinct and attempts == distinct_attempts
        if self._shared.folder is None:  # one state of the catalog: requests come with attempts
            return once and attempts == 2 * whole and rows >= self._seen
        return once and of_here >= least

    def stop(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def readers(lake: Lake, here: Path, known: Known) -> Iterator[list[Reader]]:
    found = [Reader(Shared(lake), known), Reader(Shared(lake, here), known)]
    for reader in found:
        reader.start()
    try:
        yield found
    finally:
        for reader in found:
            reader.stop()


def a_round(roots: list[Path], lake: Lake, number: int, known: Known) -> None:
    """Run both hosts for a while of chance, and kill all four processes, at moments of chance."""
    chance = random.Random(number)  # noqa: S311  # no secret
    with ExitStack() as stack:
        for root in roots:
            stack.enter_context(converter(root, lake, "--interval-s", "0.05"))
        for host, root in enumerate(roots):
            known.now[host] = Worker(root, host * HOST_SPAN + number * KILL_SPAN)
        wait_until(lambda: all(known.is_at_work(host) for host in (0, 1)))
        time.sleep(chance.uniform(0.3, LONGEST_S))
        for host in (0, 1):
            worker = known.now[host]
            assert worker is not None
            acknowledged = worker.kill()
            known.now[host] = None
            known.done[host] |= set(acknowledged)
            time.sleep(chance.uniform(0, 0.3))


def test_what_was_acknowledged_is_there_once(tmp_path: Path, lake: Lake) -> None:
    roots = [tmp_path / "one", tmp_path / "other"]
    hosts = [sharer(root, lake) for root in roots]
    assert [host.turn() for host in hosts] == [[], []]  # the tables are there
    known = Known()
    rounds = -(-kills(32) // A_ROUND)
    with readers(lake, roots[0], known) as asking:
        for number in range(rounds):
            a_round(roots, lake, number, known)
    assert [reader.wrong for reader in asking] == [[], []]
    assert min(reader.asked for reader in asking) > rounds
    for host in hosts:
        host.let_go()
        assert host.turn() == []
    check_the_end(lake, known, rounds)
    for root in roots:
        wait_until(lambda root=root: list(problems(Shared(lake, root))) == [])  # type: ignore[misc]


def check_the_end(lake: Lake, known: Known, rounds: int) -> None:
    """Every one is there once; so are those in flight: one begun long ago, and one at the kill."""
    acknowledged = {request_id(number) for host in known.done for number in host}
    with open_ledger(Shared(lake)) as connection:
        rows = connection.execute("SELECT request_id::VARCHAR, outcome FROM requests").fetchall()
        names = _journals(connection)
    ids = [one for one, _ in rows]
    assert len(ids) == len(set(ids))
    assert acknowledged <= {one for one, outcome in rows if outcome == "whole"}
    assert len(acknowledged) > rounds * 2 * BEFORE_A_KILL
    crashed = {one for one, outcome in rows if outcome == "crashed"}
    begun = {
        request_id(host * HOST_SPAN + number * KILL_SPAN)
        for host in (0, 1)
        for number in range(rounds)
        if known.done[host] & set(range(*_span(host, number)))
    }
    assert begun <= crashed
    assert len(names) == len(set(names))


def _span(host: int, number: int) -> tuple[int, int]:
    first = host * HOST_SPAN + number * KILL_SPAN
    return first, first + KILL_SPAN


def _journals(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT journal FROM lake.main.journals").fetchall()
    return [name for (name,) in found]
