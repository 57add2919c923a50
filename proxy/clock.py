"""What only the world can say: the time, and a name nobody else has chosen.

Everything that must be replayed takes a `World` as an argument instead of asking.
"""

import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class World:
    """Two clocks, in whole microseconds, and a source of ids."""

    wall_us: Callable[[], int]  # UTC since 1970; may be set back
    tick_us: Callable[[], int]  # never goes back; its zero means nothing
    new_id: Callable[[], str]


def new_id() -> str:
    """Return a UUID of version 7: ids made later sort later (RFC 9562, section 5.7)."""
    millis = time.time_ns() // 1_000_000
    drawn = int.from_bytes(os.urandom(10))
    high = (millis & (1 << 48) - 1) << 80 | 7 << 76 | (drawn >> 68 & 0xFFF) << 64
    return str(uuid.UUID(int=high | 2 << 62 | drawn & (1 << 62) - 1))


REAL = World(
    wall_us=lambda: time.time_ns() // 1000,
    tick_us=lambda: time.monotonic_ns() // 1000,
    new_id=new_id,
)
