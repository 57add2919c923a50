"""How much traffic there is, and whether the log has all of it."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import ask


def _hour(**row: object) -> list[Row]:
    """Return two requests a minute for an hour, each of a minute, but the last."""
    rows = [
        {
            "received_at": at(30 * k),
            "total_us": 60_000_000,
            "prompt_tokens": 90,
            "output_tokens": 10,
        }
        for k in range(119)
    ]
    return [one | row for one in rows]


def test_rate_concurrency_and_peak(tmp_path: Path) -> None:
    found = ask(tmp_path, "load", requests=_hour())
    assert found.value("claude", "requests") == pytest.approx(119 / 60)
    assert found.value("claude", "tokens") == pytest.approx(11_900 / 60)
    assert found.value("claude", "concurrency") == pytest.approx(119 / 60)
    assert found.value("claude", "peak concurrency") == 2
    assert found.value("claude", "mismatch") == pytest.approx(0)


def test_ends_that_were_lost_show(tmp_path: Path) -> None:
    rows = _hour()
    lost = [row | {"total_us": None, "outcome": "crashed"} for row in rows[:30]]
    found = ask(tmp_path, "load", requests=[*lost, *rows[30:]])
    assert found.value("claude", "mismatch") == pytest.approx(119 / 89 - 1)
    assert found.coverage("claude", "concurrency") == pytest.approx(89 / 119)


def test_hours_without_requests_count(tmp_path: Path) -> None:
    rows = [*_hour(), {"received_at": at(7200), "total_us": 0}]
    found = ask(tmp_path, "load", requests=rows)
    assert found.value("claude", "requests") == pytest.approx(1.0)
