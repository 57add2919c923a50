"""Workers and converters are killed all the time, and every answer of four readers is checked.

`make kill-loop KILLS=1000` for a longer one.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from proxy.ledger import commits, sql, tidy
from proxy.ledger.commits import FENCE_US
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare
from tests.ledger import kill_victims
from tests.ledger.entries import request_id
from tests.ledger.kill_readers import KINDS, WORTH, Found, acknowledged, check

KILLS = int(os.environ.get("POINTSMAN_KILLS", "100"))
WORKERS = 2


@contextmanager
def program(module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of ours with pipes to it, and end it in the end."""
    command = [sys.executable, "-m", f"tests.ledger.{module}", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603  # ours
        try:
            yield process
        finally:
            process.kill()


class Victims:
    """Those that are alive, each as long as the chance wants."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        self.workers = 0  # that there were so far
        self._parent = parent
        self._alive: list[tuple[str, int]] = []
        for kind in ["worker"] * WORKERS + ["converter"]:
            self.start(kind)

    def start(self, kind: str) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self.workers += kind == "worker"
        self._parent.stdin.write(f"{kind} {self.workers}\n")
        self._parent.stdin.flush()
        self._alive.append((kind, int(self._parent.stdout.readline())))

    def kill_one(self, chance: random.Random) -> str:
        kind, pid = self._alive.pop(chance.randrange(len(self._alive)))
        os.kill(pid, signal.SIGKILL)
        self.start(kind)
        return kind

    def kill_all(self) -> None:
        for _, pid in self._alive:
            os.kill(pid, signal.SIGKILL)


def told(reader: subprocess.Popen[str]) -> Found:
    out, _ = reader.communicate("")
    return msgspec.json.decode(out, type=Found)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module, name in [
        (commits, "GRACE_US"),
        (sql, "GRACE_US"),
        (tidy, "GRACE_US"),
        (tidy, "LONG"),
        (tidy, "OLD_US"),
    ]:
        monkeypatch.setattr(module, name, getattr(module, name))  # put back in the end
    kill_victims.hurry()
    prepare(tmp_path / "ledger")
    (tmp_path / "acks").touch()
    return tmp_path / "ledger"


def test_nothing_is_lost_doubled_or_wrong_at_any_moment(ledger: Path) -> None:
    acks = ledger.parent / "acks"
    chance = random.Random(KILLS)  # noqa: S311  # no secret
    killed: list[str] = []
    with ExitStack() as stack:
        victims = Victims(stack.enter_context(program("kill_victims", str(ledger), str(acks))))
        words = [(kind, str(ledger), str(acks)) for kind in KINDS]
        readers = [stack.enter_context(program("kill_readers", *each)) for each in words]
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, 0.3))
            killed.append(victims.kill_one(chance))
        victims.kill_all()
        time.sleep(0.2)  # the system takes their locks away
        found = [told(reader) for reader in readers]
    acked = acknowledged(acks)
    rows = sum(number - worker * WORTH for worker, number in acked.items())
    sys.stdout.write(
        f"\n{len(killed)} kills, {killed.count('converter')} of them of converters; "
        f"{rows} requests acknowledged; {found}\n"
    )
    assert {(one.lost, one.duplicated, one.wrong) for one in found} == {(0, 0, 0)}
    assert min(one.queries for one in found) > 0
    check_the_end(ledger, acked, victims.workers)


def test_what_is_not_right_is_seen() -> None:
    rows = [(1, 4, 3, WORTH + 1, WORTH + 4, 3), (2, 3, 3, 2 * WORTH + 1, 2 * WORTH + 3, 3)]
    found = Found("any")
    check(found, rows, {1: WORTH + 5, 2: 2 * WORTH + 2, 3: 3 * WORTH + 1}, 1)
    assert (found.lost, found.duplicated, found.wrong) == (2 + 1, 1, 2)


def check_the_end(ledger: Path, acked: dict[int, int], workers: int) -> None:
    """Every request is there once, and so are those in flight at the deaths."""
    folder = folder_at(ledger)
    assert convert_sealed(folder) == []
    time.sleep(FENCE_US / 1e6 + 0.2)  # a crashed request is in Parquet alone
    with open_ledger(ledger) as connection:
        query = "SELECT request_id::VARCHAR, outcome FROM requests"
        rows = connection.execute(query).fetchall()
    assert len(rows) == len(dict(rows))
    whole = {one for one, outcome in rows if outcome == "whole"}
    for worker, number in acked.items():
        assert {request_id(one) for one in range(worker * WORTH + 1, number + 1)} <= whole
    crashed = {one for one, outcome in rows if outcome == "crashed"}
    assert {request_id(worker * WORTH) for worker in acked} <= crashed
    assert len(crashed) <= 2 * workers
    assert list(problems(ledger)) == []
