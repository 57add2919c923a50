"""What prompts share, from one parent each, is what they share; and a cache gives what it has."""

from collections.abc import Sequence

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from analysis.simulate.arrivals import ROWS, Arrivals, Place
from analysis.simulate.sharing import pairs
from analysis.simulate.worlds import PROMISED, Cache, there, world

PROMPTS = st.lists(st.text(alphabet="ab", min_size=1, max_size=7), min_size=1, max_size=14)


def common(one: str, other: str) -> int:
    return next(
        (at for at, both in enumerate(zip(one, other, strict=False)) if both[0] != both[1]),
        min(len(one), len(other)),
    )


def rows(prompts: Sequence[str], *, apart_s: float = 1.0, **columns: object) -> pl.DataFrame:
    """Return requests with these prompts, one after the other; each character is 1,000 tokens."""
    made = []
    for number, prompt in enumerate(prompts):
        shared = [common(prompt, earlier) for earlier in prompts[:number]]
        most = max(shared, default=0)
        made.append(
            {
                "id": f"{number:03}",
                "parent_id": f"{shared.index(most):03}" if most else None,
                "app": "claude",
                "session": "one",
                "at_us": round(number * apart_s * 1e6),
                "readable_us": 0,
                "asked": "claude-opus-4-1",
                "sent": "claude-opus-4-1",
                "provider": "main",
                "credential": "key",
                "chars": len(prompt),
                "lcp_chars": most,
                "prompt": len(prompt) * 1000.0,
                "written": 0.0,
                "written_1h": 0.0,
                "output": 1.0,
                **{name: value[number] for name, value in columns.items()},  # type: ignore[index]
            }
        )
    return pl.DataFrame(made, schema=ROWS)


def arrivals(found: pl.DataFrame, *providers: str) -> Arrivals:
    places = tuple(Place(name, "key") for name in providers or ("main",))
    counts = pl.Series([True] * len(found))
    return Arrivals(found, counts, places, 1.0, "a test")


@given(PROMPTS)
def test_all_pairs_share_what_they_do(prompts: list[str]) -> None:
    found = pairs(rows(prompts), 1e6)
    said = {
        (int(i), int(j)): round(tokens / 1000)
        for i, j, tokens in zip(found.later, found.earlier, found.tokens, strict=True)
    }
    true = {
        (i, j): shared
        for i in range(len(prompts))
        for j in range(i)
        if (shared := common(prompts[i], prompts[j]))
    }
    assert said == true


@given(PROMPTS, st.lists(st.sampled_from([0, 1, 2]), min_size=14, max_size=14))
def test_a_place_gives_the_longest_that_it_has(prompts: list[str], where: list[int]) -> None:
    known = world(arrivals(rows(prompts), "main", "relay", "third"))
    places = known.logged.copy()
    places[:] = where[: len(prompts)]
    found = there(known, places, [PROMISED] * 3)
    for i, prompt in enumerate(prompts):
        mine = [common(prompt, prompts[j]) for j in range(i) if places[j] == places[i]]
        most = max(mine, default=0) * 1000.0
        assert found[i] == (most if most >= 1024 else 0.0)


def test_of_another_session_the_same_is_found() -> None:
    found = rows(["aaaa", "aaab", "aaba"], session=["one", "two", "three"])
    known = world(arrivals(found))
    assert [*there(known, known.logged, [PROMISED])] == [0.0, 3000.0, 2000.0]


def test_what_is_too_old_or_not_readable_yet_is_not_found() -> None:
    late = world(arrivals(rows(["aaaa", "aaaab", "aaaabb"], apart_s=301)))
    assert [*there(late, late.logged, [PROMISED])] == [0.0, 0.0, 0.0]
    assert [*there(late, late.logged, [Cache(lives=2.0)])] == [0.0, 4000.0, 5000.0]
    hour = world(arrivals(rows(["aaaa", "aaaab"], apart_s=301, written_1h=[1.0, 1.0])))
    assert [*there(hour, hour.logged, [PROMISED])] == [0.0, 4000.0]
    soon = world(arrivals(rows(["aaaa", "aaaab"], readable_us=[2_000_000, 0])))
    assert [*there(soon, soon.logged, [PROMISED])] == [0.0, 0.0]


def test_other_models_find_nothing() -> None:
    known = world(arrivals(rows(["aaaa", "aaaab"], asked=["claude-opus-4-1", "claude-sonnet-4-5"])))
    assert [*there(known, known.logged, [PROMISED])] == [0.0, 0.0]


def test_where_only_whole_prompts_are_read_a_branch_is_not() -> None:
    known = world(arrivals(rows(["aaaa", "aabb", "aabba"])))
    assert [*there(known, known.logged, [PROMISED])] == [0.0, 2000.0, 4000.0]
    assert [*there(known, known.logged, [Cache(branches=False)])] == [0.0, 0.0, 4000.0]


def test_a_parent_before_the_range_still_joins_its_children() -> None:
    found = rows(["aaaa", "aaab", "aaac"])[1:]
    known = world(arrivals(found))
    assert [*there(known, known.logged, [PROMISED])] == [0.0, 3000.0]
