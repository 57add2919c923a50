"""Whoever compacts is killed again and again; readers see each row once, at every moment."""

import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from proxy.ledger import commits
from proxy.ledger.bodies.reading import Shelf, shelves
from proxy.ledger.bodies.segment import Segment
from proxy.ledger.commits import FENCE_US
from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.forget import Whose, forget
from proxy.ledger.keep import Keep
from proxy.ledger.prune import prune
from proxy.ledger.verify import problems
from proxy.ledger.views import again_if_gone, open_ledger, prepare
from proxy.record import Entry
from proxy.record.bodies import Body, BodyRow
from tests.ledger.entries import convert_after_the_grace, journal, request_id
from tests.ledger.test_compact import on, put, seen
from tests.ledger.test_kill import running, wait_for_a_commit

KILLS, DAYS = 30, 10

# A fork is there at once, where a new process would first import for a second.
KILLED = """
import os, random, signal, sys
from pathlib import Path
from proxy.clock import REAL
from proxy.ledger.compact import compact
from proxy.ledger.folder import folder_at
from proxy.ledger.forget import Whose, forget
from proxy.ledger.keep import Keep
from proxy.ledger.parts import today
from proxy.ledger.prune import prune
from tests.ledger.test_compact import DAY
def prune_day_by_day(folder):
    newest = (today(REAL.wall_us()) - DAY).days
    days = int(sys.argv[3])
    for age in range(newest + random.randint(days // 2, days), newest - 2, -1):
        prune(folder, Keep(days=max(1, age)))
def forget_one(folder):
    forget(folder, Whose(session=f"session {random.randint(1, int(sys.argv[3]))}"))
work = {"compact": compact, "prune": prune_day_by_day, "forget": forget_one}[sys.argv[2]]
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        os.write(1, b"%d\\n" % os.getpid())
        work(folder_at(Path(sys.argv[1])))
        signal.pause()
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


class Reader(threading.Thread):
    """Asks all the time, and keeps every answer that is not `right`."""

    def __init__(self, root: Path, query: str, right: tuple[object, ...]) -> None:
        super().__init__()
        self.wrong: list[object] = []
        self.asked = 0
        self._stop_asking = threading.Event()
        self._root, self._query, self._right = root, query, right

    def run(self) -> None:
        with open_ledger(self._root) as connection:
            while not self._stop_asking.is_set():
                found = again_if_gone(lambda: connection.execute(self._query).fetchone())
                self.asked += 1
                if found != self._right:
                    self.wrong.append(found)

    def stop(self) -> None:
        self._stop_asking.set()
        self.join()


@contextmanager
def reading(root: Path, query: str) -> Iterator[Reader]:
    with open_ledger(root) as connection:
        right = connection.execute(query).fetchone()
    assert right is not None
    reader = Reader(root, query, right)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()


EVERY_ROW = """SELECT
(SELECT (count(*), count(DISTINCT request_id), sum(total_us)) FROM requests),
(SELECT (count(*), count(DISTINCT (request_id, attempt_no)), sum(sent_bytes)) FROM attempts)"""


def kill_again_and_again(work: str, root: Path, longest_s: float) -> None:
    """Begin some work, and kill it at a moment of chance, many times over."""
    chance = random.Random(1)  # noqa: S311  # no secret
    path = root / "commits.jsonl"
    before = path.stat().st_size
    with running("-c", KILLED, str(root), work, str(DAYS)) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        for kill in range(KILLS):
            parent.stdin.write(b"\n")
            parent.stdin.flush()
            victim = int(parent.stdout.readline())
            time.sleep(chance.uniform(0, longest_s))
            if kill == KILLS - 1 and path.stat().st_size == before:
                wait_for_a_commit(root)  # a slow machine: none of them had come so far
            os.kill(victim, signal.SIGKILL)
            assert parent.stdout.readline() == b"gone\n"


def test_compaction_loses_and_doubles_nothing(tmp_path: Path) -> None:
    prepare(tmp_path)
    folder = folder_at(tmp_path)
    for number in range(2 * DAYS):
        put(folder, on(-(number // 2), number))
    convert_after_the_grace(folder)  # removes the journals
    with reading(tmp_path, EVERY_ROW) as reader:
        kill_again_and_again("compact", tmp_path, longest_s=0.25)
        time.sleep(FENCE_US / 1e6 + 0.2)  # until what was done counts
    assert reader.wrong == []
    assert reader.asked > 10
    assert commits.read(folder.commits)[2 * DAYS :]  # some of it was done
    assert compact(folder) == []
    assert list(problems(tmp_path)) == []
    live = commits.standing(commits.read(folder.commits)).rows
    assert [rows for name, rows in live.items() if name.startswith("requests")] == [2] * DAYS


ADDED_UP = """SELECT sum(requests), sum(whole), sum(attempts), sum(prompt_tokens), sum(total_sum_us)
FROM rollups"""


def test_pruning_loses_and_doubles_nothing(tmp_path: Path) -> None:
    prepare(tmp_path)
    folder = folder_at(tmp_path)
    for number in range(2 * DAYS):
        put(folder, on(-(number // 2), number))
    convert_after_the_grace(folder)  # removes the journals
    with reading(tmp_path, ADDED_UP) as reader:
        kill_again_and_again("prune", tmp_path, longest_s=0.25)
        time.sleep(FENCE_US / 1e6 + 0.2)  # until what was done counts
    assert reader.wrong == []
    assert reader.asked > 10
    assert commits.read(folder.commits)[2 * DAYS :]  # some of it was done
    assert prune(folder, Keep(days=1)).problems == ()
    assert list(problems(tmp_path)) == []
    live = commits.standing(commits.read(folder.commits)).rows
    assert {name.partition("-")[0] for name in live} == {"rollups"}


STAYING = """SELECT
(SELECT (count(*), count(DISTINCT request_id), sum(total_us)) FROM requests
 WHERE session_id = 'stays'),
(SELECT (count(*), sum(sent_bytes)) FROM attempts WHERE request_id IN
 (SELECT request_id FROM requests WHERE session_id = 'stays')),
(SELECT count(*) FROM requests) * 2 - (SELECT count(*) FROM attempts),
(SELECT count(*) FROM (SELECT session_id FROM requests GROUP BY ALL HAVING count(*) % 3 != 0))"""


def test_forgetting_takes_a_session_as_a_whole_and_nothing_else(tmp_path: Path) -> None:
    prepare(tmp_path)
    folder = folder_at(tmp_path)
    sessions = [f"session {number}" for number in range(1, DAYS + 1)]
    log = journal(tmp_path, started_us=1)
    for number, session in enumerate(sessions):
        put(folder, in_session(session, 10 * number), in_session("stays", 10 * number + 1))
        put(folder, in_session(session, 10 * number + 2), in_session("stays", 10 * number + 3))
        log.write(in_session(session, 10 * number + 4))  # it goes on being written
        log.write(in_session("stays", 10 * number + 5))
        with_bodies(folder, number, range(10 * number, 10 * number + 6))
    convert_after_the_grace(folder)  # removes the journals
    with reading(tmp_path, STAYING) as reader:
        kill_again_and_again("forget", tmp_path, longest_s=0.6)
        time.sleep(FENCE_US / 1e6 + 0.2)  # until what was done counts
    assert reader.wrong == []
    assert reader.asked > 10
    assert commits.forgotten(commits.read(folder.commits))  # some of it was done
    for session in sessions:
        forget(folder, Whose(session=session))
    log.close()
    assert convert_sealed(folder) == []
    time.sleep(FENCE_US / 1e6 + 0.2)
    assert list(problems(tmp_path)) == []
    assert set(seen(folder)) == {
        request_id(10 * number + one) for number in range(DAYS) for one in (1, 3, 5)
    }
    kept = {row.request_id for shelf in shelves(folder) for row in shelf.rows if read(shelf, row)}
    assert kept == set(seen(folder))


def in_session(session: str, number: int) -> Entry:
    plain = on(-(number // 10) - 1, number)
    request = msgspec.structs.replace(plain.request, session_id=session)
    return msgspec.structs.replace(plain, request=request)


def with_bodies(folder: Folder, number: int, requests: Iterable[int]) -> None:
    segment = Segment(folder, f"host-1-1-{number:06d}", b"secret")
    for one in requests:
        content = b"%d " % one * 900
        segment.add(request_id(one), Body("client_request", None, 9, 0, content), 1)
    segment.close()


def read(shelf: Shelf, row: BodyRow) -> bool:
    number = int(uuid.UUID(row.request_id)) & 0xFFFF
    return shelf.content(row.hash) == b"%d " % number * 900
