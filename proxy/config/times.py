"""Checks of zones, windows, days and times of day. Each raises `Wrong`."""

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from proxy.config.problems import Wrong, guess, quoted
from proxy.routing.windows import Window, read_window

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAYS: Final = "days, as in mon-fri or sat,sun"


def zone(text: str) -> str:
    """Return `text` if it names a time zone whose rules are at hand."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        want = f'a time zone, as in "Europe/Berlin"{guess(sorted(available_timezones()), text)}'
        raise Wrong(quoted(text), want) from None
    return text


def window(text: str) -> str:
    """Return `text` if it is a window that opens."""
    try:
        read_window(text)
    except ValueError as error:
        raise Wrong(quoted(text), f"a window ({error})") from None
    return text


def days(text: str) -> str:
    """Return `text` if it is the days of a window without hours."""
    try:
        found = read_window(text)
    except ValueError as error:
        raise Wrong(quoted(text), f"{_DAYS} ({error})") from None
    if found != Window(found.days) or ":" in text:
        raise Wrong(quoted(text), _DAYS)
    return text


def time_of_day(text: str) -> str:
    """Return `text` if it is a time of day."""
    if _TIME.fullmatch(text):
        return text
    raise Wrong(quoted(text), 'a time of day from 00:00 to 23:59, as in "08:00"')


def minute_of(time: str) -> int:
    """Return a time of day, already checked, in minutes since midnight."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
