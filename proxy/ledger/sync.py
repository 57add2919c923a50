"""Makes what a journal has written durable, in a thread of its own.

A sync takes from a tenth of a millisecond to a hundred, so it must not happen where requests are
served. What was written is safe from the death of the process at once, and from a loss of power
after the next sync. Who waits for that shares a sync with all who wait at the same time.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from proxy.ledger.folder import sync_folder

SYNC_EVERY_S: Final = 0.1
_LONGEST_S: Final = 10.0  # that a sync takes on a disk that works

Told = Callable[[bool], None]


class Syncer:
    """Syncs one descriptor while it is written to, and closes those that are not any more.

    Only its thread closes a descriptor: so none can be closed, and its number given to another
    file, between being chosen and being synced.
    """

    def __init__(self, folder: Path, fd: int, every_s: float = SYNC_EVERY_S) -> None:
        self.last_error: str | None = None
        self._every_s = every_s
        self._asked: deque[Told] = deque()
        self._folder = folder
        self._fd = fd
        self._retired: deque[int] = deque()
        self._new_name = True  # a file is only found again once its folder is synced
        self._written = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-sync", daemon=True)
        self._thread.start()

    def written(self) -> None:
        """Say that there is something to sync."""
        if not self._written.is_set():  # five times cheaper than set(), and most often true
            self._written.set()

    def tell(self, told: Told) -> None:
        """Say to `told`, in the thread, whether all that is written by now has become durable."""
        self._asked.append(told)
        self._written.set()

    def replace(self, fd: int) -> None:
        """Sync `fd` from here on; sync and close the one before."""
        before, self._fd = self._fd, fd  # first: the thread must not sync what it has closed
        self._retired.append(before)
        self._new_name = True
        self._written.set()

    def close(self) -> None:
        """Sync and close everything, and wait until that is done."""
        self._stopping.set()
        self._written.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._written.wait()
            self._stopping.wait(self._every_s)
            self._written.clear()  # before the sync: what is written during it needs another
            self._sync_and_tell()
        self._retired.append(self._fd)
        self._sync_and_tell()

    def _sync_and_tell(self) -> None:
        asked = [self._asked.popleft() for _ in range(len(self._asked))]  # not who comes during it
        is_durable = self._sync()
        for told in asked:
            told(is_durable)

    def _sync(self) -> bool:
        current, is_durable = self._fd, True
        if self._new_name:
            self._new_name = False
            is_durable &= self._try(partial(sync_folder, self._folder))
        while self._retired:
            fd = self._retired.popleft()
            is_durable &= self._try(partial(os.fdatasync, fd))
            is_durable &= self._try(partial(os.close, fd))
            if fd == current:
                return is_durable
        return is_durable and self._try(partial(os.fdatasync, current))

    def _try(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except OSError as error:
            self.last_error = str(error)
            return False
        return True


async def durable(sync: Syncer) -> bool:
    """Wait until what is written by now is durable; `False` if that failed, or takes too long."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bool] = loop.create_future()

    def settle(is_durable: bool) -> None:
        if not future.done():  # the caller may have been cancelled
            future.set_result(is_durable)

    def told(is_durable: bool) -> None:
        loop.call_soon_threadsafe(settle, is_durable)

    sync.tell(told)
    try:
        async with asyncio.timeout(_LONGEST_S):
            return await future
    except TimeoutError:
        return False
