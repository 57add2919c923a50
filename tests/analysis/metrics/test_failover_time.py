"""How long clients waited for attempts that failed."""

from pathlib import Path

from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import FAILED, ask

LATE: Row = {"outcome": "late", "failure": "late", "committed": False}


def test_time_lost(tmp_path: Path) -> None:
    requests: list[Row] = [
        {"id": 1, "total_us": 10_000_000, "n_attempts": 1},
        {"id": 2, "total_us": 20_000_000, "n_attempts": 2},
        {"id": 3, "total_us": 70_000_000, "n_attempts": 3},
        {"id": 4, "total_us": 100_000_000, "n_attempts": 2, "outcome": "exhausted"},
    ]
    attempts: list[Row] = [
        {"id": 1},
        {"id": 2, **FAILED},
        {"id": 2, "attempt_no": 2, "started_at": at(4)},
        {"id": 3, **LATE},
        {"id": 3, "attempt_no": 2, "started_at": at(30), **FAILED},
        {"id": 3, "attempt_no": 3, "started_at": at(36)},
        {"id": 4, **LATE},
        {"id": 4, "attempt_no": 2, "started_at": at(50), **LATE},
    ]
    found = ask(tmp_path, "failover_time", requests=requests, attempts=attempts)
    assert found.value("claude", "all", "share of waiting") == 40 / 200
    assert found.n("claude", "all", "share of waiting") == 4
    assert found.value("claude", "all", "longest") == 36.0
    assert found.value("claude", "late", "p50") == 36.0
    assert found.value("claude", "server_error", "p50") == 4.0
    assert found.n("claude", "all", "p50") == 2
