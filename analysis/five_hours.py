"""Where the five-hour blocks begin, as subscriptions count them. Source: estimators 6.11."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

LASTS: Final = timedelta(hours=5)


def begins(moments: Iterable[datetime]) -> list[datetime]:
    """Return where blocks begin, oldest first: at the full hour before a request outside the last.

    Args:
        moments: Of requests, oldest first.
    """
    found: list[datetime] = []
    for moment in moments:
        if not found or moment >= found[-1] + LASTS:
            found.append(moment.replace(minute=0, second=0, microsecond=0))
    return found
