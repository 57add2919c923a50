"""Outages of a provider."""

from pathlib import Path

import pytest

from tests.analysis.ledgers import Row
from tests.analysis.metrics.asking import FAILED, THROTTLED, ask, attempts

DAY: list[Row] = attempts(144, step_s=600)


def _with_failures(*places: range) -> list[Row]:
    failed = {k for place in places for k in place}
    return [row | FAILED if k in failed else row for k, row in enumerate(DAY)]


def test_two_outages(tmp_path: Path) -> None:
    found = ask(tmp_path, "outages", attempts=_with_failures(range(20, 23), range(100, 106)))
    down = (3 + 6) * 600
    up = 143 * 600 - down
    assert found.value("main", "outages") == 2
    assert found.value("main", "MTTR") == pytest.approx(down / 2)
    assert found.value("main", "MTBF") == pytest.approx(up / 2)
    assert found.value("main", "time availability") == pytest.approx(up / (up + down))
    for what in ("MTTR", "MTBF", "time availability"):
        lo, hi = found.interval("main", what)
        value = found.value("main", what)
        assert lo is not None
        assert hi is not None
        assert value is not None
        assert lo < value < hi


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(DAY, id="nothing failed"),
        pytest.param(_with_failures(range(20, 22), range(50, 52)), id="two in a row are none"),
        pytest.param([*DAY, *attempts(9, 30_000, 1, **THROTTLED)], id="rate limits are none"),
    ],
)
def test_no_outage(rows: list[Row], tmp_path: Path) -> None:
    found = ask(tmp_path, "outages", attempts=rows)
    assert found.value("main", "outages") == 0
    assert found.value("main", "MTTR") is None
    assert found.value("main", "MTBF") is None
    assert found.value("main", "time availability") == 1
    assert found.interval("main", "MTBF")[0] is not None  # so long, and nothing happened


def test_one_that_is_not_over_has_no_end(tmp_path: Path) -> None:
    found = ask(tmp_path, "outages", attempts=_with_failures(range(20, 23), range(140, 144)))
    assert found.value("main", "outages") == 2
    assert found.n("main", "MTTR") == 1
    assert found.value("main", "MTTR") == pytest.approx(3 * 600 + 3.5 * 600)


def test_near_runs_are_one(tmp_path: Path) -> None:
    rows = [*attempts(60), *attempts(5, 3600, 5, **FAILED), *attempts(1, 3626)]
    rows += [*attempts(5, 3630, 5, **FAILED), *attempts(60, 3660)]
    assert ask(tmp_path, "outages", attempts=rows).value("main", "outages") == 1
