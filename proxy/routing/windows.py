"""When a target may be used: days and hours as the clock on the wall shows them.

A window is open whenever a wall clock in its zone shows a time in it. So where the clocks go
forward, one that lies in the missing hour does not open; where they go back, one in the hour that
comes twice opens twice. The zones are the system's (IANA), read once each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY: Final = frozenset(range(7))
_AHEAD_DAYS = 15  # a window of one weekday, missed once because the clocks went forward
_S = 1_000_000
_HOUR_MIN, _DAY_MIN = 60, 24 * 60
_DAY_US = 86_400 * _S
_WINDOW = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:[,-][a-z]{3})*)(?: +|$))?"
    r"(?:(?P<h>\d\d):(?P<m>\d\d)-(?P<h2>\d\d):(?P<m2>\d\d))?"
)


@dataclass(frozen=True, slots=True)
class Window:
    """Hours on some days: from `opens_min` to before `closes_min`, in minutes since midnight.

    With `closes_min` the smaller one it goes on past midnight; `days` (0 is Monday) are those on
    which it opens.
    """

    days: frozenset[int] = _EVERY_DAY
    opens_min: int = 0
    closes_min: int = _DAY_MIN

    def holds(self, weekday: int, minute: int) -> bool:
        """Say whether that minute of that weekday is in the window."""
        if self.opens_min < self.closes_min:
            return weekday in self.days and self.opens_min <= minute < self.closes_min
        late = weekday in self.days and minute >= self.opens_min
        early = (weekday - 1) % 7 in self.days and minute < self.closes_min
        return self.opens_min > self.closes_min and (late or early)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Open in any of the `windows`, and always if there are none."""

    windows: tuple[Window, ...] = ()
    zone: str = "UTC"


ALWAYS = Schedule()


def read_window(text: str) -> Window:
    """Return the window in words as `mon-fri 22:00-06:00`, `sat,sun` or `09:00-17:30`.

    Raises:
        ValueError: It is none; the message says what is wrong.
    """
    found = _WINDOW.fullmatch(text.strip().lower())
    if found is None or not found[0]:
        raise ValueError(
            f"{text!r} is no window: wanted days, hours or both, as mon-fri 09:00-17:30"
        )
    days = _days(found["days"]) if found["days"] else _EVERY_DAY
    if found["h"] is None:
        return Window(days)
    opens, closes = _minutes(found["h"], found["m"]), _minutes(found["h2"], found["m2"])
    if opens in {closes, _DAY_MIN}:
        raise ValueError(f"{text!r} never opens: for a whole day say 00:00-24:00")
    return Window(days, opens, closes)


def is_open(schedule: Schedule, now_us: int) -> bool:
    """Say whether the schedule is open at `now_us`, in UTC microseconds."""
    if not schedule.windows:
        return True
    there = local(now_us, ZoneInfo(schedule.zone))
    minute = there.hour * 60 + there.minute
    return any(window.holds(there.weekday(), minute) for window in schedule.windows)


def opens_at(schedule: Schedule, now_us: int) -> int | None:
    """Return the soonest time from `now_us` on at which it is open; `None` if that is never."""
    if is_open(schedule, now_us):
        return now_us
    zone = ZoneInfo(schedule.zone)
    edges = {*_openings(schedule, zone, now_us), *_clock_changes(zone, now_us)}
    return next((t for t in sorted(edges) if t > now_us and is_open(schedule, t)), None)


def _openings(schedule: Schedule, zone: ZoneInfo, now_us: int) -> Iterator[int]:
    today = local(now_us, zone).date()
    for ahead in range(_AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        for window in schedule.windows:
            opening = time(window.opens_min // 60 % 24, window.opens_min % 60)
            for fold in (0, 1):
                at = datetime.combine(day, opening, zone).replace(fold=fold)
                yield round(at.timestamp()) * _S


def _clock_changes(zone: ZoneInfo, now_us: int) -> Iterator[int]:
    """Yield when the clocks are put forward or back, to the second."""
    for ahead in range(_AHEAD_DAYS):
        low = (now_us + ahead * _DAY_US) // _S
        high = low + _DAY_US // _S
        before = local(low * _S, zone).utcoffset()
        if before == local(high * _S, zone).utcoffset():
            continue
        while high - low > 1:
            middle = (low + high) // 2
            same = local(middle * _S, zone).utcoffset() == before
            low, high = (middle, high) if same else (low, middle)
        yield high * _S


def local(now_us: int, zone: ZoneInfo) -> datetime:
    """Return the time in `zone` at `now_us`, in UTC microseconds, to the second."""
    return datetime.fromtimestamp(now_us // _S, UTC).astimezone(zone)


def _minutes(hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if total > _DAY_MIN or int(minutes) >= _HOUR_MIN:
        raise ValueError(f"{hours}:{minutes} is no time of day: wanted 00:00 to 24:00")
    return total


def _days(text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        first, *rest = (_day(name) for name in part.split("-"))
        last = rest[-1] if rest else first
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def _day(name: str) -> int:
    if name not in DAYS:
        raise ValueError(f"{name!r} is no day: wanted one of {', '.join(DAYS)}")
    return DAYS.index(name)
