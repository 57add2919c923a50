"""`pointsman export`: what is in the files, what was struck out, and what it leaves alone."""

import csv
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from analysis import open_ledger
from analysis.reports.file_verbs import export
from tests.analysis.ledgers import Row, at, ledger_of, rid
from tests.analysis.metrics.asking import FAILED

SECRET = "why did req_0123456789abcdef fail"
REQUESTS: list[Row] = [
    {"id": 1, "session_id": "one", "error_message": SECRET, "client_key": "lisa"},
    {"id": 2, "received_at": at(86_400), "app": "codex"},
]
ATTEMPTS: list[Row] = [{"id": 1, **FAILED, "error_message": SECRET}, {"id": 1, "attempt_no": 2}]
ATTEMPTS += [{"id": 2, "started_at": at(86_400)}]


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(export)
    return CliRunner().invoke(app, [*words])


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    ledger_of(folder, requests=REQUESTS, attempts=ATTEMPTS).close()
    return folder


def test_parquet_is_a_ledger_again(ledger: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    result = run(str(target), "--ledger", str(ledger))
    assert (result.exit_code, result.stdout) == (0, f"{target}: 2 requests, 3 attempts\n")
    with open_ledger(ledger) as old, open_ledger(target) as new:
        assert new.requests().equals(old.requests())
        assert new.attempts().equals(old.attempts())
    assert {one.name for one in tmp_path.iterdir()} == {"ledger", "out"}
    assert {one.stat().st_mode & 0o777 for one in target.iterdir()} == {0o600}


def test_a_range_takes_the_attempts_of_its_requests(ledger: Path, tmp_path: Path) -> None:
    words = (str(tmp_path / "out"), "--ledger", str(ledger), "--timezone", "UTC")
    assert run(*words, "--until", "2026-10-02").stdout.endswith(": 1 requests, 2 attempts\n")
    assert run(*words, "--app", "codex", "--force").stdout.endswith(": 1 requests, 1 attempts\n")
    with open_ledger(tmp_path / "out") as new:
        assert new.attempts()["request_id"].to_list() == [rid(2)]


@pytest.mark.parametrize(
    ("level", "message"), [("ids", "why did *** fail"), ("texts", "")], ids=["ids", "texts"]
)
def test_what_is_struck_out(ledger: Path, tmp_path: Path, level: str, message: str) -> None:
    target = tmp_path / "out"
    run(str(target), "--format", "csv", "--redact", level, "--ledger", str(ledger))
    found: dict[str, list[dict[str, str]]] = {}
    for name in ("requests", "attempts"):
        with (target / f"{name}.csv").open(newline="") as file:
            found[name] = list(csv.DictReader(file))
    first, other = found["requests"]
    assert first["error_message"] == message
    assert first["request_id"] not in {rid(1), rid(2)}
    assert first["client_key"] not in {"", "lisa"}
    ids = [row["request_id"] for row in found["attempts"]]
    assert sorted(ids) == sorted([first["request_id"]] * 2 + [other["request_id"]])
    assert "lisa" not in (target / "requests.csv").read_text()


def test_what_is_there_stays(ledger: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    words = (str(target), "--ledger", str(ledger))
    target.mkdir()
    (target / "mine").touch()
    first = run(*words)
    assert (first.exit_code, first.stdout) == (2, "")
    assert first.stderr == f"{target} is there already: take another name, or --force\n"
    forced = run(*words, "--force")
    assert forced.exit_code == 2
    assert forced.stderr == f"{target} is no folder that an export made: take another name\n"
    assert [one.name for one in target.iterdir()] == ["mine"]


def test_where_nothing_can_be_made(ledger: Path, tmp_path: Path) -> None:
    result = run(str(tmp_path / "none" / "out"), "--ledger", str(ledger))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "cannot be written (No such file or directory)" in result.stderr
