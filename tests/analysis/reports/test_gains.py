"""`pointsman savings`: both tables, JSON, and what it refuses."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from analysis.metrics import METRICS
from analysis.reports.gains import ASKED
from analysis.reports.worth_verbs import savings
from tests.analysis.ledgers import Row, at, ledger_of
from tests.analysis.metrics.asking import FAILED, SONNET

CACHED: Row = {
    **SONNET,
    "prompt_tokens": 100_000,
    "cache_read_tokens": 90_000,
    "cache_write_tokens": 10_000,
    "uncached_input_tokens": 0,
    "output_tokens": 0,
}


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command()(savings)
    return CliRunner().invoke(app, [*words])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    requests: list[Row] = [
        {"id": k, "received_at": at(3600 * k), "provider": "relay" if k else "main"}
        | {"n_attempts": 2 if k == 1 else 1, "total_us": 4_000_000}
        for k in range(4)
    ]
    attempts: list[Row] = [
        {"id": 0, **CACHED},
        {"id": 1, "started_at": at(3600), **FAILED},
        {"id": 1, "attempt_no": 2, "started_at": at(3602), "provider": "relay", **CACHED},
        {"id": 2, "started_at": at(7200), "provider": "relay"},
        {"id": 3, "started_at": at(10800), "provider": "relay", **FAILED, "committed": False},
    ]
    requests[3] |= {"outcome": "exhausted"}
    ledger_of(tmp_path, requests=requests, attempts=attempts).close()
    return tmp_path


def test_both_tables(folder: Path) -> None:
    lines = run("--ledger", str(folder)).stdout.splitlines()
    main = next(line.split() for line in lines if line.startswith(" main"))
    # Reads save 2.7 of 3 USD a million, writes cost 0.75 more.
    assert main[1] == f"{0.09 * 2.7 - 0.01 * 0.75:.2f}"
    assert (main[-6], main[-5]) == ("0.24", "0.01")
    claude = next(line for line in lines if line.startswith(" claude"))
    for share in ("50.0 % (", "75.0 % (", "25.0 % ("):  # at first, in the end, gained
        assert share in claude
    assert "2.0 s" in claude
    assert lines[-1].endswith("pointsman simulate")


def test_for_a_program(folder: Path) -> None:
    found = json.loads(run("--json", "--ledger", str(folder)).stdout)
    assert list(found) == list(ASKED)
    assert set(ASKED) <= set(METRICS)
    (gain,) = [row for row in found["failover"] if row["what"] == "gain"]
    assert (gain["value"], gain["n"]) == (0.25, 4)
    assert gain["lo"] < 0.25 < gain["hi"]
