"""What was used and what it cost, by day, session, model and so on: rows that add up to a total.

A request counts when it was received, and where its answer came from; tokens and money count when
the attempt began that used them, failed ones as well, and with the one who was asked. Times are
those of a zone; blocks are UTC, as subscriptions count them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

from analysis.asking import answer, with_macros
from analysis.errors import EmptyLedger
from analysis.five_hours import begins
from analysis.prices.book import entries, put
from analysis.reports.sums import Sums
from analysis.reports.zones import local_sql, offsets
from analysis.selection import ALL, Selection
from analysis.sources import Source
from proxy.price_list import Pricing

_MODEL: Final = "model"
_PROVIDER: Final = "provider"
_NEVER: Final = datetime.min  # noqa: DTZ901  # before all


@dataclass(frozen=True, slots=True)
class View:
    """By what rows are grouped.

    Attributes:
        heading: Of what they are grouped by.
        key: The same in SQL, of `moment` (UTC), `provider` and `model`.
        part: In SQL, what one of them is broken down by.
        query: In `queries/`.
        most: Rows of a table where nobody says how many.
    """

    heading: str
    key: str
    part: str = _MODEL
    query: str = "usage"
    most: int | None = None


VIEWS: Final = {
    "daily": View("day", "date_trunc('day', local_at(moment))::DATE"),
    "weekly": View("week from", "date_trunc('week', local_at(moment))::DATE"),
    "monthly": View("month", "date_trunc('month', local_at(moment))::DATE"),
    "session": View("session", "NULL", query="usage_by_session", most=50),
    "blocks": View("block (UTC)", "time_bucket(INTERVAL 10 MINUTE, moment)"),
    "models": View("model", _MODEL, _PROVIDER),
    "providers": View("provider", _PROVIDER),
}


Key = str | date | None  # a block's is the moment when it begins


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a report; `part` is `None` where it is not broken down, or not known."""

    key: Key
    sums: Sums
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The rows of a view in their order; with `is_broken_down`, several of one key."""

    view: str
    groups: Sequence[Group]
    is_broken_down: bool = False

    @property
    def total(self) -> Sums:
        return sum((group.sums for group in self.groups), Sums())


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; without `pricing` nothing has a price, `zone` `None` is the system's."""

    view: str
    selection: Selection = ALL
    zone: tzinfo | None = None
    pricing: Pricing | None = None
    breaks_down: bool = False


def usage(source: Source, wish: Wish) -> Report:
    """Return what was used.

    Raises:
        EmptyLedger: There is no request to ask about, and the message says where.
    """
    view = VIEWS[wish.view]
    with_macros(source)
    _put_macros(source, view, wish)
    put(source, [] if wish.pricing is None else entries(source, wish.pricing, wish.selection))
    rows = answer(source, view.query, wish.selection)
    if not rows:
        raise _nothing(source, wish)
    if wish.view == "session":
        rows = _by_last(rows)
    else:
        rows = sorted(rows, key=lambda row: (row[0] is None, row[0], row[1] is None, row[1]))
    found = [Group(key, Sums(*counts), part) for key, part, *counts in rows]
    if wish.view == "blocks":
        found = _in_blocks(found)
    return Report(wish.view, found, wish.breaks_down)


def _put_macros(source: Source, view: View, wish: Wish) -> None:
    ((first, last),) = answer(source, "span", wish.selection)
    if first is None:
        raise _nothing(source, wish)
    part = view.part if wish.breaks_down else "NULL::VARCHAR"
    for macro, text in (
        ("local_at(t)", local_sql(offsets(wish.zone, first, last))),
        ("usage_key(moment, provider, model)", view.key),
        ("usage_part(provider, model)", part),
    ):
        source.connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro} AS {text}")


def _nothing(source: Source, wish: Wish) -> EmptyLedger:
    asked = "" if wish.selection == ALL else " of what was asked about"
    return EmptyLedger(f"there is no request for an answer yet in {source.place}{asked}")


def _by_last(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows of sessions, those used last at the end, without when that was."""
    last: dict[str | None, datetime] = {}
    for key, *_, at in rows:
        last[key] = max(last.get(key, at), at) if at else last.get(key, _NEVER)
    ordered = sorted(rows, key=lambda row: (last[row[0]], row[0] or "", row[1] or ""))
    return [row[:-1] for row in ordered]


def _in_blocks(groups: Iterable[Group]) -> list[Group]:
    """Return what stands in steps of ten minutes, by the blocks that those fall into."""
    steps = [(one.key, one) for one in groups if isinstance(one.key, datetime)]
    starts = begins(step for step, one in steps if one.sums.requests) or begins(
        step for step, _ in steps
    )
    found: dict[tuple[datetime, str | None], Sums] = {}
    for step, one in steps:
        # An attempt may begin after the last request of its block, and then belongs to that.
        key = (starts[max(bisect_right(starts, step) - 1, 0)], one.part)
        found[key] = found.get(key, Sums()) + one.sums
    ordered = sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    return [Group(start, sums, part) for (start, part), sums in ordered]
