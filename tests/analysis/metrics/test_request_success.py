"""How often a client's request comes to a whole answer."""

import math
from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import ask


def test_success_and_nines(tmp_path: Path) -> None:
    ends = ["whole"] * 97 + ["exhausted", "truncated", "crashed"]
    outside = ["caller_fault", "rejected", "client_left"] * 10
    rows: list[Row] = [{"outcome": end} for end in ends + outside]
    rows += [
        {"endpoint": "count_tokens", "outcome": "exhausted"},
        {"kind": "activation", "outcome": "exhausted"},
    ]
    found = ask(tmp_path, "request_success", requests=rows)
    assert found.value("claude", "success") == 0.97
    assert found.n("claude", "success") == 100
    assert found.coverage("claude", "success") == 100 / 130
    assert found.value("claude", "nines") == pytest.approx(-math.log10(0.03))


def test_without_a_failure_nines_have_a_lower_end_only(tmp_path: Path) -> None:
    found = ask(tmp_path, "request_success", requests=[{}] * 20)
    assert found.value("claude", "nines") is None
    lo, hi = found.interval("claude", "nines")
    assert hi is None
    assert lo is not None
    assert 0.5 < lo < 1
