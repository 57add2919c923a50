"""What is promised of rows that a disk does not take, or takes too late."""

import asyncio
import errno
import os
from pathlib import Path

import anyio
import pytest

from proxy.ledger.condition import Condition
from proxy.ledger.journal import Journal
from proxy.ledger.tending import tend
from proxy.ledger.writing import MIB, OnFull, Sync, Writing
from tests.ledger.entries import entry, journal
from tests.ledger.test_journal import fails

pytestmark = pytest.mark.anyio


def always(root: Path, on_full: OnFull, sync: Sync = "always") -> Journal:
    writing = Writing(sync=sync, ballast_mib=0, buffer_mib=1, on_full=on_full)
    return journal(root, writing=writing)


async def test_who_waits_together_shares_a_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    real = os.fdatasync

    def sync(fd: int) -> None:
        syncs.append(os.fstat(fd).st_size)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", sync)
    log = always(tmp_path, "refuse")
    assert log.holds_ends
    size = 0
    async with asyncio.TaskGroup() as group:
        for number in range(50):
            is_written = log.write(entry(number))
            group.create_task(log.kept(is_written=is_written))
        (path,) = tmp_path.glob("journal/*-*.jsonl")  # noqa: ASYNC240  # it is here
        size = path.stat().st_size
    assert size in syncs
    assert len(syncs) < 50
    log.close()


@pytest.mark.parametrize(
    ("on_full", "call", "number"),
    [
        pytest.param("refuse", "fdatasync", errno.EIO, id="a sync that fails"),
        pytest.param("refuse", "write", errno.ENOSPC, id="a full disk"),
        pytest.param("serve", "fdatasync", errno.EIO, id="a sync that fails, and serving first"),
        pytest.param("serve", "write", errno.ENOSPC, id="a full disk, and serving first"),
    ],
)
async def test_what_is_not_durable_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_full: OnFull, call: str, number: int
) -> None:
    log = always(tmp_path, on_full)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails(number))
        why = await log.kept(is_written=log.write(entry(1)))
    assert (why is None) == (on_full == "serve")
    log.tend()
    assert await log.kept(is_written=log.write(entry(2))) is None
    log.close()
    assert (await log.kept(is_written=log.write(entry(3))) is None) == (on_full == "serve")


@pytest.mark.parametrize("on_full", ["serve", "refuse"])
async def test_nobody_is_served_where_rows_have_no_place_if_that_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_full: OnFull
) -> None:
    log = always(tmp_path, on_full, "interval")
    number = 0
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails(errno.ENOSPC))
        while log.condition.waiting_bytes < MIB * 3 // 4:
            assert log.refusal() is None
            log.write(entry(number, attempts=9))
            number += 1
        refusal = log.refusal()
    if on_full == "serve":
        assert (refusal, log.refused) == (None, 0)
    else:
        assert refusal == (
            "The proxy cannot write its ledger (No space left on device), and serves nothing "
            'without: make room on its disk, or set [ledger] on_full = "serve".'
        )
        assert log.refused == 1
    while log.tend():
        pass
    assert (log.refusal(), log.dropped) == (None, 0)
    log.close()


async def test_nothing_is_asked_for_that_could_not_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = always(tmp_path, "refuse")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails(errno.ENOSPC))
        assert log.refusal() is None
        log.write(entry(1))
        assert log.refusal() is not None
    log.tend()
    assert log.refusal() is None
    log.close()


async def test_what_is_written_in_a_tenth_of_a_second_shares_a_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    monkeypatch.setattr(os, "fdatasync", syncs.append)
    log = always(tmp_path, "serve", "interval")
    for number in range(1000):
        log.write(entry(number))
    log.close()
    assert 1 <= len(syncs) <= 5


async def test_what_waits_is_written_though_no_request_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    log = journal(tmp_path, writing=Writing(ballast_mib=1), say=told.append)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails(errno.ENOSPC))
        log.write(entry(1))
        assert (log.condition.waiting, log.condition.ballast_bytes) == (1, 0)
    with anyio.fail_after(10):
        task = asyncio.ensure_future(tend(log, every_s=0.01))
        while log.condition.hindered_since_us is not None:  # noqa: ASYNC110  # it has no event
            await anyio.sleep(0.01)
    task.cancel()
    assert log.condition == Condition(ballast_bytes=MIB, ballast_of_bytes=MIB)
    assert told[-1] == f"ledger: {tmp_path} is written again; nothing was lost"
    log.close()


def test_workers_share_one_ballast(tmp_path: Path) -> None:
    writing = Writing(ballast_mib=1)
    one = journal(tmp_path, writing=writing)
    other = journal(tmp_path, writing=writing, started_us=1)
    assert one.ballast.give(MIB // 2)
    assert other.condition.ballast_bytes == MIB // 2
    assert other.ballast.give(MIB // 2)
    assert (one.ballast.give(1), other.ballast.give(1)) == (False, False)
    assert one.ballast.restore()
    assert other.ballast.restore()
    assert (one.condition.ballast_bytes, other.needs_room) == (MIB, False)
    one.close()
    other.close()
