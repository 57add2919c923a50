"""Two real proxies with folders of their own, one shared ledger, and readers of it."""

import json
import os
from pathlib import Path

import anyio
import httpx
import pytest
from typer.testing import CliRunner

from analysis.load import open_ledger
from fixtures.engine import FakeProvider
from proxy.cli.main import app
from proxy.errors import LedgerUnusable
from proxy.ledger.lake.address import Lake, Shared
from proxy.ledger.views import recent_requests
from proxy.record import Entry
from tests.cluster.servers import IN_URL, PASSWORD, Postgres
from tests.test_serve import Running, running

pytestmark = pytest.mark.anyio
WORD = "LEDGER_WORD"


def bare(lake: Lake) -> str:
    """Return its address as it is typed: the password comes from the environment."""
    return lake.url.replace(IN_URL, f"${{{WORD}}}")


def said(lake: Lake) -> str:
    """Return what `[ledger]` says of a shared one."""
    return f'url = "{bare(lake)}"\ndata = "{lake.data}"\nhand_over_s = 1'


def run(*words: str) -> str:
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 0, found.output
    return found.stdout


async def until_shared(lake: Lake, count: int) -> None:
    with anyio.fail_after(40):
        while len(await anyio.to_thread.run_sync(rows, lake)) < count:  # noqa: ASYNC110  # others'
            await anyio.sleep(0.2)


def rows(lake: Lake) -> list[Entry]:
    try:
        return recent_requests(Shared(lake), 9)
    except LedgerUnusable:  # nobody has made it yet
        return []


@pytest.fixture
def ready(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv(WORD, IN_URL)
    return lake


async def test_what_one_host_serves_all_can_read(tmp_path: Path, ready: Lake) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    first, second = FakeProvider("main"), FakeProvider("main")
    async with (
        running(tmp_path / "one", first, said(ready)) as one,
        running(tmp_path / "other", second, said(ready)) as other,
    ):
        await one.readable()
        assert (await one.ask("on one")).status_code == 200
        assert (await other.ask("on the other")).status_code == 200
        here = str(tmp_path / "one" / "pointsman.toml")
        await until_shared(ready, 2)
        agents = {row.request.user_agent for row in recent_requests(Shared(ready), 9)}
        assert agents == {"on one", "on the other"}
        assert (await one.ask("not handed over yet")).status_code == 200
        told = [
            json.loads(line) for line in run("requests", "--json", "--config", here).splitlines()
        ]
        assert told[-1]["request"]["user_agent"] == "not handed over yet"  # at once, at home
        await check_verbs(here, ready)
        shown = (await asked_status(one)) + run("ledger", "stats", "--config", here)
        with open_ledger(ready.url, one.ledger) as ledger:
            assert ledger.requests().height == 3
        seen = command_lines()
        one.process.terminate()
        other.process.terminate()
        ends = [await host.process.communicate() for host in (one, other)]
    nowhere_is_the_password(tmp_path, [shown, seen, *(str(end) for end in ends)])
    await until_shared(ready, 3)  # the last journal was handed over at the end


async def check_verbs(config: str, lake: Lake) -> None:
    shown = lake.catalog.shown
    query = "SELECT count(*) AS n FROM attempts"
    assert json.loads(run("sql", "--json", query, "--config", config)) == {"n": 3}
    only_named = run("sql", "--json", "SELECT 1 AS n FROM meta", "--ledger", bare(lake))
    assert json.loads(only_named) == {"n": 1}
    assert run("ledger", "path", "--config", config).splitlines()[1] == shown
    assert f"shared      {shown}" in run("ledger", "stats", "--config", config).splitlines()
    assert run("ledger", "verify", "--config", config).startswith(
        "nothing is wrong with the shared"
    )
    assert run("ledger", "compact", "--config", config).startswith("before: ")
    assert run("ledger", "prune", "--keep-days", "1", "--config", config) == "nothing went\n"
    out = str(Path(config).with_name("out.duckdb"))
    assert "3 requests" in run("snapshot", out, "--config", config)
    refused = CliRunner().invoke(app, ["ledger", "prune", "--keep-mib", "1", "--config", config])
    assert (refused.exit_code, "is bounded by age alone" in refused.output) == (2, True)


async def asked_status(host: Running) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{host.url}/status")).text


def command_lines() -> str:
    """Return what every user of this machine can read of its processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:  # it has ended meanwhile
            continue
    return "\n".join(found)


def nowhere_is_the_password(folder: Path, texts: list[str]) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts += [path.read_bytes().decode("latin-1") for path in files]
    for word in (PASSWORD, IN_URL, "canary of a", "canary%20of%20a"):
        assert not any(word in text for text in texts)


async def test_the_catalog_away_is_nothing_that_a_client_notices(
    tmp_path: Path, ready: Lake, postgres: Postgres
) -> None:
    async with running(tmp_path, FakeProvider("main"), said(ready)) as host:
        await host.readable()
        assert (await host.ask()).status_code == 200
        await until_shared(ready, 1)
        for _ in range(2):  # a converter that died of it would be missed the second time
            before = len(rows(ready))
            await anyio.to_thread.run_sync(postgres.stop)
            try:
                assert (await host.ask()).status_code == 200
                await anyio.sleep(7)  # a file is over, and the converter comes by
                assert (await host.ask()).status_code == 200
            finally:
                await anyio.to_thread.run_sync(postgres.start)
            await until_shared(ready, before + 2)
        host.process.terminate()
        _, err = await host.process.communicate()
    lines = [line for line in err.decode().splitlines() if line.startswith("ledger converter: ")]
    away = [line for line in lines if "nothing is handed over to the shared ledger" in line]
    assert len(away) == 2, lines  # told when it comes up, not in each round
    assert sum("goes on" in line for line in lines) == 2
    assert os.environ[WORD] not in err.decode()
