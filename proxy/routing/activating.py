"""When a provider is to be asked so that its quota window begins: once at each set time.

A try that fails is made again, a minute later each, until one succeeds. Who comes late, because the
machine slept, tries once within half an hour. What was tried is noted before it is, so that a
process which dies of it and starts again does not try for ever.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from proxy.routing.activation import Activation
from proxy.routing.budgets import period
from proxy.routing.network import Network
from proxy.routing.windows import local

_S: Final = 1_000_000
AGAIN_US: Final = 60 * _S
ON_TIME_US: Final = 2 * 60 * _S  # until then it is not late
LATE_US: Final = 30 * 60 * _S  # from then on it is too late
MAX_TRIES: Final = 20
_WEEK_DAYS: Final = 7

Ending = Literal["served", "failed", "hopeless"]
"""How a try ended; hopeless is what no further one would mend."""


@dataclass(frozen=True, slots=True)
class Due:
    """The next try: when, and for which of the set times."""

    at_us: int
    slot_us: int


@dataclass(frozen=True, slots=True)
class Tried:
    """How a try ended, what it cost if that is known, and a few words about it."""

    ending: Ending
    said: str
    usd: float | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What an activation of one key has come to.

    Attributes:
        slot_us: The last of the set times at which anything was tried.
        tried_us: When it was tried last.
        tries: For that time.
        is_over: There are no more for it.
        said: What came of the last one.
        day_us: The beginning of the day that the rest is about.
        spent_usd: On that day.
        has_unpriced: One was served on that day, and nobody knows what it cost.
    """

    slot_us: int
    tried_us: int
    tries: int
    is_over: bool = False
    said: str = ""
    day_us: int
    spent_usd: float = 0.0
    has_unpriced: bool = False


def accounts(activation: Activation, network: Network) -> tuple[str, ...]:
    """Return the keys that are activated, each for itself, as `provider/label`."""
    if activation.credential is not None:
        wanted = f"{activation.provider}/{activation.credential}"
        return (wanted,) if wanted in network.credentials else ()
    own = f"{activation.provider}/"
    return tuple(account for account in network.credentials if account.startswith(own))


def next_activation_us(activation: Activation, now_us: int) -> int | None:
    """Return the first set time after `now_us`, in UTC microseconds; `None` if there is none.

    There is one for each day: a time that comes twice is its first, and one that is missing,
    because the clocks go forward, is as long after midnight as on other days.
    """
    ahead = range(-1, _WEEK_DAYS + 1)
    return min((t for n in ahead for t in _on(activation, now_us, n) if t > now_us), default=None)


def next_try(activation: Activation, before: Progress | None, now_us: int) -> Due | None:
    """Return the next try of a key for which `before` is known; it may be due already."""
    latest = [t for n in (-1, 0) for t in _on(activation, now_us, n) if t <= now_us]
    slot_us = max(latest, default=None)
    if slot_us is not None and now_us - slot_us <= LATE_US:
        at_us = _at(activation, before, slot_us)
        if at_us is not None:
            return Due(at_us, slot_us)
    next_us = next_activation_us(activation, now_us)
    return None if next_us is None else Due(next_us, next_us)


def begun(activation: Activation, before: Progress | None, due: Due, now_us: int) -> Progress:
    """Return what is known once a try begins.

    A late one is the last, and so is the last of those that may be made.
    """
    day_us = _day_us(activation, due.slot_us)
    if before is None or before.day_us != day_us:
        before = Progress(slot_us=due.slot_us, tried_us=now_us, tries=0, day_us=day_us)
    tries = before.tries + 1 if before.slot_us == due.slot_us else 1
    is_late = tries == 1 and now_us - due.slot_us > ON_TIME_US
    return msgspec.structs.replace(
        before,
        slot_us=due.slot_us,
        tried_us=now_us,
        tries=tries,
        is_over=is_late or tries >= _most(activation),
        said="under way",
    )


def ended(begun: Progress, tried: Tried) -> Progress:
    """Return what is known once it has ended.

    A try that failed is free, unless its price is known. After one that was served at an unknown
    price nobody can say what the next would cost: there is none on that day.
    """
    return msgspec.structs.replace(
        begun,
        is_over=begun.is_over or tried.ending != "failed",
        said=tried.said,
        spent_usd=begun.spent_usd + (tried.usd or 0.0),
        has_unpriced=begun.has_unpriced or (tried.ending == "served" and tried.usd is None),
    )


def _at(activation: Activation, before: Progress | None, slot_us: int) -> int | None:
    """Return when to try for the time `slot_us`; `None` if not, or not any more."""
    if not _affordable(activation, before, slot_us):
        return None
    if before is None or before.slot_us < slot_us:
        return slot_us
    if before.slot_us > slot_us or before.is_over:
        return None
    again_us = before.tried_us + AGAIN_US
    return again_us if again_us <= slot_us + LATE_US else None


def _affordable(activation: Activation, before: Progress | None, slot_us: int) -> bool:
    if before is None or before.day_us != _day_us(activation, slot_us):
        return activation.max_usd > 0
    return not before.has_unpriced and before.spent_usd < activation.max_usd


def _most(activation: Activation) -> int:
    return min(activation.tries, MAX_TRIES)


def _day_us(activation: Activation, time_us: int) -> int:
    return period("day", activation.zone, time_us).begins_us


def _on(activation: Activation, now_us: int, ahead: int) -> list[int]:
    """Return the set times of the day that is so many days from that of `now_us`."""
    zone = ZoneInfo(activation.zone)
    today = local(now_us, zone).date()
    day = today + timedelta(days=ahead)
    if day.weekday() not in activation.days:
        return []
    clock = (time(minute // 60 % 24, minute % 60) for minute in activation.minutes)
    return [round(datetime.combine(day, at, zone).timestamp()) * _S for at in clock]
