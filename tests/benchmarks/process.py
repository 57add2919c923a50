"""A server in a process of its own, whose CPU time and memory can be read."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.benchmarks.load import answers

START_S, STOP_S = 30.0, 40.0
_CPU_CLOCK = 2  # of a whole process: clock_getcpuclockid(3) makes the same number


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core is for whom; the same one twice where there is only one."""

    measured: int
    others: int

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the first for what is measured, the last for all else."""
        mine = sorted(os.sched_getaffinity(0))
        return cls(mine[0], mine[-1])


@contextlib.contextmanager
def on(core: int) -> Iterator[None]:
    """Run on `core`, with every process started meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Server:
    """A program that says `http://HOST:PORT` in its first line and serves until it is told."""

    def __init__(self, words: Sequence[str], core: int) -> None:
        with on(core):
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE)  # noqa: S603  # the words are ours
        self.port = self._announced()
        self._family = [self._process.pid]

    def ready(self, path: str = "/healthz") -> None:
        """Wait for its first answer, and note the processes it consists of."""
        answers(self.port, path)
        self._family = [self._process.pid, *_children(self._process.pid)]

    def cpu_s(self) -> float:
        """Return the CPU seconds it has used since its start, user and system, with its children.

        The kernel counts them in nanoseconds; what /proc/PID/stat shows is rounded to 10 ms.
        """
        return sum(time.clock_gettime((~pid << 3) | _CPU_CLOCK) for pid in self._family)

    def rss_mib(self) -> list[float]:
        """Return the memory of it, then of each of its children."""
        return [_rss_mib(pid) for pid in self._family]

    def stop(self) -> None:
        """Stop it as a person would."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise

    def _announced(self) -> int:
        line = self._process.stdout.readline() if self._process.stdout else b""
        found = re.search(rb"http://[^:]+:(\d+)", line)
        if found is None:
            self._process.kill()
            raise RuntimeError(f"wanted an address, found {line!r}")
        return int(found[1])


def python(module: str, *words: str) -> list[str]:
    """Return the command line that runs `module` with this interpreter."""
    return [sys.executable, "-m", module, *words]


@contextlib.contextmanager
def serving(words: Sequence[str], core: int, path: str = "/healthz") -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(words, core)
    try:
        server.ready(path)
        yield server
    finally:
        server.stop()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def _rss_mib(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    if found is None:
        raise RuntimeError(f"process {pid} has no memory any more")
    return int(found[1]) / 1024
