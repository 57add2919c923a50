"""What attempts that did not serve cost."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import FAILED, SONNET, ask

PAID: Row = {**SONNET, "prompt_tokens": 100_000, "output_tokens": 0}


def test_failed_and_paid(tmp_path: Path) -> None:
    cut: Row = PAID | {"outcome": "truncated", "failure": "stream_fault", "committed": True}
    rows = [PAID, PAID | FAILED, {**SONNET, **FAILED}, cut]
    found = ask(tmp_path, "waste", attempts=rows)
    assert found.value("main", "attempts") == 2
    assert found.value("main", "time") == 2.0
    assert found.value("main", "cost (list)") == pytest.approx(0.3)
    assert found.value("main", "wasted share (list)") == pytest.approx(1 / 3)
    assert found.n("main", "wasted share (list)") == 4
    assert found.coverage("main", "wasted share (list)") == 1


def test_nothing_was_wasted(tmp_path: Path) -> None:
    found = ask(tmp_path, "waste", attempts=[PAID])
    assert found.value("main", "attempts") == 0
    assert found.value("main", "cost (list)") is None
    assert found.value("main", "wasted share (list)") == 0
