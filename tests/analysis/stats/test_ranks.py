"""Who is best, where some are hardly known."""

import pytest

from analysis.stats import NO_ROWS
from analysis.stats.proportions import Count
from analysis.stats.ranks import chances_of_best, shrunk


def test_the_hardly_known_are_drawn_to_the_fleet() -> None:
    known, new, bad = Count(9_900, 10_000), Count(3, 3), Count(700, 1_000)
    found = shrunk([known, new, bad])
    values = [one.value for one in found]
    assert all(value is not None for value in values)
    assert values[0] == pytest.approx(0.99, abs=1e-3)  # 10,000 rows speak for themselves
    assert 0.95 < (values[1] or 0) < 0.99  # three successes are no proof of perfection
    assert values[2] == pytest.approx(0.70, abs=5e-3)
    assert [one.n for one in found] == [10_000, 3, 1_000]


def test_of_nobody_nothing_is_known() -> None:
    assert shrunk([Count(0, 0)]) == [NO_ROWS]
    assert chances_of_best([Count(0, 0)]) == [None]


def test_chances_add_up_and_go_to_the_better() -> None:
    found = chances_of_best([Count(990, 1000), Count(900, 1000), Count(0, 0)])
    assert found == [1.0, 0.0, None]
    close = chances_of_best([Count(95, 100), Count(94, 100)])
    assert sum(chance or 0 for chance in close) == pytest.approx(1)
    assert 0.5 < (close[0] or 0) < 0.8


def test_one_provider_alone() -> None:
    (found,) = shrunk([Count(5, 10)])
    assert found.value == pytest.approx(0.5)
