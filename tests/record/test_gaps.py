"""Quantiles of waits, from counts in steps."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.record.gaps import Gaps

WAITS = st.lists(st.integers(0, 1 << 40), min_size=1, max_size=200)


def gaps(waits: list[int]) -> Gaps:
    found = Gaps()
    for one in waits:
        found.add(one)
    return found


def exact(waits: list[int], part: float) -> int:
    """Return the smallest of them that so many are not longer than."""
    return sorted(waits)[max(0, math.ceil(part * len(waits)) - 1)]


@given(WAITS, st.sampled_from([0.5, 0.95, 1.0]))
def test_a_quantile_is_off_by_an_eighth_at_most(waits: list[int], part: float) -> None:
    got, want = gaps(waits).quantile_us(part), exact(waits, part)
    assert got is not None
    assert abs(got - want) <= want / 8 + 1


@given(WAITS)
def test_the_longest_is_exact_and_nothing_is_longer(waits: list[int]) -> None:
    found = gaps(waits)
    assert found.longest_us == max(waits)
    half, most = found.quantile_us(0.5), found.quantile_us(0.95)
    assert half is not None
    assert most is not None
    assert half <= most <= max(waits)


@pytest.mark.parametrize("part", [0.5, 0.95])
def test_without_waits_nothing_is_known(part: float) -> None:
    assert Gaps().quantile_us(part) is None
    assert Gaps().longest_us is None
