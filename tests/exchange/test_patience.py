"""A wait that lasts too long ends; many short ones do not."""

import asyncio

import pytest

from proxy.exchange.patience import Patience

pytestmark = pytest.mark.anyio


async def test_many_short_waits_are_no_long_one() -> None:
    async with asyncio.timeout(9) as limit:
        with Patience(limit, 0.1) as patience:
            for _ in range(30):
                patience.waits()
                await asyncio.sleep(0.01)
                patience.waited()


async def test_a_long_wait_ends() -> None:
    with pytest.raises(TimeoutError):
        await _wait(0.05, shortened=None)


async def test_patience_can_be_shortened_but_not_lengthened() -> None:
    with pytest.raises(TimeoutError):
        await _wait(60, shortened=0.05)
    with pytest.raises(TimeoutError):
        await _wait(0.05, shortened=60)


async def test_time_between_waits_does_not_count() -> None:
    async with asyncio.timeout(9) as limit:
        with Patience(limit, 0.05) as patience:
            patience.waits()
            patience.waited()
            await asyncio.sleep(0.15)  # a slow client


async def _wait(wait_s: float, shortened: float | None) -> None:
    async with asyncio.timeout(9) as limit:
        with Patience(limit, wait_s) as patience:
            if shortened is not None:
                patience.shorten(shortened)
            patience.waits()
            await asyncio.sleep(5)
