"""Changes of a share: found soon, seldom where there are none, and by the formula."""

import math
import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.cusum import Change, H, changes, odds_times, usual
from analysis.stats.proportions import Count

COUNTS = st.integers(0, 40).flatmap(lambda n: st.builds(Count, st.integers(0, n), st.just(n)))


def drawn(rng: random.Random, share: float, hours: int) -> list[Count]:
    return [Count(sum(rng.random() < share for _ in range(40)), 40) for _ in range(hours)]


def test_a_change_is_found_within_hours_and_seldom_where_there_is_none() -> None:
    rng, found, false, late = random.Random(3), 0, 0, 0.0  # noqa: S311  # a simulation
    runs = 100
    for _ in range(runs):
        quiet, bad = drawn(rng, 0.02, 168), drawn(rng, 0.10, 48)
        seen = list(changes([*quiet, *bad], 0.02, odds_times(0.02, 3)))
        false += sum(one.found < 168 for one in seen) > 0
        hits = [one for one in seen if one.is_up and one.found >= 168]
        found += bool(hits)
        late += (hits[0].found - 168) / runs if hits else 0
    print(f"found {found} of {runs}, {late:.1f} h late, {false} false in a week")  # noqa: T201
    assert found >= 0.97 * runs
    assert late < 3
    assert false / runs < 0.25


@given(st.lists(COUNTS, max_size=60))
def test_up_and_down_take_turns_and_each_is_earned(counts: list[Count]) -> None:
    found = list(changes(counts, 0.05, 0.2))
    assert [one.is_up for one in found] == [k % 2 == 0 for k in range(len(found))]
    for one, other in pairwise(found):
        assert one.found < other.began
    for one in found:
        k, n = (sum(getattr(c, f) for c in counts[one.began : one.found + 1]) for f in "kn")
        step = k * math.log(4) + (n - k) * math.log(0.8 / 0.95)
        assert (step if one.is_up else -step) > H


def test_where_it_begins() -> None:
    counts = [Count(0, 40)] * 5 + [Count(20, 40)] * 3
    assert list(changes(counts, 0.05, 0.2)) == [Change(5, 5, is_up=True)]
    assert usual(Count(0, 0)) == 0.5
    assert 0 < usual(Count(0, 10)) < usual(Count(10, 10)) < 1
