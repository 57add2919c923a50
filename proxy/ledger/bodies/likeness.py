"""How two bodies are alike: the next request of a conversation begins and ends like this one."""

from collections.abc import Sequence
from typing import Final

MIN_ALIKE_BYTES: Final = 1024


def most_alike(content: bytes, others: Sequence[bytes]) -> int | None:
    """Return which of `others` shares most of its beginning and end with `content`, if one does."""
    found = [(_alike(content, other), number) for number, other in enumerate(others)]
    best = max(found, default=(0, 0))
    return best[1] if best[0] >= MIN_ALIKE_BYTES else None


def _alike(one: bytes, other: bytes) -> int:
    start = _beginning(one, other)
    most = min(len(one), len(other)) - start
    return start + _end(one, other, most)


def _beginning(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _end(one: bytes, other: bytes, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        here = slice(len(one) - middle, len(one) - low)
        there = slice(len(other) - middle, len(other) - low)
        if one[here] == other[there]:
            low = middle
        else:
            high = middle - 1
    return low
