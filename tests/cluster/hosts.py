"""A host without a proxy: a ledger's folder, its converter, and a worker that is killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from proxy.ledger.folder import folder_at
from proxy.ledger.lake.address import Lake
from proxy.ledger.lake.sharing import Sharer
from proxy.ledger.views import prepare

WORKER = """
import os, sys, time
from itertools import count
from pathlib import Path
from proxy.ledger.writing import Rotation
from tests.ledger.entries import entry, journal, request_id
first = int(sys.argv[2])
log = journal(Path(sys.argv[1]), started_us=first + 1, rotation=Rotation(max_bytes=60_000))
log.opened(request_id(first), 0, "/in-flight")
for number in count(first + 1):
    log.opened(request_id(number), 0, "/")
    log.write(entry(number))
    os.write(1, b"%d\\n" % number)
    time.sleep(0.002)
"""


def sharer(root: Path, lake: Lake) -> Sharer:
    """Return the converter of a host whose ledger is in `root`, that waits for no turn."""
    prepare(root, is_shared=True)
    return Sharer(folder_at(root), lake, apart_s=0.0)


@contextmanager
def converter(root: Path, lake: Lake, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a converter as the proxy does, and kill it in the end."""
    command = [sys.executable, "-m", "proxy.ledger.converter", str(root), "--shared", *words]
    with subprocess.Popen(  # noqa: S603  # ours
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(lake) + b"\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


class Worker(threading.Thread):
    """A process that writes until it is killed, and what it has said was written."""

    def __init__(self, root: Path, first: int) -> None:
        super().__init__()
        self.acknowledged: list[int] = []
        self._process = subprocess.Popen(  # noqa: S603  # ours
            [sys.executable, "-c", WORKER, str(root), str(first)], stdout=subprocess.PIPE
        )
        self.start()

    def run(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                self.acknowledged.append(int(line))

    def kill(self) -> list[int]:
        """End it, and return what it had acknowledged by then."""
        self._process.kill()
        self.join()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self.acknowledged


def kills(fewest: int) -> int:
    """Return how many are wanted: `make test-cluster KILLS=…`."""
    return int(os.environ.get("POINTSMAN_KILLS", fewest))
