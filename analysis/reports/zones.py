"""Local time in SQL: what to add to UTC, from when on.

The rules of a zone are Python's. DuckDB's own come with an extension and take longer than the sums.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_DAY: Final = timedelta(days=1)
_FINEST: Final = timedelta(seconds=1)
_US: Final = timedelta(microseconds=1)

Offset = tuple[datetime, timedelta]  # from when on (UTC, without saying so), and what to add


def offsets(zone: tzinfo | None, since: datetime, until: datetime) -> list[Offset]:
    """Return the offsets of a zone in a range, oldest first; the first one begins with the range.

    Args:
        zone: `None` is the system's.
        since: UTC, as the ledger has it: without saying so.
        until: Likewise; itself in the range.
    """
    found = [(since, _offset(zone, since))]
    at = since
    while at < until:
        after = min(at + _DAY, until)
        if _offset(zone, after) != found[-1][1]:
            changed = _change(zone, at, after)
            found.append((changed, _offset(zone, changed)))
            after = changed
        at = after
    return found


def local_sql(found: list[Offset]) -> str:
    """Return the SQL of a time `t` in local time."""
    cases = " ".join(
        f"WHEN t >= TIMESTAMP '{since.isoformat(sep=' ')}' THEN {offset // _US}"
        for since, offset in reversed(found[1:])
    )
    first_us = found[0][1] // _US
    return f"t + to_microseconds({f'CASE {cases} ELSE {first_us} END' if cases else first_us})"


def _offset(zone: tzinfo | None, moment: datetime) -> timedelta:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


def _change(zone: tzinfo | None, before: datetime, after: datetime) -> datetime:
    """Return the second from which on another offset than that of `before` holds."""
    was = _offset(zone, before)
    before = before.replace(microsecond=0)
    while after - before > _FINEST:
        middle = before + ((after - before) // 2 // _FINEST) * _FINEST
        middle = max(middle, before + _FINEST)
        if _offset(zone, middle) == was:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
