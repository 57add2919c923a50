"""`pointsman ledger`: its words and exit codes; what it does is tested with the ledger."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.ledger import lines
from proxy.cli.main import app
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.stats import Stats
from proxy.ledger.views import prepare
from tests.ledger.entries import entry, journal


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    prepare(tmp_path / "ledger")
    log = journal(tmp_path / "ledger")
    log.write(entry(1))
    log.close()
    return tmp_path / "ledger"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_where_it_is(ledger: Path) -> None:
    assert run("ledger", "path", "--ledger", str(ledger)).stdout == f"{ledger}\n"
    assert json.loads(run("ledger", "path", "--json", "--ledger", str(ledger)).stdout) == {
        "folder": str(ledger),
        "face": str(ledger / "ledger.duckdb"),
        "exists": True,
    }


def test_what_is_in_it(ledger: Path) -> None:
    file = ledger.parent / "pointsman.toml"
    file.write_text('[server]\nport = 1\n[ledger]\nfolder = "ledger"\n')
    result = run("ledger", "stats", "--json", "--config", str(file))
    found = json.loads(result.stdout)
    assert (found["requests"], found["journals"], found["dropped"]) == (1, 1, None)
    assert (
        "rows        1 requests, 2 attempts, 0 losses, 0 events"
        in run("ledger", "stats", "--config", str(file)).stdout.splitlines()
    )


def test_numbers_for_a_person() -> None:
    unknown = "–"  # noqa: RUF001  # as tables have it
    found = Stats(
        folder="/l", parquet_files=1, parquet_bytes=5 << 20, quarantined=("x",), problem="why"
    )
    assert lines(found) == [
        "folder      /l",
        f"rows        {unknown} requests, {unknown} attempts, {unknown} losses, {unknown} events",
        f"from, to    {unknown}, {unknown} (UTC)",
        "parquet     1 file, 5.0 MiB",
        "journals    0 files, 0 B not converted",
        "replaced    0 files, 0 B, removed soon",
        "quarantine  1 file, 0 B",
        "            x",
        f"dropped     {unknown} by the running proxy",
        f"schema      {unknown}",
        "problem     why",
    ]


def test_whether_it_is_sound(ledger: Path) -> None:
    result = run("ledger", "verify", "--ledger", str(ledger))
    assert (result.exit_code, result.stdout) == (
        0,
        f"nothing is wrong with the ledger in {ledger}\n",
    )
    (path,) = (ledger / "journal").glob("*-*")
    path.write_bytes(path.read_bytes().replace(b"POST", b"PUST"))
    result = run("ledger", "verify", "--ledger", str(ledger))
    assert (result.exit_code, result.stdout) == (1, f"{path}: lines whose checksum is wrong: 1\n")


def test_days_that_are_over(ledger: Path) -> None:
    for number in (2, 3):
        log = journal(ledger, started_us=number)
        log.write(entry(number))
        log.close()
    convert_sealed(folder_at(ledger))
    result = run("ledger", "compact", "--ledger", str(ledger))
    assert result.exit_code == 0
    before, after = result.stdout.splitlines()
    assert before.startswith("before: 6 files, ")
    assert after.startswith("after: 2 files, ")


def test_days_that_are_not_kept(ledger: Path) -> None:
    file = ledger.parent / "pointsman.toml"
    file.write_text('[ledger]\nfolder = "ledger"\n')
    convert_sealed(folder_at(ledger))
    words = ("ledger", "prune", "--config", str(file))
    assert run(*words).stdout == "nothing went\n"
    told = "2026-11-18 to 2026-11-18 {}: 1 requests, "
    result = run(*words, "--keep-days", "1", "--dry-run")
    assert result.stdout.startswith(told.format("would go"))
    file.write_text('[ledger]\nfolder = "ledger"\nkeep_days = 1\n')
    assert run(*words).stdout.startswith(told.format("went"))
    assert run(*words).stdout == "nothing went\n"


@pytest.mark.parametrize("verb", ["stats", "verify", "compact", "prune"])
def test_no_ledger(tmp_path: Path, verb: str) -> None:
    result = run("ledger", verb, "--ledger", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"there is no ledger in {tmp_path}: the proxy makes it at its start\n"
