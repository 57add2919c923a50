"""End a wait that lasts too long, with one timer for all the waits of a stream.

A timer set and cancelled for each chunk costs more than reading along does.
"""

import asyncio
from types import TracebackType
from typing import Self

AFTER_HELD_S = 1.0  # after an answer's last event, where the client waits for the connection's end


class Patience:
    """Runs `limit` out when one wait has lasted `wait_s`."""

    def __init__(self, limit: asyncio.Timeout, wait_s: float) -> None:
        self._limit = limit
        self._wait_s = wait_s
        self._loop = asyncio.get_running_loop()
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._timer = self._loop.call_later(self._wait_s, self._ring)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def waits(self) -> None:
        """Begin a wait."""
        self._since = self._loop.time()

    def waited(self) -> None:
        """End it."""
        self._since = None

    def shorten(self, wait_s: float) -> None:
        """Bear no more than `wait_s` from here on."""
        if wait_s >= self._wait_s:
            return
        self._wait_s = wait_s
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(wait_s, self._ring)

    def _ring(self) -> None:
        now = self._loop.time()
        due = (now if self._since is None else self._since) + self._wait_s
        if due <= now:
            self._limit.reschedule(now)
        else:
            self._timer = self._loop.call_at(due, self._ring)
