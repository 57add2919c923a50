"""How writing a ledger goes, as `/status` and whoever exports figures tell it."""

import msgspec


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How writing goes; what is told of rows counts exchanges.

    Attributes:
        dropped: Exchanges that are not in the ledger and never will be.
        refused: Requests that were not served because their rows would have had no place.
        waiting: Exchanges whose rows are in memory until they can be written.
        hindered_since_us: UTC; since when rows cannot be written as usual; `None` if they can.
        last_error: Why the last thing that failed did.
    """

    dropped: int = 0
    refused: int = 0
    waiting: int = 0
    waiting_bytes: int = 0
    ballast_bytes: int = 0
    ballast_of_bytes: int = 0
    hindered_since_us: int | None = None
    last_error: str | None = None
