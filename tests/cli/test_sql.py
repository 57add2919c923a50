"""`pointsman sql`, on a ledger whose writer is still at work."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.ledger.views import prepare
from tests.ledger.entries import entry, journal

BOTH = "SELECT n_attempts, is_stream, method, received_at, session_id FROM requests ORDER BY ALL"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    prepare(tmp_path / "ledger")
    log = journal(tmp_path / "ledger")
    log.write(entry(1))
    log.write(entry(2, attempts=1))
    log.close()
    return tmp_path / "ledger"


def ask(ledger: Path, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["sql", *words, "--ledger", str(ledger)], input=stdin)


def test_a_table(ledger: Path) -> None:
    result = ask(ledger, BOTH)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert lines[0] == ["n_attempts", "is_stream", "method", "received_at", "session_id"]
    assert lines[2] == ["1", "true", "POST", "2026-11-18", "11:06:40.000002", "–"]  # noqa: RUF001
    assert len(lines) == 4


def test_json(ledger: Path) -> None:
    rows = [json.loads(line) for line in ask(ledger, BOTH, "--json").stdout.splitlines()]
    assert rows[1] == {
        "n_attempts": 2,
        "is_stream": True,
        "method": "POST",
        "received_at": "2026-11-18T11:06:40.000001",
        "session_id": None,
    }


def test_csv(ledger: Path) -> None:
    assert ask(ledger, "SELECT 'a,\"b\"' AS x, NULL AS y, 1.5 AS z, [1] AS l", "--csv").stdout == (
        'x,y,z,l\n"a,""b""",,1.5,[1]\n'
    )


def test_a_query_from_standard_input(ledger: Path) -> None:
    query = "SELECT count(*) AS n\nFROM attempts"
    assert ask(ledger, "-", "--csv", stdin=query).stdout == "n\n3\n"


def test_times_are_compared_in_utc(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    query = "SELECT now()::TIMESTAMP = (now() AT TIME ZONE 'UTC') AS same"
    assert ask(ledger, query, "--csv").stdout == "same\ntrue\n"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        pytest.param(
            "SELECT nope FROM requests",
            'the ledger does not answer that: Binder Error: Referenced column "nope" not found',
            id="a column that does not exist",
        ),
        pytest.param(
            "SELEC 1", "the ledger does not answer that: Parser Error: syntax", id="no SQL"
        ),
        pytest.param("COPY (SELECT 1) TO 'x'", "the ledger is only read: ", id="a file is written"),
        pytest.param("SELECT 1; SELECT 2", "the ledger is only read: ", id="two statements"),
        pytest.param("", "the ledger is only read: ", id="nothing"),
        pytest.param("SELECT now() AS t", "t has a time zone, ", id="a time with a zone"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ledger: Path, query: str, told: str) -> None:
    result = ask(ledger, query)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1


def test_no_ledger(tmp_path: Path) -> None:
    result = ask(tmp_path / "none", "SELECT 1")
    assert result.exit_code == 2
    assert result.stderr.startswith("there is no ledger in ")


def test_two_forms_at_once(ledger: Path) -> None:
    assert ask(ledger, "SELECT 1", "--json", "--csv").exit_code == 2
