"""When a provider began to fail or to be slow, and when that was over."""

from pathlib import Path

from tests.analysis.ledgers import Row, at
from tests.analysis.metrics.asking import FAILED, ask

HOUR = 3600.0


def hourly(hours: range, each: int, bad: int, **row: object) -> list[Row]:
    """Return so many attempts an hour, so many of which failed."""
    return [
        {"started_at": at(hour * HOUR + k), **(FAILED if k < bad else row)}
        for hour in hours
        for k in range(each)
    ]


def test_it_began_here_and_ended_there(tmp_path: Path) -> None:
    good, bad, again = range(60), range(60, 72), range(72, 100)
    rows = [*hourly(good, 20, 1), *hourly(bad, 20, 10), *hourly(again, 20, 1)]
    found = ask(tmp_path, "changes", attempts=rows)
    assert list(found.lines) == [
        ("main", "2026-10-01 00:00", "failed at first"),
        ("main", "2026-10-03 12:00", "fails more"),
        ("main", "2026-10-04 00:00", "fails less again"),
    ]
    assert found.value("main", "2026-10-03 12:00", "fails more") == 0.5
    assert found.n("main", "2026-10-03 12:00", "fails more") == 12 * 20
    assert "known after 2026-10-03 12:00" in found.method("main", "2026-10-03 12:00", "fails more")


def test_slow_is_later_than_nine_of_ten(tmp_path: Path) -> None:
    quick: Row = {"first_content_us": 1_000_000}
    slow: Row = {"first_content_us": 9_000_000}
    rows = [*hourly(range(95), 20, 0, **quick), *hourly(range(95, 100), 20, 0, **slow)]
    found = ask(tmp_path, "changes", attempts=rows)
    assert [about for about in found.lines if about[2].startswith("slow")] == [
        ("main", "2026-10-01 00:00", "slow at first"),
        ("main", "2026-10-04 23:00", "slower"),
    ]
    assert found.value("main", "2026-10-04 23:00", "slower") == 1.0


def test_a_few_hours_are_only_compared_with(tmp_path: Path) -> None:
    rows = [*hourly(range(3), 5, 0), *hourly(range(3, 6), 5, 5)]
    found = ask(tmp_path, "changes", attempts=rows)
    assert list(found.lines) == [("main", "2026-10-01 00:00", "failed at first")]
    assert found.value("main", "2026-10-01 00:00", "failed at first") == 0.5
