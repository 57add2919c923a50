"""Ratios of sums over clusters, and paired comparisons."""

import random

import numpy as np
import polars as pl
import pytest

from analysis.stats import NO_ROWS, resampling
from analysis.stats.resampling import paired, ratio

EMPTY = pl.Series([], dtype=pl.Float64)


def test_of_nothing_nothing_is_known() -> None:
    assert ratio(EMPTY, EMPTY) == NO_ROWS
    assert ratio(pl.Series([0.0]), pl.Series([0.0])) == NO_ROWS
    assert paired(EMPTY, EMPTY) == NO_ROWS


def test_one_cluster_has_no_interval() -> None:
    found = ratio(pl.Series([1]), pl.Series([4]))
    assert (found.value, found.lo, found.hi) == (0.25, None, None)
    assert paired(pl.Series([3.0]), pl.Series([1.0])).value == 2.0


def test_a_ratio_is_that_of_the_sums() -> None:
    found = ratio(pl.Series([1, 90]), pl.Series([10, 90]))
    assert found.value == 0.91  # and not the mean of 0.1 and 1.0


def test_the_bootstrap_and_the_linearised_ratio_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)  # noqa: S311  # a simulation
    under = pl.Series([rng.expovariate(0.01) for _ in range(1500)])
    over = under * pl.Series([rng.betavariate(8, 2) for _ in range(1500)])
    drawn = ratio(over, under)
    monkeypatch.setattr(resampling, "MOST_DRAWN", 10)
    at_once = ratio(over, under)
    assert at_once.method == "linearised ratio"
    assert drawn.value == at_once.value
    assert (drawn.lo, drawn.hi) == (
        pytest.approx(at_once.lo, abs=2e-3),
        pytest.approx(at_once.hi, abs=2e-3),
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    over, under = pl.Series(range(40)), pl.Series(range(2, 162, 4))
    assert ratio(over, under, seed=5) == ratio(over, under, seed=5)
    assert ratio(over, under, seed=5) != ratio(over, under, seed=6)


def test_the_order_of_clusters_does_not_matter() -> None:
    draw = np.random.default_rng(5)
    rows = pl.DataFrame({"y": draw.integers(0, 40, 90), "x": draw.integers(1, 90, 90)})
    found = ratio(rows["y"], rows["x"])
    for seed in range(3):
        other = rows.sample(fraction=1.0, shuffle=True, seed=seed)
        assert ratio(other["y"], other["x"]) == found


def test_pairs_cancel_what_they_have_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(2)  # noqa: S311  # a simulation
    day = [rng.gauss(100, 50) for _ in range(200)]
    first = pl.Series([one + rng.gauss(1, 1) for one in day])
    found = paired(first, pl.Series(day))
    assert found.lo is not None
    assert found.hi is not None
    assert 0.5 < found.lo < 1 < found.hi < 1.5
    monkeypatch.setattr(resampling, "MOST_DRAWN", 10)
    assert paired(first, pl.Series(day)).value == found.value


def test_a_statistic_of_sums_agrees_with_the_ratio() -> None:
    over, under = pl.Series("over", range(60)), pl.Series("under", range(2, 242, 4))
    found = resampling.of_sums(pl.DataFrame([over, under]), lambda sums: sums[:, 0] / sums[:, 1])
    same = ratio(over, under)
    assert (found.value, found.lo, found.hi) == (same.value, same.lo, same.hi)
    assert resampling.of_sums(pl.DataFrame([over, under])[:0], lambda sums: sums[:, 0]) == NO_ROWS


def test_of_very_many_clusters_neighbours_are_put_together() -> None:
    many = pl.DataFrame({"over": range(10_000), "under": [1] * 10_000})
    found = resampling.of_sums(many, lambda sums: sums[:, 0] / sums[:, 1])
    assert found.value == 4999.5
    assert found.n_clusters == 10_000
