"""Looks after a journal beside the requests: what waits is written as soon as there is room."""

import asyncio
from typing import Final

from proxy.ledger.journal import Journal

EVERY_S: Final = 1.0


async def tend(journal: Journal, every_s: float = EVERY_S) -> None:
    """Run until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        while journal.tend():  # noqa: ASYNC110  # it works, piece by piece; requests come between
            await asyncio.sleep(0)
        if journal.needs_room and await asyncio.to_thread(journal.ballast.restore):
            journal.has_room()
