"""Shares and their intervals, against formulas, a reference library and a known truth."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.stats import NO_ROWS, Estimate
from analysis.stats.proportions import Count, clustered, jeffreys, most_failures, plain, wilson

COUNTS = st.integers(1, 100_000).flatmap(lambda n: st.builds(Count, st.integers(0, n), st.just(n)))
RUNS, DAYS, PER_HOUR = 400, 7, 40
MTBF_H, MTTR_H = 12.0, 1 / 6


@given(COUNTS)
def test_wilson_agrees_with_a_reference(count: Count) -> None:
    reference = proportion_confint(count.k, count.n, method="wilson")
    assert wilson(count.k, count.n) == pytest.approx(reference, abs=1e-9)


@given(COUNTS)
def test_jeffreys_agrees_with_a_reference(count: Count) -> None:
    found = jeffreys(count)
    reference = proportion_confint(count.k, count.n, method="jeffreys")
    assert (found.lo, found.hi) == pytest.approx(reference, abs=1e-6)


@given(st.lists(COUNTS, min_size=1, max_size=40))
def test_a_share_lies_in_its_intervals_and_is_that_of_the_sums(counts: list[Count]) -> None:
    found = clustered(counts)
    k, n = sum(c.k for c in counts), sum(c.n for c in counts)
    assert (found.value, found.n, found.n_clusters) == (k / n, n, len(counts))
    assert found.lo is not None
    assert found.hi is not None
    assert 0 <= found.lo <= k / n <= found.hi <= 1
    lo, hi = wilson(k, n)
    assert found.lo <= lo + 1e-9  # clusters are never worth more rows than there are
    assert found.hi >= hi - 1e-9


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        pytest.param(plain(Count(0, 0)), NO_ROWS, id="nothing is known of no rows"),
        pytest.param(clustered([]), NO_ROWS, id="nor of no clusters"),
        pytest.param(clustered([Count(0, 0)] * 3), NO_ROWS, id="nor of empty ones"),
        pytest.param(
            clustered([Count(1, 1)] * 3),
            Estimate(
                1.0,
                *wilson(3, 3),
                3,
                3,
                "Wilson, too few clusters (3) to allow for outages",
            ),
            id="few clusters are said to be few",
        ),
        pytest.param(
            clustered([Count(90, 100)] * 20),
            Estimate(0.9, *wilson(1800, 2000), 2000, 20, "clustered Wilson, design effect 1.0"),
            id="equal clusters are as good as independent rows",
        ),
    ],
)
def test_estimates(found: Estimate, wanted: Estimate) -> None:
    assert found == wanted


def test_no_failure_rules_out_less_than_people_think() -> None:
    assert most_failures(20) == pytest.approx(0.139, abs=5e-4)
    assert most_failures(0) == 1.0


def _week(rng: random.Random) -> list[Count]:
    """Return an hour's successes each of a provider with outages, by a two-state chain."""
    counts, up, left = [], True, rng.expovariate(1 / MTBF_H)
    for _ in range(DAYS * 24):
        k = 0
        for _ in range(PER_HOUR):
            left -= 1 / PER_HOUR
            while left < 0:
                up = not up
                left += rng.expovariate(1 / (MTBF_H if up else MTTR_H))
            k += up
        counts.append(Count(k, PER_HOUR))
    return counts


def test_coverage_where_failures_come_in_outages() -> None:
    truth = MTBF_H / (MTBF_H + MTTR_H)
    rng = random.Random(7)  # noqa: S311  # a simulation
    hits = {"clustered": 0, "plain": 0}
    for _ in range(RUNS):
        counts = _week(rng)
        for name, found in {
            "clustered": clustered(counts),
            "plain": plain(Count(sum(c.k for c in counts), sum(c.n for c in counts))),
        }.items():
            assert found.lo is not None
            assert found.hi is not None
            hits[name] += found.lo <= truth <= found.hi
    coverage = {name: count / RUNS for name, count in hits.items()}
    print(f"coverage of a nominal 95 % in {RUNS} weeks with outages: {coverage}")  # noqa: T201
    assert coverage["clustered"] >= 0.85
    assert coverage["plain"] < 0.60  # what the naive interval would have promised
