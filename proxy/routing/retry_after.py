"""How long a provider asks us to stay away.

Sources: RFC 9110 section 10.2.3; `retry-after-ms` as the OpenAI and Anthropic SDKs read it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[bytes, bytes], wall_us: int) -> float | None:
    """Return the wait in seconds, not negative; `None` if none is given or readable.

    Args:
        headers: The provider's, names in lower case.
        wall_us: UTC microseconds since 1970: an HTTP date is a wait only against the time.
    """
    millis = _number(headers.get(b"retry-after-ms"))
    if millis is not None:
        return millis / 1000
    given = headers.get(b"retry-after")
    seconds = _number(given)
    if seconds is not None or given is None:
        return seconds
    try:
        until = parsedate_to_datetime(given.decode("latin-1"))
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.fromtimestamp(wall_us / 1e6, UTC)).total_seconds())


def _number(text: bytes | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and 0 <= value < float("inf") else None
