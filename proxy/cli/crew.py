"""Several workers behind one address: starts them, keeps them alive, and ends them.

The supervisor serves nothing itself. It holds a listening socket for each worker, so that what
waits at one that died is served by the one that takes its place.
"""

import asyncio
import shutil
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import typer

from proxy.clock import REAL
from proxy.config import Listen, Settings
from proxy.hangup import on_hangup
from proxy.ledger import child

FIRST_S: Final = 0.1  # until one that died is started again; doubled with each that dies early
LONGEST_S: Final = 10.0
STEADY_S: Final = 10.0  # whoever lives for so long has not died early
REFUSED: Final = 2  # its configuration cannot be used: it would say the same for ever


@dataclass(frozen=True, slots=True)
class Role:
    """A process that is to be there: what it is called, and how it is started."""

    name: str
    command: tuple[str, ...]
    inherits: int  # a descriptor
    is_worker: bool = True


class Crew:
    """The workers of one host, their hub, and the one converter of their ledger."""

    def __init__(
        self, settings: Settings, path: Path, listening: Listen, sockets: Sequence[socket.socket]
    ) -> None:
        self._settings = settings
        self._words = _words(path, listening)
        self._sockets = sockets
        self._alive: dict[str, Process] = {}
        self._stopping = asyncio.Event()
        self._refused = False

    def run(self) -> int:
        """Run until a signal ends it; return the exit code."""
        folder = Path(tempfile.mkdtemp(prefix="pointsman-"))  # only this user can look into it
        settings = self._settings
        ledger = (settings.ledger_folder, settings.ledger_keep, settings.ledger_lake)
        converting = child.Converting(partial(child.spawn, *ledger), partial(typer.echo, err=True))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
                listening.bind(str(folder / "hub"))
                listening.listen()
                asyncio.run(self._run(listening, folder / "hub", converting))
        finally:
            converting.stop()
            shutil.rmtree(folder, ignore_errors=True)
        return REFUSED if self._refused else 0

    async def _run(self, listening: socket.socket, hub: Path, converting: child.Converting) -> None:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._end, one)
        with on_hangup(lambda: self._pass_on(signal.SIGHUP)):
            async with asyncio.TaskGroup() as group:
                hubs = [] if self._settings.routing_state else [_hub(listening)]
                keeping = [group.create_task(self._kept_alive(one)) for one in hubs]
                keeping.append(group.create_task(converting.run()))
                async with asyncio.TaskGroup() as workers:
                    for number, taken in enumerate(self._sockets):
                        role = self._worker(number, taken, hub)
                        workers.create_task(self._kept_alive(role))
                for task in keeping:
                    task.cancel()

    def _worker(self, number: int, taken: socket.socket, hub: Path) -> Role:
        fd = taken.fileno()
        words = ("proxy.cli.working", str(number), str(fd), str(hub), *self._words)
        return Role(f"worker {number}", (sys.executable, "-m", *words), fd)

    async def _kept_alive(self, role: Role) -> None:
        """Start a process, again and again if it dies, until all are to end."""
        wait_s = FIRST_S
        while not self._stopping.is_set():
            began_us = REAL.tick_us()
            code = await self._ended(role)
            if self._stopping.is_set():
                return
            if code == REFUSED and role.is_worker:
                self._refused = True
                self._end(signal.SIGTERM)
                return
            lived_s = (REAL.tick_us() - began_us) / 1e6
            wait_s = FIRST_S if lived_s >= STEADY_S else min(LONGEST_S, wait_s * 2)
            typer.echo(f"{role.name} {_how(code)}: started again in {wait_s:.1f} s", err=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stopping.wait()

    async def _ended(self, role: Role) -> int:
        """Start a process and return how it ended; it ends with its standard input, too."""
        process = await asyncio.create_subprocess_exec(
            *role.command,
            stdin=PIPE,
            pass_fds=(role.inherits,),
            start_new_session=True,  # signals of the terminal are for the supervisor to pass on
        )
        if role.is_worker:
            self._alive[role.name] = process
            if self._stopping.is_set():  # it was told too early to hear it
                process.send_signal(signal.SIGTERM)
        try:
            return await process.wait()
        finally:
            self._alive.pop(role.name, None)
            if process.stdin is not None:
                process.stdin.close()
            if process.returncode is None:  # only the hub, which has nothing to lose by now
                process.kill()
                await process.wait()

    def _end(self, one: signal.Signals) -> None:
        self._stopping.set()
        self._pass_on(one)

    def _pass_on(self, one: signal.Signals) -> None:
        for process in self._alive.values():
            with suppress(ProcessLookupError):
                process.send_signal(one)


def _words(path: Path, listening: Listen) -> tuple[str, ...]:
    """Return what a worker is told, so that it reads the configuration as this process did."""
    host = "" if listening.host is None else listening.host
    port = "" if listening.port is None else str(listening.port)
    return (str(path), host, port)


def _hub(listening: socket.socket) -> Role:
    fd = listening.fileno()
    return Role("the hub", (sys.executable, "-m", "proxy.sharing.hub", str(fd)), fd, False)


def _how(code: int) -> str:
    """Return how a process ended, in words."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
