"""What the proxy itself adds."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import ask


def test_both_ways(tmp_path: Path) -> None:
    rows: list[Row] = [{"overhead_in_us": 700, "overhead_out_us": 150}] * 3
    rows += [{"overhead_in_us": 900}]
    found = ask(tmp_path, "overhead", requests=rows)
    assert found.value("claude", "way in p50") == pytest.approx(0.7)
    assert found.value("claude", "way out p50") == pytest.approx(0.15)
    assert found.value("claude", "both p50") == pytest.approx(0.85)
    assert found.coverage("claude", "both p50") == 0.75
