"""Quantiles and waiting times, against a reference library and known truths."""

import math
import random
import warnings

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from analysis.stats import NO_ROWS
from analysis.stats.quantiles import quantile
from analysis.stats.rates import mean_time
from analysis.stats.survival import kaplan_meier, waiting

WAITS = st.lists(
    st.tuples(st.integers(1, 30).map(float), st.booleans()), min_size=3, max_size=60
).filter(lambda rows: any(reached for _, reached in rows))


def test_nothing_has_no_quantile() -> None:
    assert quantile(pl.Series([], dtype=pl.Float64), 0.5) == NO_ROWS
    assert quantile(pl.Series([None, None], dtype=pl.Float64), 0.5) == NO_ROWS
    empty = kaplan_meier(pl.Series([], dtype=pl.Float64), pl.Series([], dtype=pl.Boolean))
    assert waiting(empty, 0.5) == NO_ROWS


@pytest.mark.parametrize(
    ("n", "q", "has_end"),
    [
        pytest.param(71, 0.95, False, id="71 rows give no upper end of the 95th percentile"),
        pytest.param(73, 0.95, True, id="73 do"),
        pytest.param(298, 0.99, False, id="298 rows give no upper end of the 99th"),
        pytest.param(400, 0.99, True, id="400 do"),
    ],
)
def test_an_upper_end_needs_rows_beyond_it(n: int, q: float, *, has_end: bool) -> None:
    found = quantile(pl.Series(range(n)), q)
    assert (found.hi is not None) is has_end
    assert found.value == math.ceil(q * n) - 1


def test_a_failure_is_later_than_any() -> None:
    found = quantile(pl.Series([1.0, 2.0, 3.0]), 0.9, unreached=7)
    assert (found.value, found.n, found.method) == (None, 10, "not reached: too many failed")
    assert quantile(pl.Series([1.0, 2.0, 3.0]), 0.2, unreached=7).value == 2.0


def test_coverage_of_quantile_intervals() -> None:
    rng, hits = random.Random(3), 0  # noqa: S311  # a simulation
    for _ in range(400):
        found = quantile(pl.Series([rng.expovariate(1) for _ in range(150)]), 0.9)
        assert found.lo is not None
        assert found.hi is not None
        hits += found.lo <= math.log(10) <= found.hi
    assert hits / 400 >= 0.94


@settings(max_examples=60, deadline=None)
@given(WAITS)
def test_kaplan_meier_agrees_with_a_reference(rows: list[tuple[float, bool]]) -> None:
    times, reached = pl.Series([t for t, _ in rows]), pl.Series([r for _, r in rows])
    reference = SurvfuncRight(times.to_numpy(), reached.to_numpy().astype(int))
    found = kaplan_meier(times, reached)
    assert found.steps["time"].to_list() == pytest.approx(reference.surv_times)
    assert found.steps["survival"].to_list() == pytest.approx(reference.surv_prob, abs=1e-12)
    for q in (0.25, 0.5, 0.9):
        ours = waiting(found, q)
        if ours.value is not None and abs(1 - q - reference.surv_prob).min() > 1e-9:
            assert ours.value == reference.quantile(q)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # its log of 0 at the last step
                lo, hi = reference.quantile_ci(q, method="cloglog")
            if math.isfinite(lo):  # it has none where one step leaps over the whole band
                assert ours.lo == pytest.approx(lo)
            if ours.hi is not None and math.isfinite(hi):
                assert ours.hi >= hi - 1e-9  # its set ends a step earlier where the curve ends


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_without_censoring_it_is_the_plain_quantile(values: list[float]) -> None:
    times = pl.Series(values)
    curve = kaplan_meier(times, pl.Series([True] * len(values)))
    assert waiting(curve, 0.5).value == quantile(times, 0.5).value


def test_mean_time() -> None:
    found = mean_time(100.0, 10)
    assert found.value == 10.0
    assert (found.lo, found.hi) == (pytest.approx(5.853, abs=1e-3), pytest.approx(20.853, abs=1e-3))
    assert mean_time(0.0, 0) == NO_ROWS
    none_yet = mean_time(100.0, 0)
    assert (none_yet.value, none_yet.hi) == (None, None)
    assert none_yet.lo == pytest.approx(27.1, abs=0.05)


@given(st.lists(st.tuples(st.floats(0.01, 100), st.booleans(), st.integers(1, 5)), min_size=1))
def test_counted_rows_are_rows(rows: list[tuple[float, bool, int]]) -> None:
    times, reached, counts = (pl.Series(column) for column in zip(*rows, strict=True))
    long = [(t, r) for t, r, count in rows for _ in range(count)]
    all_times, all_reached = pl.Series([t for t, _ in long]), pl.Series([r for _, r in long])
    assert waiting(kaplan_meier(times, reached, counts), 0.5) == waiting(
        kaplan_meier(all_times, all_reached), 0.5
    )
    assert quantile(times, 0.9, counts=counts) == quantile(all_times, 0.9)
