"""What has happened since the start, and whether anything is under way."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from proxy.record import AttemptRow


@dataclass(slots=True)
class Tally:
    """Counts exchanges; `outcomes` has those that have ended.

    By provider, `attempts` by outcome and `tokens` by class: what no provider told counts as none.
    """

    active: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    attempts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    tokens: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def began(self) -> None:
        """Count one more."""
        self.active += 1
        self._idle.clear()

    def ended(self, outcome: str, attempts: Iterable[AttemptRow]) -> None:
        """Count one less, and what was tried for it."""
        self.active -= 1
        self.outcomes[outcome] += 1
        for one in attempts:
            self.attempts[one.provider][one.outcome] += 1
            tokens = self.tokens[one.provider]
            tokens["uncached_input"] += one.uncached_input_tokens or 0
            tokens["cache_read"] += one.cache_read_tokens or 0
            tokens["cache_write"] += one.cache_write_tokens or 0
            tokens["output"] += one.output_tokens or 0
        if self.active == 0:
            self._idle.set()

    async def idle(self, limit_s: float) -> None:
        """Wait until nothing is under way, but no longer than `limit_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while self.active:
                    await self._idle.wait()
