"""Each policy's order, and how probable its first choice was."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.candidates import Candidate, Price
from proxy.routing.latency import Latency
from proxy.routing.policies import POLICIES, Context, Ranking
from proxy.routing.policies.cheapest import effective_usd
from proxy.routing.policies.ranking import draw

NOW = 1_800_000_000_000_000


def one(name: str, level: int = 0, weight: float = 1.0) -> Candidate:
    return Candidate(provider=name, credential="k", level=level, weight=weight)


A, B, C = one("a", 0), one("b", 1), one("c", 2)
ALL = (A, B, C)
FAST, SLOW, FEW = Latency(500.0, 9, NOW), Latency(900.0, 9, NOW), Latency(1.0, 1, NOW)


def ranked(policy: str, candidates: tuple[Candidate, ...], context: Context) -> Ranking:
    return POLICIES[policy](candidates, context)


def names(ranking: Ranking) -> str:
    return "".join(candidate.provider for candidate in ranking.order)


@pytest.mark.parametrize(
    ("policy", "context", "order"),
    [
        pytest.param("priority", Context(now_us=NOW), "abc", id="by level"),
        pytest.param("round_robin", Context(now_us=NOW, turn=0), "abc", id="the first one's turn"),
        pytest.param("round_robin", Context(now_us=NOW, turn=4), "bca", id="the second one's"),
        pytest.param(
            "least_latency",
            Context(now_us=NOW, latencies={"a/k": SLOW, "b/k": FAST, "c/k": SLOW}),
            "bac",
            id="the fastest first",
        ),
        pytest.param(
            "least_latency",
            Context(now_us=NOW, explore=0.0, latencies={"b/k": SLOW, "c/k": FAST, "a/k": FEW}),
            "cba",
            id="one answer is not enough to be known by",
        ),
        pytest.param(
            "least_latency",
            Context(now_us=NOW, explore=1.0, latencies={"a/k": SLOW, "c/k": FAST}),
            "bca",
            id="the unknown one is tried now and then",
        ),
        pytest.param(
            "cheapest",
            Context(now_us=NOW, prices={"b/k": Price(input_usd=3.0), "c/k": Price(input_usd=1.0)}),
            "cba",
            id="the cheapest first, those without a price last",
        ),
    ],
)
def test_order(policy: str, context: Context, order: str) -> None:
    assert names(ranked(policy, ALL, context)) == order


@pytest.mark.parametrize(
    ("price", "usd"),
    [
        pytest.param(None, None, id="no price is no price"),
        pytest.param(Price(output_usd=5.0), None, id="nor is half of one"),
        pytest.param(Price(input_usd=3.0, cache_read_usd=0.3), 3.0, id="no hit rate is no hit"),
        pytest.param(
            Price(input_usd=3.0, cache_read_usd=0.3, hit_rate=0.9), 0.57, id="most from the cache"
        ),
        pytest.param(
            Price(input_usd=3.0, cache_read_usd=0.3, cache_write_usd=3.75, hit_rate=0.8),
            0.99,
            id="the rest is written to it",
        ),
        pytest.param(
            Price(input_usd=3.0, hit_rate=0.9), 3.0, id="hits that cost as much as misses"
        ),
        pytest.param(
            Price(input_usd=3.0, output_usd=15.0, output_part=0.02), 3.3, id="answers count as well"
        ),
    ],
)
def test_effective_usd(price: Price | None, usd: float | None) -> None:
    assert effective_usd(price) == (None if usd is None else pytest.approx(usd))


def test_the_cache_can_make_a_dear_one_the_cheapest() -> None:
    prices = {
        "a/k": Price(input_usd=3.0, cache_read_usd=0.3, hit_rate=0.9),
        "b/k": Price(input_usd=1.0, cache_read_usd=0.5, hit_rate=0.1),
    }
    assert names(ranked("cheapest", (A, B), Context(now_us=NOW, prices=prices))) == "ab"


def seeds(n: int) -> list[bytes]:
    return [f"request {i}".encode() for i in range(n)]


WEIGHTED = (one("a", weight=3.0), one("b", weight=1.0), one("c", weight=0.0))
KNOWN = {"a/k": FAST}


@pytest.mark.parametrize(
    ("policy", "candidates", "shares"),
    [
        pytest.param("weighted", WEIGHTED, {"a": 0.75, "b": 0.25}, id="by weight, none for none"),
        pytest.param("random", WEIGHTED, dict.fromkeys("abc", 1 / 3), id="whatever the weight"),
        pytest.param(
            "weighted",
            tuple(replace(c, weight=0.0) for c in ALL),
            dict.fromkeys("abc", 1 / 3),
            id="without any weight all alike",
        ),
        pytest.param(
            "least_latency", ALL, {"a": 0.7, "b": 0.15, "c": 0.15}, id="a part for the unknown ones"
        ),
        pytest.param(
            "least_latency", (B, C), {"b": 0.5, "c": 0.5}, id="of which nothing is known at all"
        ),
        pytest.param("round_robin", ALL, {"a": 1.0}, id="nothing is drawn in turns"),
        pytest.param("priority", ALL, {"a": 1.0}, id="nor by priority"),
        pytest.param("cheapest", ALL, {"a": 1.0}, id="nor by price"),
    ],
)
def test_propensities(
    policy: str, candidates: tuple[Candidate, ...], shares: dict[str, float]
) -> None:
    """The logged probabilities are those with which it happens, and sum to one."""
    n = 4000
    drawn = [
        ranked(policy, candidates, Context(now_us=NOW, seed=s, latencies=KNOWN, explore=0.3))
        for s in seeds(n)
    ]
    said = {ranking.order[0].provider: ranking.propensity for ranking in drawn}
    assert said == pytest.approx(shares)
    assert sum(said.values()) == pytest.approx(1.0)
    counted = Counter(ranking.order[0].provider for ranking in drawn)
    for name, share in shares.items():
        assert counted[name] / n == pytest.approx(share, abs=0.03)


CANDIDATES = st.lists(
    st.builds(one, st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 3), st.floats(0, 9)),
    unique_by=lambda candidate: candidate.id,
    max_size=6,
).map(tuple)
CONTEXTS = st.builds(
    Context,
    now_us=st.just(NOW),
    seed=st.binary(max_size=64),
    turn=st.integers(0, 99),
    key=st.none() | st.text(max_size=200),
    explore=st.floats(0, 1),
    latencies=st.dictionaries(
        st.text("abcdefgh", min_size=1, max_size=3).map("{}/k".format),
        st.builds(Latency, st.floats(1, 1e5), st.integers(1, 9), st.just(NOW)),
    ),
)


@given(st.sampled_from(sorted(POLICIES)), CANDIDATES, CONTEXTS)
def test_every_policy_gives_each_candidate_once_and_the_same_for_the_same(
    policy: str, candidates: tuple[Candidate, ...], context: Context
) -> None:
    ranking = ranked(policy, candidates, context)
    assert sorted(map(id, ranking.order)) == sorted(map(id, candidates))
    assert 0 < ranking.propensity <= 1
    assert ranked(policy, candidates, context) == ranking


EQUALS = tuple(one(name) for name in "abcdef")


def homes(candidates: tuple[Candidate, ...], n: int = 3000) -> list[str]:
    rankings = (
        ranked("priority", candidates, Context(now_us=NOW, key=f'[null,"claude","{i}","opus"]'))
        for i in range(n)
    )
    return [ranking.order[0].provider for ranking in rankings]


def test_sessions_are_spread_over_equals() -> None:
    assert all(440 < n < 560 for n in Counter(homes(EQUALS)).values())


def test_only_the_sessions_of_a_target_that_goes_are_given_to_others() -> None:
    before, after = homes(EQUALS), homes(EQUALS[:-1])
    moved = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    assert {b for b, _ in moved} == {"f"}
    assert len(moved) == before.count("f")
    assert {a for _, a in moved} == set("abcde")


def test_proxies_agree_whatever_the_order_in_which_they_list_equals() -> None:
    assert homes(EQUALS) == homes(EQUALS[::-1])


def test_without_a_session_equals_stay_as_they_are_written() -> None:
    assert names(ranked("priority", EQUALS, Context(now_us=NOW, seed=b"x"))) == "abcdef"


@given(st.binary(max_size=64), st.text(max_size=20))
def test_draws_are_from_zero_to_below_one(seed: bytes, purpose: str) -> None:
    assert 0 <= draw(seed, purpose) < 1
