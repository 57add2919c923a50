"""Intervals of quantiles against a library that we did not write."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import quantile_test

from analysis.stats.quantiles import quantile

VALUES = st.lists(st.integers(0, 10_000).map(float), min_size=20, max_size=200, unique=True)


@settings(max_examples=80)
@given(VALUES, st.sampled_from([0.1, 0.5, 0.9, 0.95]))
def test_an_interval_of_order_statistics(values: list[float], q: float) -> None:
    """It is theirs where they have one, or a rank narrower, which covers as well."""
    ours = quantile(pl.Series(values), q)
    theirs = quantile_test(values, p=q).confidence_interval(confidence_level=0.95)
    ranked = sorted(values)
    for end, wanted in ((ours.lo, theirs.low), (ours.hi, theirs.high)):
        if end is None or math.isnan(wanted):
            assert end is None or math.isnan(wanted)
            continue
        assert abs(ranked.index(end) - ranked.index(wanted)) <= 1
    assert ours.value == pytest.approx(ranked[math.ceil(q * len(values) - 1e-9) - 1])
