"""Which bodies are stored. Knows no database: the configuration and the server use it."""

from dataclasses import dataclass
from typing import Final

from proxy.record.bodies import Level

KIB: Final = 1 << 10


@dataclass(frozen=True, slots=True)
class Storing:
    """Which bodies are stored, and how much of each.

    Attributes:
        level: None of them; those of exchanges in which something failed; all.
        max_kib: How much of a body is kept; what is behind that is cut off.
    """

    level: Level = "none"
    max_kib: int = 4096

    @property
    def max_bytes(self) -> int:
        """The same in bytes."""
        return self.max_kib * KIB


NOTHING: Final = Storing()
