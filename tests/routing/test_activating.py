"""When quota windows are opened, how often that is tried, and what it may cost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.activating import (
    Due,
    Progress,
    Tried,
    accounts,
    begun,
    ended,
    next_activation_us,
    next_try,
)
from proxy.routing.activation import Activation
from proxy.routing.network import Network
from proxy.routing.types import Credential
from tests.routing.test_windows import BERLIN, NEW_YORK, S, utc

DAYS = frozenset(range(7))
SIX = Activation(
    provider="a",
    credential=None,
    model="m",
    minutes=(360,),
    days=DAYS,
    zone=BERLIN,
    max_usd=0.01,
    tries=3,
)
SLOT = utc("2027-01-15 05:00")  # a Friday, six o'clock in Berlin
DAY = utc("2027-01-14 23:00")
MIN = 60 * S


def at(*minutes: int, days: frozenset[int] = DAYS, zone: str = BERLIN) -> Activation:
    return replace(SIX, minutes=minutes, days=days, zone=zone)


@pytest.mark.parametrize(
    ("one", "now", "expected"),
    [
        pytest.param(SIX, "2027-01-15 04:59:59", "2027-01-15 05:00", id="in a second"),
        pytest.param(SIX, "2027-01-15 05:00", "2027-01-16 05:00", id="now is not next"),
        pytest.param(SIX, "2027-07-15 00:00", "2027-07-15 04:00", id="in summer an hour sooner"),
        pytest.param(
            at(360, 780), "2027-01-15 05:00", "2027-01-15 12:00", id="the next of several times"
        ),
        pytest.param(
            at(360, days=frozenset({0})), "2027-01-15 04:00", "2027-01-18 05:00", id="on Mondays"
        ),
        pytest.param(
            at(360, days=frozenset({4})), "2027-01-15 05:00", "2027-01-22 05:00", id="in a week"
        ),
        pytest.param(
            at(0), "2027-01-15 22:00", "2027-01-15 23:00", id="midnight there, not in Greenwich"
        ),
        pytest.param(
            at(150),
            "2027-03-28 00:00",
            "2027-03-28 01:30",
            id="a time that is missing in Berlin: half past three",
        ),
        pytest.param(
            at(150), "2027-03-28 01:30", "2027-03-29 00:30", id="and on the day after as always"
        ),
        pytest.param(
            at(150),
            "2027-10-30 22:00",
            "2027-10-31 00:30",
            id="a time that comes twice in Berlin: the first",
        ),
        pytest.param(
            at(150), "2027-10-31 00:30", "2027-11-01 01:30", id="and not a second time that night"
        ),
        pytest.param(
            at(360), "2027-10-30 05:00", "2027-10-31 05:00", id="25 hours on that morning"
        ),
        pytest.param(
            at(150, zone=NEW_YORK), "2027-03-14 06:00", "2027-03-14 07:30", id="New York in March"
        ),
    ],
)
def test_the_next_time(one: Activation, now: str, expected: str) -> None:
    assert next_activation_us(one, utc(now)) == utc(expected)


@pytest.mark.parametrize("one", [at(), at(360, days=frozenset())])
def test_without_times_or_days_there_is_none(one: Activation) -> None:
    assert next_activation_us(one, SLOT) is None
    assert next_try(one, None, SLOT) is None


@given(
    minute=st.integers(0, 1439),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from([BERLIN, NEW_YORK, "UTC", "Asia/Kolkata", "Australia/Lord_Howe"]),
    hours=st.integers(0, 24 * 370),
)
def test_it_is_once_on_each_of_the_days(
    minute: int, days: frozenset[int], zone: str, hours: int
) -> None:
    now = utc("2027-01-01 00:00") + hours * 3600 * S
    one = at(minute, days=days, zone=zone)
    first = next_activation_us(one, now)
    assert first is not None
    second = next_activation_us(one, first)
    assert second is not None
    days_seen = [_there(first, zone).date(), _there(second, zone).date()]
    assert now < first < second
    assert days_seen[0] < days_seen[1]
    assert {day.weekday() for day in days_seen} <= days
    shown = _there(first, zone)
    assert (shown.hour * 60 + shown.minute - minute) in {0, 30, 60}  # when clocks go forward


def _there(time_us: int, zone: str) -> datetime:
    utc_time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
    return utc_time.astimezone(ZoneInfo(zone))


def known(**more: object) -> Progress:
    facts: dict[str, object] = {"slot_us": SLOT, "tried_us": SLOT, "tries": 1, "day_us": DAY}
    return Progress(**(facts | more))  # type: ignore[arg-type]  # each under its own name


TOMORROW = SLOT + 24 * 60 * MIN
NEXT = Due(TOMORROW, TOMORROW)


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        pytest.param(None, SLOT - 1, Due(SLOT, SLOT), id="before the time"),
        pytest.param(None, SLOT, Due(SLOT, SLOT), id="at the time"),
        pytest.param(None, SLOT + 30 * MIN, Due(SLOT, SLOT), id="half an hour late"),
        pytest.param(None, SLOT + 30 * MIN + 1, NEXT, id="too late"),
        pytest.param(known(), SLOT + 1, Due(SLOT + MIN, SLOT), id="again a minute after a failure"),
        pytest.param(
            known(tried_us=SLOT + 29 * MIN + 1), SLOT + 30 * MIN, NEXT, id="but not for ever"
        ),
        pytest.param(known(is_over=True), SLOT + 1, NEXT, id="not again once it is over"),
        pytest.param(
            known(slot_us=SLOT + 10 * MIN), SLOT + 15 * MIN, NEXT, id="nor after a later time"
        ),
        pytest.param(
            known(slot_us=SLOT - 60 * MIN, is_over=True), SLOT, Due(SLOT, SLOT), id="another time"
        ),
        pytest.param(
            known(slot_us=SLOT - 60 * MIN, spent_usd=0.01),
            SLOT,
            NEXT,
            id="all it may cost is spent",
        ),
        pytest.param(
            known(slot_us=SLOT - 60 * MIN, has_unpriced=True),
            SLOT,
            NEXT,
            id="nobody knows what it has cost",
        ),
        pytest.param(
            known(slot_us=0, day_us=0, spent_usd=1.0, has_unpriced=True),
            SLOT,
            Due(SLOT, SLOT),
            id="on another day",
        ),
    ],
)
def test_the_next_try(before: Progress | None, now: int, due: Due) -> None:
    assert next_try(SIX, before, now) == due


DUE = Due(SLOT, SLOT)


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        pytest.param(None, SLOT, known(said="under way"), id="the first"),
        pytest.param(
            known(spent_usd=0.002),
            SLOT + MIN,
            known(tried_us=SLOT + MIN, tries=2, spent_usd=0.002, said="under way"),
            id="another one",
        ),
        pytest.param(
            known(tries=2),
            SLOT + MIN,
            known(tried_us=SLOT + MIN, tries=3, is_over=True, said="under way"),
            id="the last one",
        ),
        pytest.param(
            None,
            SLOT + 2 * MIN + 1,
            known(tried_us=SLOT + 2 * MIN + 1, is_over=True, said="under way"),
            id="a late one is the only one",
        ),
        pytest.param(
            known(slot_us=SLOT - MIN, tries=3, is_over=True, spent_usd=0.002),
            SLOT,
            known(spent_usd=0.002, said="under way"),
            id="another time of the day goes on with what was spent",
        ),
        pytest.param(
            known(day_us=0, spent_usd=1.0, has_unpriced=True),
            SLOT,
            known(said="under way"),
            id="another day begins with nothing",
        ),
    ],
)
def test_a_try_that_begins(before: Progress | None, now: int, after: Progress) -> None:
    assert begun(SIX, before, DUE, now) == after


@pytest.mark.parametrize(
    ("tried", "after"),
    [
        pytest.param(
            Tried("served", "served", 0.001),
            known(is_over=True, said="served", spent_usd=0.001),
            id="served",
        ),
        pytest.param(
            Tried("served", "served"),
            known(is_over=True, said="served", has_unpriced=True),
            id="served, at a price that nobody knows",
        ),
        pytest.param(Tried("failed", "status 529"), known(said="status 529"), id="failed"),
        pytest.param(
            Tried("hopeless", "status 404"), known(is_over=True, said="status 404"), id="hopeless"
        ),
    ],
)
def test_a_try_that_ends(tried: Tried, after: Progress) -> None:
    assert ended(known(), tried) == after


def test_nobody_tries_more_often_than_20_times() -> None:
    before = begun(replace(SIX, tries=99), known(tries=19), DUE, SLOT + MIN)
    assert before.is_over


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        pytest.param(None, ("a/x", "a/y"), id="each key has a window of its own"),
        pytest.param("y", ("a/y",), id="one key"),
        pytest.param("z", (), id="one that is not there"),
    ],
)
def test_accounts(credential: str | None, expected: tuple[str, ...]) -> None:
    keys = {name: Credential(name, "k") for name in ("a/x", "ab/x", "a/y")}
    assert accounts(replace(SIX, credential=credential), Network(credentials=keys)) == expected
