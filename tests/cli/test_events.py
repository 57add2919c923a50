"""`pointsman events`: its words, its table, and what it refuses."""

import json
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from proxy.cli.events import table
from proxy.cli.main import app
from proxy.cli.tables import printed
from proxy.ledger.views import prepare
from tests.ledger.entries import entry, journal
from tests.ledger.test_events import causing, event


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    root = tmp_path / "ledger"
    prepare(root)
    log = journal(root)
    log.write(causing(1))
    log.happened((event(2),))
    log.close()
    return root


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["events", *words])


def test_all_of_them_for_a_program(ledger: Path) -> None:
    lines = run("--json", "--ledger", str(ledger)).stdout.splitlines()
    want = [event(1, of=entry(1)), event(2)]
    assert [json.loads(line) for line in lines] == [msgspec.to_builtins(one) for one in want]


def test_only_some(ledger: Path) -> None:
    words = ("--json", "--ledger", str(ledger))
    found = run("--kind", "proxy_started", *words).stdout.splitlines()
    assert [json.loads(line)["kind"] for line in found] == ["proxy_started"]
    assert len(run("--last", "1", *words).stdout.splitlines()) == 1
    assert len(run("--since", "2026-11-01", *words).stdout.splitlines()) == 2
    assert run("--since", "2099-01-01", *words).stdout == ""


def test_a_table_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    printed(table([event(1, of=entry(1))], UTC))
    head, _, row = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert head == ["time", "what", "where", "session", "until", "why"]
    assert row[2:] == [
        *("breaker_opened", "relay", "c1a5-ses", "11-18", "11:06:55"),
        *("overloaded", "you", "said", "no"),
    ]


def test_no_such_kind_is_refused(ledger: Path) -> None:
    result = run("--kind", "nonsense", "--ledger", str(ledger))
    assert result.exit_code == 2
    assert "there is no kind 'nonsense'" in result.stderr


def test_nothing_yet(tmp_path: Path) -> None:
    prepare(tmp_path)
    assert run("--ledger", str(tmp_path)).stdout == f"no such events yet in {tmp_path}\n"
