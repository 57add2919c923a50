"""Fills a small disk, and looks at what the proxy says of it."""

from pathlib import Path
from typing import Final

import anyio
import httpx
import msgspec

from proxy.ledger.condition import Condition
from tests.test_serve import Running

BALLAST_MIB, BUFFER_MIB = 1, 1
LEDGER: Final = f"ballast_mib = {BALLAST_MIB}\nbuffer_mib = {BUFFER_MIB}\n"
LONG_NAME: Final = "x" * 30_000  # of a client: so rows are long, and few fill what there is


class Status(msgspec.Struct):
    """As much of /status as is looked at."""

    active: int
    ledger: Condition


def fill(disk: Path) -> None:
    """Take all room that is left on it."""
    with (disk / "filling").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def free(disk: Path) -> None:
    (disk / "filling").unlink()


async def condition(here: Running) -> Condition:
    """Return how writing the ledger goes, as the proxy says when nothing is under way.

    A client has its answer a moment before its row is written.
    """
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            answer = await http.get(f"{here.url}/status")
            status = msgspec.json.decode(answer.content, type=Status)
            if not status.active:
                return status.ledger


async def until_well(here: Running) -> Condition:
    """Wait until nothing is in the way any more."""
    with anyio.fail_after(10):
        while (found := await condition(here)).hindered_since_us is not None:  # noqa: ASYNC110  # it is in another process
            await anyio.sleep(0.05)
    return found
