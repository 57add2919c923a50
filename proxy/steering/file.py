"""Keeps what routing has learnt in a file: a restart in the middle of an outage knows of it.

The file is replaced as a whole, at most once a second and only when something was learnt, by a
thread: no request waits for a disk, and none fails by one. Of several workers the first one writes
it; of several proxies with one ledger, the last one to write is remembered.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

from proxy.routing.network import Network
from proxy.steering.marks import marks, replaced
from proxy.steering.memory import Memory, decoded, encoded, forgotten, restarted

NAME: Final = "routing.json"
EVERY_S: Final = 1.0

Say = Callable[[str], None]


class Learning(Protocol):
    """What is kept: see `proxy.steering.Steering`."""

    @property
    def network(self) -> Network: ...
    @property
    def memory(self) -> Memory: ...
    @property
    def changes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What there was at the start; `problem` is one sentence if it could not be read."""

    memory: Memory
    problem: str | None = None


class _Page(msgspec.Struct, frozen=True):
    """The file: what was learnt, and what the names in it stood for then."""

    memory: msgspec.Raw
    marks: Mapping[str, str] = {}


_decoder = msgspec.json.Decoder(_Page)


def read(path: Path, network: Network, now_us: int) -> Found:
    """Return what `path` has of `network`: nothing if there is no file, or none that can be read.

    One that cannot be read is put aside, under its name with `.bad` behind it.
    """
    try:
        page = _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return Found(Memory())
    except OSError as error:
        return Found(Memory(), _put_aside(path, f"cannot be read ({error.strerror or error})"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Found(Memory(), _put_aside(path, "is damaged"))
    memory = decoded(bytes(page.memory))
    if memory is None:
        return Found(Memory(), _put_aside(path, "is of another version, or damaged"))
    for name in replaced(page.marks, marks(network)):
        memory = forgotten(memory, name)
    return Found(restarted(memory, network, now_us))


class Keeper:
    """Writes what `steering` learns to `path` while `run` runs, and once more when it is stopped.

    `problem` is what was wrong with the file at the start, which is then told.
    """

    def __init__(
        self,
        path: Path,
        steering: Learning,
        say: Say,
        *,
        problem: str | None = None,
        every_s: float = EVERY_S,
    ) -> None:
        self.path = path
        self._at_start = problem
        self._failure: str | None = None  # of the last try to write
        self._steering = steering
        self._say = say
        self._every_s = every_s
        self._kept: int | None = None  # how many changes the file has; nothing of ours at first
        self._stopped = asyncio.Event()
        self._writing = asyncio.Lock()  # of `run` and of commands: an older state must not win
        if problem is not None:
            say(problem)

    @property
    def problem(self) -> str | None:
        """What is wrong with the file, or was at the start; `None` if nothing."""
        return self._failure or self._at_start

    async def run(self) -> None:
        """Keep the file up to date until `stop`, and then for a last time."""
        is_last = False
        while not is_last:
            is_last = self._stopped.is_set()
            await self.keep()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_s):
                    await self._stopped.wait()

    def stop(self) -> None:
        """Let `run` end; what was learnt by then is still written."""
        self._stopped.set()

    async def keep(self) -> None:
        """Write what the file has not got; a disk that fails is noted, and tried again.

        `run` does it from time to time; what a person has ordered is written before the answer.
        """
        async with self._writing:
            changes = self._steering.changes
            if changes == self._kept:
                return
            memory, network = self._steering.memory, self._steering.network
            try:
                await asyncio.to_thread(_write, self.path, memory, network)
            except OSError as error:
                self._note(f"{self.path}: cannot be written ({error.strerror or error})")
            else:
                self._note(None)
                self._kept = changes

    def _note(self, problem: str | None) -> None:
        """Tell a problem once, however often it is met."""
        if problem is not None and problem != self._failure:
            self._say(f"{problem}; what routing learns is lost with the next restart")
        self._failure = problem


def _write(path: Path, memory: Memory, network: Network) -> None:
    """Replace the file by another one, which only its owner can read."""
    page = _Page(msgspec.Raw(encoded(memory)), marks(network))
    made, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(msgspec.json.encode(page))
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _put_aside(path: Path, why: str) -> str:
    aside = path.with_name(f"{path.name}.bad")
    try:
        path.replace(aside)
    except OSError as error:
        return f"{path}: {why}, and cannot be put aside ({error.strerror or error}): starting anew"
    return f"{path}: {why}: starting anew, the old one is {aside.name} beside it"
