"""Takes over another configuration while the proxy runs, as soon as its file changes.

A file that cannot be used is refused: the last good one stays in force, and the problem is told
and stands in `/status`. Requests that are under way finish with what they began with.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from watchfiles import awatch

from proxy.clock import World
from proxy.commands import ConfigState
from proxy.config import Settings
from proxy.errors import ConfigError
from proxy.hangup import on_hangup

STEP_MS: Final = 200  # without a change, before the file is read: an editor may write it in parts
LOOK_S: Final = 5.0  # how often the file is looked at whatever the watch says

Read = Callable[[], Settings]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Heeding:
    """What a file that was read leads to: it takes effect, or the problem with it is noted."""

    adopt: Callable[[Settings], None]
    refused: Callable[[str], None]


class Reloader:
    """Keeps the configuration up to date while `run` runs.

    `settings` are those that the proxy was started with, `read` reads their file anew (`None` if
    there is none), and `heeding` makes others take effect.
    """

    def __init__(
        self, settings: Settings, read: Read | None, heeding: Heeding, world: World, say: Say
    ) -> None:
        self._started_with = self._settings = settings
        self._read = read
        self._heeding = heeding
        self._world = world
        self.say = say
        self._seen = _signature(settings.path)
        self._turn = asyncio.Lock()  # the watch, the signal and the endpoint may all ask at once
        self._stopped = asyncio.Event()
        self._state = self._good(settings)

    @property
    def state(self) -> ConfigState:
        """What is in force, and what is wrong with the file since."""
        return self._state

    async def reload(self) -> ConfigState:
        """Read the file, take it over if it is good, and return what is in force then."""
        async with self._turn:
            if self._read is None:
                return self._state
            try:
                settings = await asyncio.to_thread(self._read)
            except ConfigError as error:
                self._refuse(str(error))
            else:
                self._take(settings)
            return self._state

    async def run(self) -> None:
        """Reload when the file changes and on SIGHUP, until `stop`."""
        async with asyncio.TaskGroup() as group:
            with on_hangup(lambda: group.create_task(self.reload())):
                if self._read is not None and self._settings.path is not None:
                    await self._follow(self._settings.path)
                await self._stopped.wait()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()

    async def _follow(self, path: Path) -> None:
        async with aclosing(self._looks(path)) as looks:
            async for _ in looks:
                seen = _signature(path)
                if seen != self._seen:
                    self._seen = seen
                    await self.reload()

    async def _looks(self, path: Path) -> AsyncGenerator[None]:
        """Say when to look at the file.

        Its folder is watched, and that of the file that it links to: an editor puts another file
        in its place, of which a watch of the file itself hears nothing.
        """
        changes = awatch(
            *_folders(path),
            watch_filter=None,
            step=STEP_MS,
            stop_event=self._stopped,
            rust_timeout=round(LOOK_S * 1000),
            yield_on_timeout=True,
            recursive=False,
        )
        try:
            async for _ in changes:
                yield
        except (OSError, RuntimeError) as error:  # no watch is to be had there, or no more of them
            self.say(f"config: looked at every {LOOK_S:g} s, for it cannot be watched: {error}")
        while not self._stopped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._stopped.wait()
            yield

    def _take(self, settings: Settings) -> None:
        if settings == self._settings:
            self._state = msgspec.structs.replace(self._state, last_error=None)
            self.say(f"config: {settings.path} is what is in force")
            return
        self._heeding.adopt(settings)
        self._settings, self._state = settings, self._good(settings)
        for warning in settings.warnings:
            self.say(f"warning: {warning}")
        waiting = self._state.needs_restart
        later = f"; {' and '.join(waiting)}: not before a restart" if waiting else ""
        self.say(f"config: {settings.path} is in force{later}")

    def _refuse(self, problem: str) -> None:
        if "${" in problem:
            problem += "\n(variables are those that the proxy was started with)"
        self._state = msgspec.structs.replace(self._state, last_error=problem)
        self._heeding.refused(problem)
        self.say(f"config: refused, the last good one stays in force:\n{problem}")

    def _good(self, settings: Settings) -> ConfigState:
        moment = datetime.fromtimestamp(self._world.wall_us() // 1_000_000, UTC)
        return ConfigState(
            path=None if settings.path is None else str(settings.path.absolute()),
            hash=settings.config_hash,
            loaded_at=moment.isoformat(),
            needs_restart=_needs_restart(self._started_with, settings),
        )


def _needs_restart(running: Settings, settings: Settings) -> tuple[str, ...]:
    """Return what cannot change while the proxy runs, and is another in `settings`."""
    pairs = {
        "[server] host": (running.host, settings.host),
        "[server] port": (running.port, settings.port),
        "[server] workers": (running.workers, settings.workers),
        "[routing] state": (running.routing_state, settings.routing_state),
        "[ledger] folder": (running.ledger_folder, settings.ledger_folder),
        "[ledger] url, data, fetch_extensions": (running.ledger_lake, settings.ledger_lake),
        "[ledger] keep_…": (running.ledger_keep, settings.ledger_keep),
        "[ledger] bodies, body_max_kib": (running.ledger_storing, settings.ledger_storing),
        "[ledger] sync, ballast_mib, buffer_mib, on_full, hand_over_s": (
            running.ledger_writing,
            settings.ledger_writing,
        ),
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)


def _folders(path: Path) -> set[Path]:
    return {path.absolute().parent, Path(os.path.realpath(path)).parent}


def _signature(path: Path | None) -> tuple[int, ...] | None:
    """Return what tells one state of the file from another; `None` if it is not there."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
