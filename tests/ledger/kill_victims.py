"""Those that are killed: workers that write, and converters that convert and compact.

    python -m tests.ledger.kill_victims FOLDER ACKS

Starts one for each line of standard input, `worker NUMBER` or `converter NUMBER`, and answers with
its process id. A fork is there at once, where a new process would first import for a second.
"""

import os
import signal
import sys
import time
from itertools import count
from pathlib import Path

from proxy.ledger import commits, sql, tidy
from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.lineage import Lineage
from proxy.ledger.writing import Rotation
from tests.ledger.entries import entry, journal, request_id
from tests.ledger.kill_readers import WORTH

GRACE_US = 10_000_000  # so that files are removed while the test runs


def hurry() -> None:
    """Let everything that takes its time happen within a minute; before the views are made."""
    commits.GRACE_US = sql.GRACE_US = tidy.GRACE_US = GRACE_US  # type: ignore[misc]
    tidy.LONG, tidy.OLD_US = 20, 2 * GRACE_US  # type: ignore[misc]


def worker(root: Path, acks: Path, number: int) -> None:
    """Write as long as it lives; what is written is acknowledged in a slot of its own."""
    first = number * WORTH
    log = journal(root, started_us=first + 1, rotation=Rotation(max_bytes=400_000))
    log.opened(request_id(first), 0, "/in-flight")
    fd = os.open(acks, os.O_WRONLY)
    for one in count(first + 1):
        log.opened(request_id(one), 0, "/")
        log.write(entry(one))
        os.pwrite(fd, one.to_bytes(8, "little"), 8 * number)
        time.sleep(0.001)


def converter(root: Path, _: Path, number: int) -> None:
    """Convert and compact as long as it lives."""
    folder, lineage = folder_at(root), Lineage()
    for turn in count(number):
        problems = convert_sealed(folder, lineage=lineage)
        if turn % 5 == 0:
            problems += compact(folder)
        for problem in problems:
            os.write(2, f"{problem}\n".encode())


def main(root: str, acks: str) -> None:
    """Start one after the other, until nobody wants any more."""
    hurry()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    for line in sys.stdin:
        kind, number = line.split()
        child = os.fork()
        if child == 0:
            {"worker": worker, "converter": converter}[kind](Path(root), Path(acks), int(number))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
