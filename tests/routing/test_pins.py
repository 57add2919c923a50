"""What makes a pin, moves it, renews it, ends it, and what it costs."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.pins import Away, CacheRatio, Pin, PinKey, PinRules, Pins, Place, Served, Spend

S = 1_000_000
NOW = 1_800_000_000 * S
KEY = PinKey(None, "claude", "s", "claude-opus-5-5")
A, B, C = Place("a", "k"), Place("b", "k"), Place("c", "k")
RULES = PinRules()


def served(place: Place, **more: object) -> Served:
    return Served(key=KEY, place=place, **more)


def history(*events: tuple[float, Served], rules: PinRules = RULES) -> Pin:
    """Return the pin after the events, each with its second."""
    pins = Pins()
    for at_s, event in events:
        pins = pins.after(event, rules, NOW + round(at_s * S))
    pin = pins.get(KEY)
    assert pin is not None
    return pin


ONE_HOUR = {"writes_1h": True}


@pytest.mark.parametrize(
    ("events", "home", "away"),
    [
        pytest.param([(0, served(A))], A, None, id="who serves first is home"),
        pytest.param([(0, served(A)), (9, served(B))], A, B, id="home stays through a failover"),
        pytest.param(
            [(0, served(A)), (9, served(B)), (20, served(A))], A, None, id="and is gone back to"
        ),
        pytest.param(
            [(0, served(A)), (9, served(B)), (20, served(C))], A, C, id="from one to another"
        ),
        pytest.param(
            [(0, served(A)), (9, served(B)), (200, served(B)), (308, served(B))],
            A,
            B,
            id="a second less than five minutes away",
        ),
        pytest.param(
            [(0, served(A)), (9, served(B)), (200, served(B)), (309, served(B))],
            B,
            None,
            id="five minutes away: that is home",
        ),
        pytest.param(
            [(0, served(A, **ONE_HOUR)), (9, served(B)), (309, served(B))],
            A,
            B,
            id="not while the cache at home holds an hour",
        ),
        pytest.param(
            [(t, served(p)) for t, p in enumerate([A, B, A, B, A])], A, None, id="left twice"
        ),
        pytest.param(
            [(t, served(p)) for t, p in enumerate([A, B, A, B, A, B])],
            B,
            None,
            id="the third time it stays away",
        ),
        pytest.param(
            [(t * 250, served((A, B)[t % 2], **ONE_HOUR)) for t in range(5)]
            + [(5000 + t, served((B, A)[t])) for t in range(2)],
            B,
            A,
            id="a pin that is over begins anew",
        ),
        pytest.param(
            [(0, served(A)), (301, served(B))], B, None, id="after five minutes nobody is home"
        ),
        pytest.param(
            [(0, served(A)), (299, served(A)), (598, served(B))], A, B, id="each use renews it"
        ),
        pytest.param(
            [(0, served(A)), (9, served(B, moves=True))], B, None, id="a broken one moves at once"
        ),
        pytest.param(
            [
                (0, served(A)),
                (9, served(B, backup=True)),
                (300, served(B, backup=True)),
                (400, served(B, backup=True)),
            ],
            A,
            B,
            id="a backup is no home to move to",
        ),
        pytest.param([(0, served(B, backup=True))], B, None, id="unless there is no other"),
        pytest.param(
            [(0, served(A)), (9, served(Place("a", "k2")))],
            A,
            Place("a", "k2"),
            id="another key of the same provider is another place",
        ),
    ],
)
def test_where_a_session_belongs(
    events: list[tuple[float, Served]], home: Place, away: Place | None
) -> None:
    pin = history(*events)
    assert (pin.home, pin.away and pin.away.place) == (home, away)


def test_departures_long_ago_are_forgotten() -> None:
    events = [(t * 200.0, served(A, **ONE_HOUR)) for t in range(60)]
    events += [(20.0, served(B)), (4000.0, served(B)), (8000.0, served(B))]
    pin = history(*sorted(events, key=lambda event: event[0]))
    assert (pin.home, pin.departures) == (A, 1)


@pytest.mark.parametrize(
    ("events", "ends_s"),
    [
        pytest.param([(0, served(A))], 300, id="five minutes"),
        pytest.param([(0, served(A)), (100, served(A))], 400, id="from the last use"),
        pytest.param([(0, served(A, **ONE_HOUR))], 3600, id="an hour with a cache of an hour"),
        pytest.param(
            [(0, served(A, **ONE_HOUR)), (9, served(A))], 3600, id="which a later one keeps"
        ),
        pytest.param(
            [(0, served(A, **ONE_HOUR)), (3500, served(A))], 3800, id="and does not renew"
        ),
    ],
)
def test_how_long_it_holds(events: list[tuple[float, Served]], ends_s: float) -> None:
    pin = history(*events)
    assert pin.holds(NOW + ends_s * S - 1)
    assert not pin.holds(NOW + ends_s * S)


@pytest.mark.parametrize(
    ("events", "issuers"),
    [
        pytest.param([(0, served(A))], ("a",), id="who serves issues"),
        pytest.param(
            [(0, served(A)), (1, served(B)), (2, served(A))], ("b", "a"), id="latest last"
        ),
        pytest.param(
            [(0, served(A)), (1, served(B, issued=False))], ("a",), id="or says it did not"
        ),
        pytest.param(
            [(0, served(A)), (9000, served(B))], ("a", "b"), id="longer than the pin holds"
        ),
    ],
)
def test_who_issued(events: list[tuple[float, Served]], issuers: tuple[str, ...]) -> None:
    assert history(*events).issuers == issuers


RATIO = CacheRatio(read=0.1, write=1.1)


def told(place: Place, prompt: int | None, read: int | None = None) -> Served:
    return served(place, prompt_tokens=prompt, cache_read_tokens=read, ratio=RATIO)


@pytest.mark.parametrize(
    ("events", "spend"),
    [
        pytest.param([(0, told(A, 100))], Spend(110.0, 0.0), id="the first one writes it all"),
        pytest.param(
            [(0, told(A, 100)), (1, told(A, 150, 100))], Spend(175.0, 0.0), id="the next one reads"
        ),
        pytest.param(
            [(0, told(A, 100)), (1, told(B, 150, 0))],
            Spend(175.0, 100.0),
            id="elsewhere it is cold",
        ),
        pytest.param(
            [(0, told(A, 100)), (1, told(B, 150, 80))],
            Spend(175.0, 20.0),
            id="unless it turns out to be warm there too",
        ),
        pytest.param(
            [(0, told(A, 100)), (1, told(B, 50))], Spend(115.0, 50.0), id="a compacted prompt"
        ),
        pytest.param([(0, told(A, None))], Spend(), id="what is not known is not counted"),
    ],
)
def test_what_it_costs(events: list[tuple[float, Served]], spend: Spend) -> None:
    found = history(*events).spend
    assert (found.baseline, found.extra) == pytest.approx((spend.baseline, spend.extra))


def test_the_longest_unused_go_first() -> None:
    pins, rules = Pins(), PinRules(max_pins=2)
    keys = [PinKey(None, "claude", name, "m") for name in "abc"]
    for at, key in enumerate([keys[0], keys[1], keys[0], keys[2]]):
        pins = pins.after(Served(key=key, place=A), rules, NOW + at)
    assert list(pins.entries) == [keys[0].text, keys[2].text]


def test_what_says_nothing_more_is_pruned() -> None:
    pins = Pins().after(served(A), RULES, NOW)
    assert pins.pruned(RULES, NOW + 3600 * S) == pins  # it is over, but who issued is remembered
    assert pins.pruned(RULES, NOW + 90_000 * S) == Pins()


def test_nothing_is_changed_in_place() -> None:
    before = Pins().after(served(A), RULES, NOW)
    text = msgspec.json.encode(before)
    before.after(served(B), RULES, NOW + S)
    assert msgspec.json.encode(before) == text


TEXT = st.text(max_size=8)
KEYS = st.builds(PinKey, st.none() | TEXT, TEXT, TEXT, TEXT)


@given(KEYS, KEYS)
def test_two_keys_have_two_texts(one: PinKey, other: PinKey) -> None:
    assert (one.text == other.text) == (one == other)


PLACES = st.builds(Place, TEXT, TEXT, st.none() | TEXT)
PINS = st.builds(
    Pin,
    home=PLACES,
    since_us=st.integers(0, NOW),
    used_us=st.integers(0, NOW),
    expires_us=st.integers(0, NOW),
    ttl_s=st.floats(1, 1e6),
    away=st.none() | st.builds(Away, PLACES, st.integers(0, NOW)),
    issuers=st.lists(TEXT, max_size=3).map(tuple),
    last_tokens=st.none() | st.integers(0, 10**7),
    spend=st.builds(Spend, st.floats(0, 1e9), st.floats(0, 1e9)),
)


@given(st.dictionaries(KEYS.map(lambda key: key.text), PINS, max_size=5))
def test_pins_survive_a_restart_in_their_order(entries: dict[str, Pin]) -> None:
    read = msgspec.json.decode(msgspec.json.encode(Pins(entries)), type=Pins)
    assert read == Pins(entries)
    assert list(read.entries) == list(entries)


@pytest.mark.parametrize(
    ("events", "tokens"),
    [
        pytest.param([(0, told(A, 100))], (100, 100), id="home has the last prompt"),
        pytest.param(
            [(0, told(A, 100)), (1, told(B, 150))], (100, 150), id="away it keeps what it had"
        ),
        pytest.param(
            [(0, told(A, 100)), (1, told(B, 150)), (2, told(A, 170))], (170, 170), id="until later"
        ),
        pytest.param(
            [(0, told(A, 100)), (1, served(B, moves=True, prompt_tokens=9))],
            (9, 9),
            id="a new home",
        ),
    ],
)
def test_what_the_caches_have(events: list[tuple[float, Served]], tokens: tuple[int, int]) -> None:
    pin = history(*events)
    assert (pin.home_tokens, pin.last_tokens) == tokens
