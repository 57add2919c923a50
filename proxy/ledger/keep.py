"""How much of a ledger is kept. Knows no database: the configuration and the server use it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept, `None` without an end; today always is."""

    days: int | None = None  # whole ones before today, UTC
    mib: int | None = None  # of Parquet and of journals not converted


EVERYTHING: Final = Keep()
