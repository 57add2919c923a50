"""How many requests a credential may serve at once, and how long the next one waits."""

from dataclasses import dataclass
from typing import Literal

Turn = Literal["free", "wait", "full"]


@dataclass(frozen=True, slots=True)
class Seats:
    """At most `limit` requests at once; one more may wait `max_wait_s` for its turn."""

    limit: int
    max_wait_s: float = 0.0


def seat(seats: Seats | None, in_flight: int, waited_s: float) -> Turn:
    """Say whether a request that has waited `waited_s` can be sent, may wait, or must not."""
    if seats is None or in_flight < seats.limit:
        return "free"
    return "wait" if waited_s < seats.max_wait_s else "full"
