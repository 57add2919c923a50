"""How long until first content, failures included."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import CRASHED, FAILED, REFUSED, THROTTLED, ask

LATE: Row = {"outcome": "late", "failure": "late", "total_us": 60_000_000, "committed": False}
LEFT: Row = {"outcome": "client_left", "failure": "client_left", "total_us": 5_000_000}


def _answers(count: int) -> list[Row]:
    return [{"first_content_us": (k + 1) * 100_000} for k in range(count)]


def test_without_failures_both_are_the_plain_quantile(tmp_path: Path) -> None:
    found = ask(tmp_path, "first_content", attempts=_answers(100))
    assert found.value("main", "waits p50") == pytest.approx(5.0)
    assert found.value("main", "or never p50") == pytest.approx(5.0)
    assert found.value("main", "or never p95") == pytest.approx(9.5)


def test_who_ran_out_of_time_is_not_left_out(tmp_path: Path) -> None:
    found = ask(tmp_path, "first_content", attempts=[*_answers(10), *[LATE] * 10])
    assert found.value("main", "waits p50") == pytest.approx(1.0)  # of the ten, the last
    assert found.value("main", "waits p95") is None
    assert found.method("main", "waits p95") == "not reached: more than 60"
    assert found.value("main", "or never p95") is None


def test_a_client_that_left_has_waited_so_long(tmp_path: Path) -> None:
    slow: list[Row] = [{"first_content_us": 9_000_000}] * 10
    found = ask(tmp_path, "first_content", attempts=[*slow, *[LEFT] * 10])
    assert found.value("main", "waits p50") == pytest.approx(9.0)
    assert found.n("main", "waits p50") == 20
    assert found.n("main", "or never p50") == 10  # it says nothing of the provider


def test_the_refused_waited_for_nothing(tmp_path: Path) -> None:
    rows = [*_answers(10), *[FAILED] * 5, *[THROTTLED] * 5, *[REFUSED] * 50, *[CRASHED] * 50]
    found = ask(tmp_path, "first_content", attempts=rows)
    assert found.n("main", "waits p50") == 10
    assert found.coverage("main", "waits p50") == 0.5
    assert found.n("main", "or never p50") == 20
    assert found.value("main", "or never p50") == pytest.approx(1.0)
    assert found.value("main", "or never p95") is None
