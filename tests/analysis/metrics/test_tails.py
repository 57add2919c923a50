"""How long clients waited, failed requests included."""

from pathlib import Path

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import ask


def test_a_failed_request_is_later_than_any(tmp_path: Path) -> None:
    whole: list[Row] = [
        {"first_content_us": k * 1_000_000, "total_us": k * 2_000_000} for k in range(1, 91)
    ]
    failed: list[Row] = [{"outcome": "exhausted", "first_content_us": 1, "total_us": 1}] * 10
    outside: list[Row] = [{"outcome": "client_left", "total_us": 1}] * 40
    found = ask(tmp_path, "tails", requests=[*whole, *failed, *outside])
    assert found.value("claude", "first content p50") == 50.0
    assert found.value("claude", "all of it p50") == 100.0
    assert found.value("claude", "all of it p95") is None
    assert found.n("claude", "all of it p95") == 100
