"""How much may be spent in a day or a month, in whose time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from proxy.routing.windows import local

Per = Literal["day", "month"]
_S = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What `owner`, a provider or `provider/credential`, may spend in a day or a month."""

    owner: str
    per: Per
    usd: float | None = None
    tokens: int | None = None
    zone: str = "UTC"  # whose midnight

    @property
    def id(self) -> str:
        """What the spending is kept under: the same owner, time and zone have the same one."""
        return f"{self.owner} {self.per} {self.zone}"


class Spent(msgspec.Struct, frozen=True):
    """What was spent in the period under way; `None` where it is not known."""

    usd: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From `begins_us` to before `ends_us`, in UTC microseconds."""

    begins_us: int
    ends_us: int


@dataclass(frozen=True, slots=True)
class Overrun:
    """A budget that is used up, in words, and when the next period begins."""

    why: str
    until_us: int


def period(per: Per, zone: str, now_us: int) -> Period:
    """Return the day or the month that is under way in `zone`."""
    where = ZoneInfo(zone)
    today = local(now_us, where).date()
    if per == "day":
        return Period(_midnight(today, where), _midnight(today + timedelta(days=1), where))
    first = today.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Period(_midnight(first, where), _midnight(following, where))


def overrun(budgets: Sequence[Budget], spent: Mapping[str, Spent], now_us: int) -> Overrun | None:
    """Return the used-up budget that holds longest, or `None`.

    Spending that is not known uses nothing up: a price that is missing must not stop the work.
    """
    found = [
        Overrun(why, period(budget.per, budget.zone, now_us).ends_us)
        for budget in budgets
        if (why := used_up(budget, spent.get(budget.id, Spent()))) is not None
    ]
    return max(found, key=lambda one: one.until_us, default=None)


def used_up(budget: Budget, spent: Spent) -> str | None:
    """Say in words that `budget` is used up; `None` if it is not."""
    whose = f"of {budget.owner} a {budget.per}"
    if budget.usd is not None and spent.usd is not None and spent.usd >= budget.usd:
        return f"{spent.usd:.2f} of {budget.usd:.2f} USD {whose}"
    if budget.tokens is not None and spent.tokens is not None and spent.tokens >= budget.tokens:
        return f"{spent.tokens} of {budget.tokens} tokens {whose}"
    return None


def _midnight(day: date, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp()) * _S
