"""Patterns in which `*` stands for any text, whatever the case, and nothing else is special.

Not `fnmatch`: there `[1m]`, a marker in names of models, would be one character of two.
"""

import re
from collections.abc import Sequence
from functools import lru_cache


def carried(pattern: str, text: str) -> tuple[str, ...] | None:
    """Return what each `*` of `pattern` stands for in `text`; `None` if it does not match."""
    found = _compiled(pattern).fullmatch(text)
    return found.groups() if found else None


def matches_any(patterns: Sequence[str], text: str) -> bool:
    """Say whether one of the `patterns` matches; none of none does."""
    return any(_compiled(pattern).fullmatch(text) for pattern in patterns)


def filled(pattern: str, texts: Sequence[str]) -> str:
    """Return `pattern` with its first `*` replaced by the first of the `texts`, and so on."""
    pieces = pattern.split("*")
    filling = [*texts, *[""] * len(pieces)]
    return pieces[0] + "".join(f + p for f, p in zip(filling, pieces[1:], strict=False))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, pattern.split("*"))), re.IGNORECASE | re.DOTALL)
