"""`pointsman ledger forget` says what goes, asks, and says when the last byte of it does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from proxy.cli.main import app
from proxy.clock import REAL
from proxy.ledger.folder import folder_at
from proxy.ledger.views import prepare
from tests.ledger.entries import journal, request_id
from tests.ledger.test_compact import put, seen
from tests.ledger.test_forget import OTHER, OURS, of

GONE = "2 requests, 4 attempts, 1 losses, 2 events, 0 bodies"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    prepare(tmp_path)
    put(folder_at(tmp_path), of(OURS, 1), of(OURS, 2), of(OTHER, 3))
    return tmp_path


def run(ledger: Path, *words: str, typed: str = "") -> tuple[int, str]:
    command = ["ledger", "forget", *words, "--ledger", str(ledger)]
    result = CliRunner().invoke(app, command, input=typed)
    return result.exit_code, result.output


def left(ledger: Path) -> set[str]:
    return set(seen(folder_at(ledger)))


def test_it_says_what_would_go(ledger: Path) -> None:
    assert run(ledger, "--session", OURS, "--dry-run") == (0, f"session {OURS}: {GONE}\n")
    assert len(left(ledger)) == 3


def test_it_asks_first(ledger: Path) -> None:
    code, text = run(ledger, "--session", OURS, typed="n\n")
    assert code == 1
    assert "forget all of it, for good? [y/N]" in text
    assert len(left(ledger)) == 3


def test_it_says_what_went_and_when_the_last_of_it_does(ledger: Path) -> None:
    code, text = run(ledger, "--session", OURS, "--yes")
    assert code == 0
    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "THEN", text) == (
        f"session {OURS}: {GONE}\n"
        f"gone: {GONE}; no reader finds them any more\n"
        "their last bytes leave the disk by THEN UTC, "
        "or when a proxy next runs on this ledger after that\n"
    )
    assert run(ledger, "--session", OURS, "--yes") == (
        0,
        f"session {OURS}: nothing of it is in the ledger\n",
    )
    assert len(left(ledger)) == 1


def test_one_request(ledger: Path) -> None:
    code, text = run(ledger, "--request", request_id(2).upper(), "--yes")
    assert code == 0
    assert text.startswith(f"request {request_id(2)}: 1 requests, 2 attempts")


def test_a_journal_that_is_written_takes_an_hour_more(ledger: Path) -> None:
    log = journal(ledger, started_us=REAL.wall_us())
    log.write(of(OURS, 4))
    _, text = run(ledger, "--session", OURS, "--yes")
    log.close()
    found = re.search(r"by (\S+ \S+) UTC", text)
    assert found is not None
    last = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    wait_s = last.timestamp() - REAL.wall_us() / 1e6
    assert 4000 < wait_s < 4300  # an hour, ten minutes, and a little
    assert "3 requests" in text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param([], 2, "give --session or --request, one of them", id="nothing"),
        pytest.param(
            ["--session", "a", "--request", "b"], 2, "give --session or --request", id="both"
        ),
        pytest.param(
            ["--request", "b"],
            1,
            "b is no id of a request: want one as x-pointsman-request has it",
            id="no id",
        ),
        pytest.param(
            ["--session", "nobody's"], 0, "nothing of it is in the ledger", id="not there"
        ),
    ],
)
def test_what_cannot_be_forgotten(ledger: Path, words: list[str], code: int, said: str) -> None:
    found, text = run(ledger, *words)
    assert (found, said in re.sub(r"[\s│]+", " ", text)) == (code, True)
