"""The command `pointsman serve`, as a process of its own: drained by SIGTERM, killed by SIGKILL."""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import duckdb
import httpx
import pytest

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from proxy.ledger import views
from tests.asgi import asking, until_asked

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)
KEY = "sk-upstream-canary"


@dataclass
class Running:
    url: str
    process: Process
    folder: Path
    main: FakeProvider

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    async def readable(self) -> None:
        """Wait until the proxy's child has made the views."""
        while not (self.ledger / "ledger.duckdb").exists():  # noqa: ASYNC110  # a file appears
            await anyio.sleep(0.01)

    async def ask(self, user_agent: str = "a test") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            headers = {"authorization": "Bearer sk-client-canary", "user-agent": user_agent}
            return await http.post(self.url + PATH, json=BODY, headers=headers)


@asynccontextmanager
async def running(
    folder: Path, main: FakeProvider, ledger: str = "", first: str = ""
) -> AsyncIterator[Running]:
    """Run the proxy before `main`, with more in `[ledger]`, and something to do `first` in it."""
    config = folder / "pointsman.toml"
    async with serve(main) as server:
        config.write_text(
            f'[ledger]\nfolder = "ledger"\n{ledger}\n[providers.main]\nwires = ["anthropic"]\n'
            f'base_url = "{server.url}"\nkey = "${{CANARY}}"\n[queues]\nclaude = ["main"]\n'
        )
        run = "from proxy.cli import main, serving; serving._DRAIN_S = 1; main.main()"
        command = [
            sys.executable,
            "-c",
            f"{first}\n{run}",
            "serve",
            "--config",
            str(config),
            "--port",
            "0",
        ]
        environment = {**os.environ, "CANARY": KEY}
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=PIPE, stderr=PIPE
        )
        try:
            assert process.stdout is not None
            line = (await process.stdout.readline()).decode()
            url = line.split()[3]
            assert url.startswith("http://127.0.0.1:"), line
            yield Running(url, process, folder, main)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_sigterm_lets_streams_end_and_keeps_their_rows(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        async with running(tmp_path, FakeProvider("main", events=30, pace_s=0.01)) as here:
            async with asyncio.TaskGroup() as group:
                asked = group.create_task(here.ask())
                await until_asked(here.main)
                here.process.terminate()
                answer = await asked
            await here.process.wait()
        assert b"message_stop" in answer.content
        (entry,) = views.recent_requests(here.ledger, 9)
        assert entry.request.outcome == "whole"
        assert list(here.ledger.glob("data/requests-*.parquet"))  # the journal was converted


async def test_what_does_not_end_in_time_is_told_so_and_noted(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        main = FakeProvider("main", faults=["stall_at:6", "no_headers"], events=9)
        async with running(tmp_path, main) as here:
            async with asyncio.TaskGroup() as group:
                streaming = group.create_task(here.ask())
                await until_asked(main)
                waiting = group.create_task(here.ask())
                await until_asked(main, 2)
                here.process.terminate()
            await here.process.wait()
        assert streaming.result().status_code == 200
        assert streaming.result().content.rstrip().endswith(b'stopped. Ask again."}}')
        assert waiting.result().status_code == 503
        entries = views.recent_requests(here.ledger, 9)
        assert [entry.request.outcome for entry in entries] == ["stopped", "stopped"]
        assert [row.outcome for entry in entries for row in entry.attempts] == ["stopped"] * 2
        assert [entry.request.status for entry in entries] == [200, 503]


async def test_a_head_without_end_is_cut_off(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        async with running(tmp_path, FakeProvider("main")) as here:
            port = int(here.url.rpartition(":")[2])
            async with await anyio.connect_tcp("127.0.0.1", port) as stream:
                await stream.send(b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
                gone = (anyio.BrokenResourceError, anyio.EndOfStream)
                with pytest.raises(gone):  # noqa: PT012  # any of these calls may be the first
                    while True:
                        await stream.send(b"x" * 60_000)
                        with anyio.move_on_after(0.05):
                            assert b"400" in await stream.receive()
            assert (await here.ask()).status_code == 200


async def test_a_request_in_flight_at_kill_9_is_found_again(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        main = FakeProvider("main", faults=["ok", "no_headers"])
        async with running(tmp_path, main) as here:
            await here.ask()
            async with asyncio.TaskGroup() as group:
                group.create_task(_cut_off(here))
                await until_asked(main, 2)
                here.process.send_signal(signal.SIGKILL)
            await here.process.wait()
            await here.readable()
            # The converter outlives its parent for one last pass; its commit counts after a fence.
            while len(views.recent_requests(here.ledger, 9)) < 2:  # noqa: ASYNC110  # a file grows
                await anyio.sleep(0.1)
        ends = [entry.request.outcome for entry in views.recent_requests(here.ledger, 9)]
        assert ends == ["whole", "crashed"]


async def _cut_off(here: Running) -> None:
    with pytest.raises(httpx.TransportError):
        await here.ask()


async def test_anybody_may_read_while_it_runs_and_no_secret_is_anywhere(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        main = FakeProvider("main", faults=["status:400", "ok"])
        async with running(tmp_path, main) as here:
            assert (await here.ask()).status_code == 400
            assert (await here.ask()).status_code == 200
            await here.readable()
            with duckdb.connect(here.ledger / "ledger.duckdb", read_only=True) as other:
                query = "SELECT outcome FROM requests ORDER BY received_at"
                assert other.execute(query).fetchall() == [("caller_fault",), ("whole",)]
                assert (await here.ask()).status_code == 200
                query = "SELECT count(*), sum(n_attempts) FROM requests"
                assert other.execute(query).fetchall() == [(3, 3)]
            here.process.terminate()
            out, err = await here.process.communicate()
        kept = [path.read_bytes() for path in here.ledger.rglob("*") if path.is_file()]
        for text in (out, err, *kept):
            assert b"canary" not in text
        assert err == b""


SLOW_SYNC = """
import os, time
real = os.fdatasync
def fdatasync(fd):
    time.sleep(0.5)
    real(fd)
os.fdatasync = fdatasync
"""
NO_SYNC = """
import os
def fdatasync(fd):
    raise OSError(5, "Input/output error")
os.fdatasync = fdatasync
"""


@pytest.mark.parametrize(
    ("ledger", "least_s"),
    [
        pytest.param('sync = "always"', 0.5, id="always"),
        pytest.param('sync = "interval"', 0.0, id="every tenth of a second"),
    ],
)
async def test_the_end_of_an_answer_waits_for_the_disk(
    tmp_path: Path, ledger: str, least_s: float
) -> None:
    with anyio.fail_after(30):
        async with running(tmp_path, FakeProvider("main"), ledger, SLOW_SYNC) as here:
            before = anyio.current_time()
            async with asyncio.TaskGroup() as group:  # they share a sync
                asked = [group.create_task(here.ask()) for _ in range(5)]
            took_s = anyio.current_time() - before
        assert all(b"message_stop" in one.result().content for one in asked)
        assert least_s <= took_s < least_s + 2


async def test_an_answer_that_no_disk_takes_does_not_end(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        ledger = 'sync = "always"\non_full = "refuse"'
        async with running(tmp_path, FakeProvider("main"), ledger, NO_SYNC) as here:
            answer = await here.ask()
            assert b"message_stop" not in answer.content
            assert b"could not write this answer down durably" in answer.content
            here.process.terminate()
            _, err = await here.process.communicate()
        told = "ledger: rows may not outlive a loss of power: [Errno 5] Input/output error\n"
        assert err.decode() == told


async def test_a_journal_that_is_removed_costs_no_request_and_no_later_row(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        async with running(tmp_path, FakeProvider("main"), "ballast_mib = 0") as here:
            await here.readable()
            await anyio.sleep(1.5)  # a look at it has passed
            shutil.rmtree(here.ledger / "journal")
            first = await here.ask()
            while not list(here.ledger.glob("journal/*-*.jsonl")):  # noqa: ASYNC110  # it appears
                await anyio.sleep(0.05)
            second = await here.ask()
            here.process.terminate()
            _, err = await here.process.communicate()
        asked = [answer.headers["x-pointsman-request"] for answer in (first, second)]
        entries = views.recent_requests(here.ledger, 9)
        assert [entry.request.request_id for entry in entries] == asked
        lines = err.decode().splitlines()
        why = f"ledger: {here.ledger} cannot be written (its journal was removed): "
        assert lines[0] == f"{why}rows wait in memory, at most 16 MiB of them; make room"
        assert lines[-1] == f"ledger: {here.ledger} is written again; nothing was lost"
