"""Workers and converters are killed; what was acknowledged is there, once, at every moment."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.views import again_if_gone, open_ledger, prepare
from tests.ledger.entries import let_time_pass, request_id

KILLS, BEFORE_A_KILL = 5, 300

WORKER = """
import os, sys
from itertools import count
from pathlib import Path
from proxy.ledger.writing import Rotation
from tests.ledger.entries import entry, journal, request_id
first = int(sys.argv[2])
log = journal(Path(sys.argv[1]), started_us=first + 1, rotation=Rotation(max_bytes=100_000))
log.opened(request_id(first), 0, "/in-flight")
for number in count(first + 1):
    log.opened(request_id(number), 0, "/")
    log.write(entry(number))
    os.write(1, b"%d\\n" % number)
"""


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, and kill it in the end."""
    with subprocess.Popen(  # noqa: S603  # the commands are ours
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def acknowledged(root: Path, first: int) -> set[str]:
    """Run a worker flat out until it is killed, and return what it had written by then."""
    with running("-c", WORKER, str(root), str(first)) as worker:
        assert worker.stdout is not None
        read = b"".join(os.read(worker.stdout.fileno(), 8) for _ in range(BEFORE_A_KILL))
        worker.kill()
        read += worker.stdout.read()
    return {request_id(int(line)) for line in read.splitlines()}


def found(root: Path) -> list[tuple[str, str]]:
    """Return each request, how it ended, in the order of ids."""
    with open_ledger(root) as connection:
        query = "SELECT request_id::VARCHAR, outcome FROM requests ORDER BY ALL"
        return again_if_gone(lambda: connection.execute(query).fetchall())


def test_what_was_acknowledged_is_there_once(tmp_path: Path) -> None:
    prepare(tmp_path)
    known: set[str] = set()
    for kill in range(KILLS):
        with running("-m", "proxy.ledger.converter", str(tmp_path), "--interval-s", "0.01"):
            known |= acknowledged(tmp_path, first=kill * 1_000_000)
            wait_for_a_commit(tmp_path)  # most often there are more to come: it is killed at work
            ids = [one for one, outcome in found(tmp_path) if outcome != "crashed"]
            assert known <= set(ids)
            assert len(ids) == len(set(ids))
    assert len(known) >= KILLS * BEFORE_A_KILL // 8
    convert_sealed(folder_at(tmp_path))
    let_time_pass(tmp_path)
    check_the_end(tmp_path, known)


def wait_for_a_commit(root: Path) -> None:
    path = root / "commits.jsonl"
    before = path.stat().st_size
    deadline = time.monotonic() + 30
    while path.stat().st_size == before:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def check_the_end(root: Path, known: set[str]) -> None:
    """Every one is there once; so are those in flight: one begun long ago, and one at the kill."""
    rows = found(root)
    ids = [one for one, _ in rows]
    assert len(ids) == len(set(ids))
    assert known <= {one for one, outcome in rows if outcome == "whole"}
    crashed = {one for one, outcome in rows if outcome == "crashed"}
    assert {request_id(kill * 1_000_000) for kill in range(KILLS)} <= crashed
    assert len(crashed) <= 2 * KILLS
