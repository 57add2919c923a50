"""How much of a ledger is kept. Knows no database: the configuration and the server use it."""

from dataclasses import dataclass
from typing import Final

BODIES_DAYS: Final = 7  # somebody's words: as long as one looks into what went wrong, and no longer
BODIES_MIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept, `None` without an end; of rows, today always is."""

    days: int | None = None  # whole ones before today, UTC
    mib: int | None = None  # of Parquet and of journals not converted
    bodies_days: int = BODIES_DAYS  # 24 hours each
    bodies_mib: int = BODIES_MIB

    @property
    def all_rows(self) -> bool:
        """Whether no row ever goes."""
        return self.days is None and self.mib is None


EVERYTHING: Final = Keep()
