"""`pointsman simulate`: a table of policies with what has to be said of it, or one line why not."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analysis.reports.policy_verbs import simulate
from proxy.ledger.synth import Wish, synth
from tests.analysis.ledgers import ledger_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for _ in synth(folder, Wish(requests=3_000, days=1)):
        pass
    return folder


def told(*words: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(simulate)
    found = CliRunner().invoke(app, [*words])
    return found.exit_code, found.stdout, found.stderr


def test_a_table(made: Path) -> None:
    code, said, _ = told("--ledger", str(made), "--policies", "sticky,round_robin", "--anyway")
    assert code == 0
    rows = [line.strip() for line in said.splitlines()]
    first, _ = (row for row in rows if row.startswith(("sticky ", "round_robin ")))
    assert "–" in first  # noqa: RUF001  # a policy saves nothing against itself
    assert "predicted over reported reads" in said


def test_as_json(made: Path) -> None:
    code, said, _ = told("--ledger", str(made), "--policies", "round_robin", "--anyway", "--json")
    found = json.loads(said)
    assert code == 0
    assert {row["policy"] for row in found["result"]} == {"sticky", "round_robin"}
    assert {"what", "value", "lo", "hi", "n", "n_clusters", "method", "coverage"} <= {
        *found["result"][0]
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(
            ["--policies", "fastest"], 'there is no policy "fastest"', id="no such policy"
        ),
        pytest.param(["--since", "2031-01-01"], "holds no request", id="nothing there"),
        pytest.param(["--since", "soon"], "--since: got 'soon'", id="no time"),
    ],
)
def test_one_line_says_why_not(made: Path, words: list[str], why: str) -> None:
    code, said, error = told("--ledger", str(made), *words)
    assert (code, said) == (2, "")
    assert why in error
    assert len(error.splitlines()) == 1


def test_a_price_that_nobody_knows_is_no_zero(tmp_path: Path) -> None:
    request = {"id": 1, "served_attempt_no": 1, "prompt_chars": 9_000, "lcp_chars": 0}
    attempt = {"id": 1, "prompt_tokens": 3_000, "cache_read_tokens": 0, "model_sent": "a-new-one"}
    ledger_of(tmp_path, requests=[request], attempts=[attempt]).close()
    code, said, _ = told("--ledger", str(tmp_path), "--json")
    assert code == 0
    assert {row["value"] for row in json.loads(said)["result"]} == {None}


def test_what_is_not_calibrated_is_refused(tmp_path: Path) -> None:
    requests = [
        {"id": no, "served_attempt_no": 1, "prompt_chars": 9_000, "lcp_chars": 0, "session_id": "s"}
        for no in range(3)
    ]
    attempts = [
        {"id": no, "prompt_tokens": 3_000, "model_sent": "claude-opus-4-1"} for no in range(3)
    ]
    ledger_of(tmp_path, requests=requests, attempts=attempts).close()
    code, _, error = told("--ledger", str(tmp_path))
    assert code == 2
    assert "no provider reported what it read" in error
    code, said, _ = told("--ledger", str(tmp_path), "--anyway")
    assert code == 0
    assert "NOT CALIBRATED" in said
    assert "--among 3" in said
