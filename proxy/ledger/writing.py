"""How a journal is written. Knows no database: the configuration and the server use it."""

from dataclasses import dataclass
from typing import Final, Literal

OnFull = Literal["serve", "refuse"]
Sync = Literal["interval", "always"]
MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Rotation:
    """When to begin another file: what is written into a live one is slower to read."""

    max_bytes: int = 64 * MIB
    max_age_s: float = 3600.0
    try_again_s: float = 10.0  # after another file could not be made


@dataclass(frozen=True, slots=True)
class Writing:
    """What is promised of a row, and what happens where there is no room for it.

    Attributes:
        rotation: Of files.
        sync: Whether answers end before their rows are durable, or are held until then.
        ballast_mib: Of disk that is kept for a full one; 0 is none.
        buffer_mib: Of rows that wait in memory once that is used up.
        on_full: Whether requests are then served without a row, or refused.
    """

    rotation: Rotation = Rotation()
    sync: Sync = "interval"
    ballast_mib: int = 64
    buffer_mib: int = 16
    on_full: OnFull = "serve"


EVERYDAY: Final = Writing()
