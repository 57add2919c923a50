"""What has happened since the start, and whether anything is under way."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts exchanges; `outcomes` has those that have ended."""

    active: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def began(self) -> None:
        """Count one more."""
        self.active += 1
        self._idle.clear()

    def ended(self, outcome: str) -> None:
        """Count one less."""
        self.active -= 1
        self.outcomes[outcome] += 1
        if self.active == 0:
            self._idle.set()

    async def idle(self, limit_s: float) -> None:
        """Wait until nothing is under way, but no longer than `limit_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self.active:
                    await self._idle.wait()
