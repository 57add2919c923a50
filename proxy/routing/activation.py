"""Small requests that are paid for at set times, so that a provider's quota window begins then."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """When to ask one provider for next to nothing, and what that may cost.

    Attributes:
        provider: Its name.
        credential: The label of the only key to do it with, `None` for each of its keys.
        model: To ask for, as the provider calls it.
        minutes: Times of day since midnight, as the clock on the wall in `zone` shows them.
        days: Of the week, on which; 0 is Monday.
        zone: Of the wall.
        max_usd: What it may cost at most in a day (in `zone`), for each key.
        tries: How many of them there may be.
    """

    provider: str
    credential: str | None
    model: str
    minutes: tuple[int, ...]
    days: frozenset[int]
    zone: str
    max_usd: float
    tries: int = 3
