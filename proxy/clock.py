"""What only the world can say: the time, and a name nobody else has chosen.

Everything that must be replayed takes a `World` as an argument instead of asking.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from proxy.record.ids import uuid7


@dataclass(frozen=True, slots=True)
class World:
    """Two clocks, in whole microseconds, and a source of ids."""

    wall_us: Callable[[], int]  # UTC since 1970; may be set back
    tick_us: Callable[[], int]  # never goes back; its zero means nothing
    new_id: Callable[[], str]


def new_id() -> str:
    """Return an id that nobody else has; those made later sort later."""
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


REAL = World(
    wall_us=lambda: time.time_ns() // 1000,
    tick_us=lambda: time.monotonic_ns() // 1000,
    new_id=new_id,
)
