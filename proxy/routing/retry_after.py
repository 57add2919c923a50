"""How long a provider asks us to stay away.

Sources: RFC 9110 section 10.2.3; `retry-after-ms` as the OpenAI and Anthropic SDKs read it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_S = 7 * 24 * 3600.0  # nobody plans further ahead, and numbers without bound break arithmetic


def retry_after_s(headers: Mapping[bytes, bytes], wall_us: int) -> float | None:
    """Return the wait in seconds, from 0 to `MAX_S`; `None` if none is given or readable.

    Args:
        headers: The provider's, names in lower case.
        wall_us: UTC microseconds since 1970: an HTTP date is a wait only against the time.
    """
    millis = _number(headers.get(b"retry-after-ms"))
    if millis is not None:
        return min(millis / 1000, MAX_S)
    given = headers.get(b"retry-after")
    if given is None:
        return None
    seconds = _number(given)
    wait_s = _until(given, wall_us) if seconds is None else seconds
    return None if wait_s is None else min(wait_s, MAX_S)


def _until(date: bytes, wall_us: int) -> float | None:
    try:
        until = parsedate_to_datetime(date.decode("latin-1"))
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        wait = until - datetime.fromtimestamp(wall_us / 1e6, UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, wait.total_seconds())


def _number(text: bytes | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None
