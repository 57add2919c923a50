"""Silences in the middle of an answer."""

from pathlib import Path

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import ask


def test_longest_gaps(tmp_path: Path) -> None:
    rows: list[Row] = [
        {"first_content_us": 1, "max_gap_us": gap_s * 1_000_000} for gap_s in (*[1] * 95, *[20] * 5)
    ]
    rows += [{"first_content_us": None, "max_gap_us": 50_000_000}, {"first_content_us": 1}]
    found = ask(tmp_path, "stalls", attempts=rows)
    assert found.value("main", "longest gap p50") == 1.0
    assert found.value("main", "longest gap p99") == 20.0
    assert found.value("main", "over 10 s") == 0.05
    assert found.n("main", "over 10 s") == 100
