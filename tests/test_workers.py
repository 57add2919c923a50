"""`pointsman serve --workers N`: several processes that behave as one."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest

from proxy.ledger import views
from tests.crew import PLAIN, Crew, Worker, crew, is_cooling, is_well, pins

pytestmark = pytest.mark.anyio


async def test_the_status_of_any_tells_of_all(tmp_path: Path) -> None:
    with anyio.fail_after(40):
        async with crew(tmp_path, 3) as here:
            workers = await here.workers(3)
            for number, worker in enumerate(workers):
                for _ in range(number + 1):
                    assert await worker.ask(f"s{number}") == 200
            for worker in workers:
                status = await worker.until(lambda one: pins(one) == 3 and one["total"] == 6)
                assert (status["total"], status["outcomes"]) == (6, {"whole": 6})
                assert [one["outcomes"] for one in status["sharing"]["workers"]] == [
                    {"whole": 1},
                    {"whole": 2},
                    {"whole": 3},
                ]
                assert [one["number"] for one in status["sharing"]["workers"]] == [0, 1, 2]
                assert status["apps"][0]["targets"][0]["pins"] == 3


async def test_a_cooldown_is_known_to_the_others_within_milliseconds(tmp_path: Path) -> None:
    with anyio.fail_after(40):
        async with crew(tmp_path) as here:
            first, second = await here.workers(2)
            here.main.fail(after="status:429:600")
            assert await first.ask() == 200
            began = time.monotonic()
            status = await second.until(is_cooling)
            assert time.monotonic() - began < 1  # of which two are for asking
            assert await second.ask("other") == 200
            assert (len(here.main.log), len(here.relay.log)) == (1, 2)
            assert 500 < max(part["cooling_s"] or 0 for part in _parts(status)) <= 600


async def test_a_pin_made_in_one_is_kept_in_the_other(tmp_path: Path) -> None:
    turns = '[queues.claude]\npolicy = "round_robin"\ntargets = ["main", "relay"]\n'
    with anyio.fail_after(40):
        async with crew(tmp_path, queue=turns) as here:
            first, second = await here.workers(2)
            for number in range(4):
                assert await first.ask(f"s{number}") == 200
            await second.until(lambda status: pins(status) == 4)
            homes = (len(here.main.log), len(here.relay.log))
            assert homes == (2, 2)
            for number in reversed(range(4)):
                assert await second.ask(f"s{number}") == 200
    entries = views.recent_requests(here.ledger, 8)
    served = {}
    for entry in entries:
        session = entry.request.session_id
        served.setdefault(session, set()).add(entry.attempts[-1].provider)
    assert len(served) == 4
    assert all(len(providers) == 1 for providers in served.values()), served
    assert sorted(entry.attempts[0].pin or "" for entry in entries) == ["hit"] * 4 + ["miss"] * 4


OUTAGE = """[breaker.claude]
failures = 2
open_s = 1.0
max_open_s = 1.0
successes = 1
"""


async def test_in_an_outage_all_workers_together_make_one_probe_an_interval(tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path, 3, queue=f"{PLAIN}{OUTAGE}") as here:
            workers = await here.workers(3)
            here.main.fail(after="status:500")
            opened = time.monotonic()
            assert [await worker.ask(f"s{worker.pid}") for worker in workers[:2]] == [200] * 2
            assert len(here.main.log) == 2
            fresh = count()  # a session that was served elsewhere would stay there
            while time.monotonic() - opened < 4.5:
                async with asyncio.TaskGroup() as group:  # all at once: they want the same probe
                    for worker in workers * 2:
                        group.create_task(worker.ask(f"t{next(fresh)}"))
                await anyio.sleep(0.02)
            probes = len(here.main.log) - 2
            assert 3 <= probes <= 4
            here.main.fail(after="ok")
            await anyio.sleep(1.1)
            before = len(here.main.log)
            assert await workers[0].ask("back") == 200
            for worker in workers:
                await worker.until(is_well)
                assert await worker.ask(f"u{worker.pid}") == 200
            assert len(here.main.log) == before + 4  # back in all of them


async def test_seats_are_those_of_all_workers_together(tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path, 3, main="max_in_flight = 2") as here:
            here.main.first_s = 0.3
            workers = await here.workers(3)
            async with asyncio.TaskGroup() as group:
                for number, worker in enumerate(workers * 3):
                    group.create_task(worker.ask(f"s{number}"))
            assert (len(here.main.log), len(here.relay.log)) == (2, 7)
            await workers[0].until(lambda status: pins(status) == 9)
            assert await workers[0].ask("later") == 200
            assert len(here.main.log) == 3  # they were given back


async def test_switch_and_reset_hold_for_all(tmp_path: Path) -> None:
    with anyio.fail_after(40):
        async with crew(tmp_path) as here:
            first, second = await here.workers(2)
            assert (await first.post("/api/switch", app="claude", provider="relay")).is_success
            assert await second.ask() == 200
            assert (len(here.main.log), len(here.relay.log)) == (0, 1)
            assert (await second.post("/api/switch", app="claude", provider=None)).is_success
            here.main.fail("status:429:600")
            assert await first.ask("other") == 200
            await second.until(is_cooling)
            assert (await second.post("/api/reset", key="main")).json()["known"]
            assert await first.ask("third") == 200
            assert len(here.main.log) == 2
            await anyio.sleep(1.2)  # then the file has it
    assert b'"switches":{}' in (here.ledger / "routing.json").read_bytes()


async def test_a_reload_reaches_all(tmp_path: Path) -> None:
    with anyio.fail_after(40):
        async with crew(tmp_path) as here:
            first, second = await here.workers(2)
            text = here.config.read_text()
            here.config.write_text(f"{text}[limits.claude]\nidle_s = 99\n")
            told = await first.post("/api/reload")
            assert told.is_success
            sharing = (await second.status())["sharing"]
            assert [one["config"]["hash"] for one in sharing["workers"]] == [
                told.json()["hash"]
            ] * 2
            here.config.write_text("[queues.claude]\n")
            assert (await second.post("/api/reload")).status_code == 400
            for worker in (first, second):
                status = await worker.status()
                assert status["config"]["last_error"] is not None
            here.config.write_text(text)
            here.process.send_signal(signal.SIGHUP)
            status = await first.until(lambda one: one["config"]["last_error"] is None)
            assert status["config"]["hash"] != told.json()["hash"]


async def test_a_worker_that_dies_loses_no_row_and_another_takes_its_place(tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path) as here:
            first, second = await here.workers(2)
            here.main.fail("status:429:600")
            for worker in (first, second):
                assert await worker.ask(f"s{worker.pid}") == 200
            os.kill(first.pid, signal.SIGKILL)
            await here.until_said("worker 0 was killed by SIGKILL: started again in 0.")
            assert await second.ask("t") == 200
            anew, again = await here.workers(2)
            assert (again.pid, anew.pid != first.pid) == (second.pid, True)
            status = await anew.until(lambda status: pins(status) == 3)
            assert is_cooling(status)
            assert status["apps"][0]["targets"][1]["pins"] == 3
            assert await anew.ask("u") == 200
            assert len(here.main.log) == 1
    assert len(views.recent_requests(here.ledger, 9)) == 4


async def test_without_the_hub_each_goes_on_and_then_they_agree_again(tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path) as here:
            first, second = await here.workers(2)
            hub = _hub_of(here)
            os.kill(hub, signal.SIGSTOP)  # it is there, and does not answer
            here.main.fail(after="status:429:600")
            began = time.monotonic()
            assert await first.ask("s") == 200
            assert await second.ask("t") == 200
            assert time.monotonic() - began < 2
            assert len(here.main.log) == 2  # nobody could tell
            status = await first.until(lambda one: one["sharing"]["problem"] is not None)
            assert "the hub of this host has not answered for" in status["sharing"]["problem"]
            assert status["sharing"]["silent"] == [1]
            os.kill(hub, signal.SIGKILL)
            await here.until_said("the hub was killed by SIGKILL")
            for worker in (first, second):
                await worker.until(lambda one: one["sharing"]["problem"] is None)
            await second.until(lambda one: one["apps"][0]["targets"][1]["pins"] == 2)
            assert (await second.post("/api/reset", key="main")).json()["known"]
            here.main.fail(after="ok")
            assert await first.ask("u") == 200
            assert len(here.main.log) == 3


def _parts(status: Any) -> list[Any]:
    """Return what is known of the first target, its key and its provider."""
    first = status["apps"][0]["targets"][0]
    return [first["health"], *first["parts"]]


def _hub_of(here: Crew) -> int:
    """Return the process that is the hub."""
    children = Path(f"/proc/{here.process.pid}/task/{here.process.pid}/children").read_text()
    for pid in map(int, children.split()):
        if b"proxy.sharing.hub" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise AssertionError("there is no hub")


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT], ids=lambda one: str(one.name))
async def test_a_signal_lets_all_streams_end(one: signal.Signals, tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path) as here:
            here.main.events, here.main.pace_s = 30, 0.02
            workers = await here.workers(2)
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(worker.ask(f"s{worker.pid}")) for worker in workers]
                while len(here.main.log) < 2:  # noqa: ASYNC110  # of other processes
                    await anyio.sleep(0.01)
                here.process.send_signal(one)
            assert [task.result() for task in asked] == [200, 200]
            assert await here.process.wait() == 0
        entries = views.recent_requests(here.ledger, 9)
        assert [entry.request.outcome for entry in entries] == ["whole", "whole"]
        assert not _running(here)


async def test_workers_end_with_the_supervisor(tmp_path: Path) -> None:
    with anyio.fail_after(60):
        async with crew(tmp_path) as here:
            workers = await here.workers(2)
            folder = _folder_of(workers[0])
            assert (folder / "hub").is_socket()
            here.process.send_signal(signal.SIGKILL)
            for worker in workers:
                while await anyio.Path(f"/proc/{worker.pid}").exists():  # noqa: ASYNC110  # likewise
                    await anyio.sleep(0.05)
            while await anyio.Path(folder).exists():  # noqa: ASYNC110  # likewise
                await anyio.sleep(0.05)


async def test_a_file_that_cannot_be_used_is_told_once_and_nothing_runs(tmp_path: Path) -> None:
    config = tmp_path / "pointsman.toml"
    config.write_text("[server]\nworkers = 0\n")
    words = ("-m", "proxy", "serve", "--config", str(config), "--workers", "2")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stderr=PIPE)
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"server.workers: found 0, want a whole number from 1 to 64" in said


def _folder_of(worker: Worker) -> Path:
    """Return where the socket of its hub is."""
    words = Path(f"/proc/{worker.pid}/cmdline").read_bytes().decode().split("\0")
    return next(Path(word).parent for word in words if word.endswith("/hub"))


def _running(here: Crew) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes()
            if str(here.config).encode() in words:
                found.append(words.decode())
    return found
