"""Spans of time, as people type them."""

import re
from typing import Final

_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_UNITS_S: Final = (86_400, 3600, 60, 1)


def seconds(text: str) -> int | None:
    """Return the seconds in `1h30m`, `90s` or the like; `None` if it is not like that."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        return None
    total = sum(int(n) * unit for n, unit in zip(found.groups("0"), _UNITS_S, strict=True))
    return total or None
