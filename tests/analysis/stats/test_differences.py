"""Differences of quantiles, against known truths."""

import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats import NO_ROWS
from analysis.stats.differences import quantile_difference
from analysis.stats.quantiles import quantile

SCHEMA = {"cluster": pl.Int64, "value": pl.Float64, "times": pl.Int64}
Rows = list[tuple[int, float | None, int]]


def group(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.none() | st.integers(0, 99).map(float), st.integers(1, 3)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=40)
@given(ROWS, ROWS, st.sampled_from([0.25, 0.5, 0.95]))
def test_it_is_the_difference_of_the_two_quantiles(one: Rows, two: Rows, q: float) -> None:
    first, second = group(one), group(two)
    each = []
    for rows in (first, second):
        known = rows.drop_nulls()
        never = int(rows["times"].sum()) - int(known["times"].sum())
        found = quantile(known["value"], q, unreached=never, counts=known["times"])
        each.append(found.value)
    found = quantile_difference(first, second, q)
    assert found.value == (None if None in each else each[0] - each[1])  # type: ignore[operator]
    assert found.n == first["times"].sum() + second["times"].sum()
    turned = quantile_difference(second, first, q)
    if found.value is not None and found.lo is not None and found.hi is not None:
        assert found.lo <= found.value <= found.hi
        assert turned.value == -found.value


def test_of_nothing_nothing_is_known() -> None:
    assert quantile_difference(group([]), group([(1, 1.0, 1)]), 0.5) == NO_ROWS
    alone = quantile_difference(group([(1, 2.0, 1)]), group([(1, 1.0, 1)]), 0.5)
    assert (alone.value, alone.lo, alone.hi) == (1.0, None, None)
    never = quantile_difference(group([(1, None, 9)]), group([(1, 1.0, 1)]), 0.5)
    assert (never.value, never.method) == (None, "not reached: too many failed")


def test_an_end_that_some_draws_never_reach_is_open() -> None:
    late: Rows = [(k, None if k % 2 else 9.0, 1) for k in range(9)]
    found = quantile_difference(group(late), group([(k, 1.0, 1) for k in range(9)]), 0.5)
    assert (found.value, found.lo, found.hi) == (8.0, 8.0, None)


def _hours(rng: random.Random, scale: float, slow: list[float]) -> pl.DataFrame:
    rows = [
        (hour, round(scale * factor * rng.expovariate(1), 3), 1)
        for hour, factor in enumerate(slow)
        for _ in range(20)
    ]
    return group(rows)


@pytest.mark.parametrize("shared", [True, False], ids=["the same hours", "other hours"])
def test_coverage_where_some_hours_are_slow(shared: bool) -> None:
    rng, hits, runs = random.Random(5), 0, 40  # noqa: S311  # a simulation
    width = 0.0
    for _ in range(runs):
        slow = [rng.choice([1.0, 1.0, 3.0]) for _ in range(48)]
        other = slow if shared else [rng.choice([1.0, 1.0, 3.0]) for _ in range(48)]
        one, two = _hours(rng, 1.5, slow), _hours(rng, 1.0, other)
        if not shared:
            two = two.with_columns(pl.col("cluster") + 1000)
        found = quantile_difference(one, two, 0.5)
        assert found.lo is not None
        assert found.hi is not None
        hits += found.lo <= 0.5 * _median() <= found.hi
        width += (found.hi - found.lo) / runs
    print(f"coverage {hits / runs:.2f}, mean width {width:.3f}")  # noqa: T201
    assert hits / runs >= 0.88


def _median() -> float:
    """Return the median of an exponential time that is threefold with a chance of a third."""
    lo, hi = 0.0, 10.0
    for _ in range(60):
        middle = (lo + hi) / 2
        above = math.exp(-middle) * 2 / 3 + math.exp(-middle / 3) / 3
        lo, hi = (middle, hi) if above > 0.5 else (lo, middle)
    return lo


def test_many_values_and_clusters_are_put_together() -> None:
    one = group([(k, float(k % 1009), 1) for k in range(6000)])
    two = group([(k, float(k % 1009) + 50, 1) for k in range(6000)])
    found = quantile_difference(two, one, 0.5)
    assert found.value == pytest.approx(50, abs=5)
    assert found.n_clusters == 2000
