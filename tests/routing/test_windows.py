"""When targets are open: weekdays, nights, and the two days a year on which clocks are changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.routing.windows import (
    ALWAYS,
    Schedule,
    Window,
    is_open,
    opens_at,
    read_window,
)

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
S = 1_000_000


def utc(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def schedule(*windows: str, zone: str = "UTC") -> Schedule:
    return Schedule(tuple(map(read_window, windows)), zone)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        pytest.param("09:00-17:30", Window(opens_min=540, closes_min=1050), id="hours of each day"),
        pytest.param("mon-fri", Window(frozenset(range(5))), id="whole days"),
        pytest.param("sat,sun 00:00-24:00", Window(frozenset({5, 6})), id="a list of days"),
        pytest.param("Fri-Mon", Window(frozenset({4, 5, 6, 0})), id="over the end of the week"),
        pytest.param(
            "mon,wed-thu 22:00-06:00", Window(frozenset({0, 2, 3}), 1320, 360), id="over midnight"
        ),
        pytest.param("22:00-00:00", Window(opens_min=1320, closes_min=0), id="until midnight"),
    ],
)
def test_read_window(text: str, window: Window) -> None:
    assert read_window(text) == window


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "is no window"),
        ("mon-fri9:00-17:00", "is no window"),
        ("9:00-17:00", "is no window"),
        ("foo 09:00-17:00", "'foo' is no day"),
        ("09:60-17:00", "09:60 is no time of day"),
        ("09:00-25:00", "25:00 is no time of day"),
        ("09:00-09:00", "never opens: for a whole day say 00:00-24:00"),
        ("24:00-06:00", "never opens"),
    ],
)
def test_windows_that_are_none_are_refused(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        read_window(text)


@pytest.mark.parametrize(
    ("one", "never"),
    [
        pytest.param(ALWAYS, False, id="without windows it is always open"),
        pytest.param(Schedule((Window(frozenset()),)), True, id="a window on no day"),
        pytest.param(Schedule((Window(opens_min=60, closes_min=60),)), True, id="of no minute"),
        pytest.param(Schedule((Window(frozenset()), Window())), False, id="one of them opens"),
    ],
)
def test_one_that_never_opens_names_no_time(one: Schedule, never: bool) -> None:
    assert (opens_at(one, utc("2027-01-15 08:00")) is None) is never


OFFICE = schedule("mon-fri 09:00-17:30", zone=BERLIN)
NIGHT = schedule("fri 22:00-06:00", zone=BERLIN)


@pytest.mark.parametrize(
    ("one", "now", "opens"),
    [
        pytest.param(OFFICE, "2027-01-15 08:00", "2027-01-15 08:00", id="open: at once"),
        pytest.param(OFFICE, "2027-01-15 07:59:59", "2027-01-15 08:00", id="in a second"),
        pytest.param(OFFICE, "2027-01-15 16:30", "2027-01-18 08:00", id="closes, until Monday"),
        pytest.param(OFFICE, "2027-07-16 07:00", "2027-07-16 07:00", id="in summer an hour sooner"),
        pytest.param(
            NIGHT, "2027-01-15 20:59", "2027-01-15 21:00", id="the night begins on Friday"
        ),
        pytest.param(NIGHT, "2027-01-16 04:59", "2027-01-16 04:59", id="and lasts into Saturday"),
        pytest.param(NIGHT, "2027-01-16 05:00", "2027-01-22 21:00", id="until six, then in a week"),
        pytest.param(NIGHT, "2027-01-15 02:00", "2027-01-15 21:00", id="not early on Friday"),
        pytest.param(
            schedule("sun 02:15-02:45", zone=BERLIN),
            "2027-03-28 00:00",
            "2027-04-04 00:15",
            id="the hour that is missing in Berlin: a week later",
        ),
        pytest.param(
            schedule("sun 02:30-04:00", zone=BERLIN),
            "2027-03-28 00:00",
            "2027-03-28 01:00",
            id="half of it missing: when the clocks are put forward",
        ),
        pytest.param(
            schedule("sun 02:30-04:00", zone=NEW_YORK),
            "2027-03-14 06:00",
            "2027-03-14 07:00",
            id="the same in New York two weeks before",
        ),
        pytest.param(
            schedule("02:15-02:45", zone=BERLIN),
            "2027-10-31 00:45",
            "2027-10-31 01:15",
            id="the hour that comes twice in Berlin: it opens twice",
        ),
        pytest.param(
            schedule("01:30-02:30", zone=BERLIN),
            "2027-10-31 00:30",
            "2027-10-31 01:00",
            id="and again when the clocks are put back into it",
        ),
        pytest.param(
            schedule("01:15-01:45", zone=NEW_YORK),
            "2027-11-07 05:45",
            "2027-11-07 06:15",
            id="the hour that comes twice in New York",
        ),
        pytest.param(
            schedule("mon-fri 09:00-17:00", zone=NEW_YORK),
            "2027-03-12 23:00",
            "2027-03-15 13:00",
            id="Monday morning after the change is an hour sooner",
        ),
    ],
)
def test_opens_at(one: Schedule, now: str, opens: str) -> None:
    assert opens_at(one, utc(now)) == utc(opens)


ZONES = st.sampled_from([BERLIN, NEW_YORK, "UTC", "Asia/Kolkata", "Australia/Lord_Howe"])
WINDOWS = st.builds(
    Window,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens_min=st.integers(0, 1439),
    closes_min=st.integers(0, 1440),
)
CHANGES = ["2027-03-14 00:00", "2027-03-27 12:00", "2027-10-30 12:00", "2027-11-06 12:00"]


@given(
    window=WINDOWS,
    zone=ZONES,
    start=st.sampled_from(CHANGES).map(utc),
    minutes=st.integers(0, 3 * 1440),
)
def test_it_opens_when_a_clock_on_the_wall_first_shows_a_time_in_it(
    window: Window, zone: str, start: int, minutes: int
) -> None:
    one, now = Schedule((window,), zone), start + minutes * 60 * S
    wall = [now + n * 60 * S for n in range(1440)]
    shown = [t for t in wall if window.holds(*_wall(t, zone))]
    opens = opens_at(one, now)
    if shown:
        assert opens == shown[0]
    elif opens is not None or (window.days and window.opens_min != window.closes_min):
        assert opens is not None
        assert opens > wall[-1]
        assert is_open(one, opens)
        assert not is_open(one, opens - S)


def _wall(time_us: int, zone: str) -> tuple[int, int]:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)).astimezone(
        ZoneInfo(zone)
    )
    return local.weekday(), local.hour * 60 + local.minute
