"""Values inside values, for hypothesis."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]
DEPTH = 3


def nested(leaf: Strategy, around: Callable[[Strategy], Strategy]) -> Strategy:
    """Return `leaf`, what `around` makes of it, of that, and so on, `DEPTH` levels deep.

    `st.recursive` warns, by chance, that what is around a leaf does not use it.
    """
    level = leaf
    for _ in range(DEPTH):
        level = leaf | around(level)
    return level
