"""Budgets, seats, quotas and latencies: what may be used up."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.budgets import Budget, Overrun, Per, Period, Spent, overrun, period
from proxy.routing.latency import STALE_US, Latency, known_ms, observed
from proxy.routing.quotas import Quota, merged, read_quotas, until_us, used_up
from proxy.routing.seats import Seats, Turn, seat
from tests.routing.test_windows import BERLIN, NEW_YORK, utc

S = 1_000_000
NOW = utc("2027-01-15 08:00")


@pytest.mark.parametrize(
    ("per", "zone", "now", "begins", "ends"),
    [
        pytest.param("day", "UTC", "2027-01-15 08:00", "2027-01-15", "2027-01-16", id="a day"),
        pytest.param(
            "day",
            NEW_YORK,
            "2027-01-15 04:59",
            "2027-01-14 05:00",
            "2027-01-15 05:00",
            id="yesterday's, where midnight comes later",
        ),
        pytest.param(
            "day",
            BERLIN,
            "2027-03-28 12:00",
            "2027-03-27 23:00",
            "2027-03-28 22:00",
            id="of 23 hours when the clocks go forward",
        ),
        pytest.param(
            "day",
            NEW_YORK,
            "2027-11-07 12:00",
            "2027-11-07 04:00",
            "2027-11-08 05:00",
            id="of 25 hours when they go back",
        ),
        pytest.param(
            "month",
            BERLIN,
            "2027-03-31 21:59",
            "2027-02-28 23:00",
            "2027-03-31 22:00",
            id="a month between winter and summer",
        ),
        pytest.param(
            "month", "UTC", "2027-12-31 00:00", "2027-12-01", "2028-01-01", id="into the new year"
        ),
    ],
)
def test_period(per: Per, zone: str, now: str, begins: str, ends: str) -> None:
    assert period(per, zone, utc(now)) == Period(utc(begins), utc(ends))


@given(
    per=st.sampled_from(["day", "month"]),
    zone=st.sampled_from([BERLIN, NEW_YORK, "Africa/Cairo", "America/Havana", "Pacific/Apia"]),
    now=st.integers(utc("2011-01-01"), utc("2030-01-01")),
)
def test_periods_follow_each_other_without_a_gap(per: Per, zone: str, now: int) -> None:
    one = period(per, zone, now)
    assert one.begins_us <= now < one.ends_us
    assert period(per, zone, one.ends_us).begins_us == one.ends_us
    assert period(per, zone, one.begins_us) == one


DAILY = Budget(owner="a", per="day", usd=5.0)
MONTHLY = Budget(owner="a", per="month", usd=50.0, tokens=1000)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [
        pytest.param({}, None, id="what is not known uses nothing up"),
        pytest.param({DAILY.id: Spent(usd=4.99)}, None, id="there is something left"),
        pytest.param(
            {DAILY.id: Spent(usd=5.0)},
            Overrun("5.00 of 5.00 USD of a a day", utc("2027-01-16")),
            id="until midnight",
        ),
        pytest.param(
            {MONTHLY.id: Spent(tokens=1000)},
            Overrun("1000 of 1000 tokens of a a month", utc("2027-02-01")),
            id="tokens count as well",
        ),
        pytest.param(
            {DAILY.id: Spent(usd=9.0), MONTHLY.id: Spent(usd=50.5)},
            Overrun("50.50 of 50.00 USD of a a month", utc("2027-02-01")),
            id="the one that holds longest is told",
        ),
    ],
)
def test_overrun(spent: dict[str, Spent], expected: Overrun | None) -> None:
    assert overrun((DAILY, MONTHLY), spent, NOW) == expected


@pytest.mark.parametrize(
    ("seats", "in_flight", "waited_s", "turn"),
    [
        pytest.param(None, 99, 0.0, "free", id="without a limit everybody is served"),
        pytest.param(Seats(2), 1, 0.0, "free", id="one seat is left"),
        pytest.param(Seats(2), 2, 0.0, "full", id="no seat, and no waiting"),
        pytest.param(Seats(2, 5.0), 2, 4.9, "wait", id="no seat yet"),
        pytest.param(Seats(2, 5.0), 2, 5.0, "full", id="waited long enough"),
        pytest.param(Seats(2, 5.0), 1, 9.0, "free", id="a seat at last"),
    ],
)
def test_seat(seats: Seats | None, in_flight: int, waited_s: float, turn: Turn) -> None:
    assert seat(seats, in_flight, waited_s) == turn


def quota(name: str, used: float, reset: int | None) -> Quota:
    return Quota(name, used, reset, NOW)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({b"content-type": b"x"}, (), id="none"),
        pytest.param(
            {
                b"anthropic-ratelimit-unified-status": b"allowed",
                b"anthropic-ratelimit-unified-5h-status": b"allowed",
                b"anthropic-ratelimit-unified-5h-utilization": b"0.25",
                b"anthropic-ratelimit-unified-5h-reset": b"1800014400",
                b"anthropic-ratelimit-unified-7d_oi-utilization": b"1",
            },
            (quota("unified-5h", 0.25, 1_800_014_400 * S),),
            id="a subscription of Anthropic, without windows of single models",
        ),
        pytest.param(
            {
                b"anthropic-ratelimit-unified-7d-utilization": b"0.97",
                b"anthropic-ratelimit-unified-7d-status": b"rejected",
            },
            (quota("unified-7d", 1.0, None),),
            id="rejected is used up",
        ),
        pytest.param(
            {
                b"anthropic-ratelimit-requests-limit": b"50",
                b"anthropic-ratelimit-requests-remaining": b"10",
                b"anthropic-ratelimit-requests-reset": b"2027-01-15T08:00:12Z",
                b"anthropic-ratelimit-input-tokens-remaining": b"0",
            },
            (quota("requests", 0.8, NOW + 12 * S), quota("input-tokens", 1.0, None)),
            id="a key of Anthropic; nothing left needs no limit",
        ),
        pytest.param(
            {
                b"x-ratelimit-limit-tokens": b"1000",
                b"x-ratelimit-remaining-tokens": b"250",
                b"x-ratelimit-reset-tokens": b"1h2m3.5s",
                b"x-ratelimit-limit-requests": b"10",
                b"x-ratelimit-remaining-requests": b"5",
                b"x-ratelimit-reset-requests": b"120ms",
            },
            (
                quota("tokens", 0.75, NOW + 3_723_500_000),
                quota("requests", 0.5, NOW + 120_000),
            ),
            id="a key of OpenAI",
        ),
        pytest.param(
            {
                b"x-codex-primary-used-percent": b"42.5",
                b"x-codex-primary-reset-at": b"1800003600",
                b"x-codex-secondary-used-percent": b"100",
                b"x-codex-secondary-reset-after-seconds": b"60",
            },
            (
                quota("codex-primary", 0.425, 1_800_003_600 * S),
                quota("codex-secondary", 1.0, NOW + 60 * S),
            ),
            id="a login of ChatGPT",
        ),
        pytest.param(
            {
                b"x-codex-primary-used-percent": b"many",
                b"x-ratelimit-remaining-tokens": b"5",
                b"x-ratelimit-remaining-requests": b"nan",
                b"anthropic-ratelimit-tokens-remaining": b"-1",
                b"anthropic-ratelimit-unified-5h-utilization": b"",
            },
            (),
            id="what cannot be read is left out",
        ),
        pytest.param(
            {
                b"x-ratelimit-remaining-tokens": b"0",
                b"x-ratelimit-reset-tokens": b"soon",
            },
            (quota("tokens", 1.0, None),),
            id="a reset in words is not known",
        ),
        pytest.param(
            {b"x-ratelimit-remaining-tokens": b"5", b"x-ratelimit-limit-tokens": b"1"},
            (quota("tokens", 0.0, None),),
            id="more left than there is: nothing is used",
        ),
    ],
)
def test_read_quotas(headers: dict[bytes, bytes], expected: tuple[Quota, ...]) -> None:
    read = read_quotas(headers, NOW)
    assert [msgspec.structs.replace(q, used=round(q.used, 9)) for q in read] == list(expected)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                b"anthropic-ratelimit-unified-5h-utilization",
                b"anthropic-ratelimit-unified-5h-reset",
                b"x-ratelimit-remaining-tokens",
                b"x-ratelimit-limit-tokens",
                b"x-ratelimit-reset-tokens",
                b"x-codex-primary-used-percent",
                b"x-codex-primary-reset-at",
            ]
        ),
        st.binary(max_size=30) | st.floats().map(lambda f: str(f).encode()),
    )
)
def test_no_header_is_too_odd_to_be_read(headers: dict[bytes, bytes]) -> None:
    for one in read_quotas(headers, NOW):
        assert one.used >= 0
        assert until_us(one) is not None


@pytest.mark.parametrize(
    ("quotas", "leave"),
    [
        pytest.param((), None, id="nothing is known"),
        pytest.param((quota("5h", 0.89, NOW + 3600 * S),), None, id="enough is left"),
        pytest.param((quota("5h", 0.9, NOW + 3600 * S),), "5h", id="left before it is used up"),
        pytest.param(
            (quota("rpm", 0.99, NOW + 30 * S),), None, id="not for a limit that is back in no time"
        ),
        pytest.param((quota("rpm", 1.0, NOW + 30 * S),), "rpm", id="but if nothing is left"),
        pytest.param((quota("5h", 1.0, NOW),), None, id="what was reset holds no more"),
        pytest.param((quota("tokens", 1.0, None),), "tokens", id="without a date for a minute"),
        pytest.param((Quota("tokens", 1.0, None, NOW - 60 * S),), None, id="and not longer"),
        pytest.param(
            (quota("5h", 1.0, NOW + 3600 * S), quota("7d", 1.0, NOW + 86_400 * S)),
            "7d",
            id="the one that holds longest is told",
        ),
    ],
)
def test_used_up(quotas: tuple[Quota, ...], leave: str | None) -> None:
    found = used_up(quotas, NOW)
    assert (found.name if found else None) == leave


def test_the_newest_of_each_name_is_kept_until_it_is_reset() -> None:
    old, gone = quota("5h", 0.5, NOW + 9 * S), quota("1h", 1.0, NOW)
    newer, other = quota("5h", 0.6, NOW + 9 * S), quota("7d", 0.1, NOW + 9 * S)
    assert merged((old, gone, other), (newer,), NOW) == (newer, other)


def test_a_latency_follows_what_is_observed_and_is_forgotten() -> None:
    one = observed(None, 1000.0, NOW)
    assert known_ms(one, NOW) is None  # a single one may be chance
    three = observed(observed(one, 1000.0, NOW), 2000.0, NOW + S)
    assert three == Latency(1300.0, 3, NOW + S)
    assert known_ms(three, NOW + S) == 1300.0
    assert known_ms(three, NOW + 2 * S + STALE_US) is None
    assert observed(three, 50.0, NOW + 2 * S + STALE_US).n == 1
