"""How one provider, one of its keys, or one model of a key is doing: for a person to read."""

from collections.abc import Iterable, Sequence

import msgspec

from proxy.routing import board as boards
from proxy.routing import health as fold
from proxy.routing.board import Board
from proxy.routing.health import Badge, BreakerState, Health
from proxy.routing.types import Failure

_S = 1_000_000
_WORST: Sequence[BreakerState] = ("closed", "half_open", "open")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The health of `key`, with the seconds that are left; `None` where nothing is waited for."""

    key: str
    badge: Badge
    breaker: BreakerState
    open_s: float | None = None  # until the one probe may come
    cooling_s: float | None = None
    failures: int = 0  # in a row
    failure: Failure | None = None  # the last one, whatever came after it
    probing: bool = False  # the one probe is out

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to say of it."""
        return self.badge == "healthy" and self.breaker == "closed" and self.cooling_s is None


def standing(board: Board, key: str, now_us: int) -> Standing:
    """Return the standing of one key of the board."""
    return _standing(key, board.keys.get(key, Health()), now_us)


def standings_at(board: Board, place: str, now_us: int) -> tuple[Standing, ...]:
    """Return the standing of what is not well among `place`, what is below it and its provider."""
    provider = place.partition("/")[0]
    found = (
        _standing(key, health, now_us)
        for key, health in board.keys.items()
        if key == provider or boards.is_at(key, place)
    )
    return tuple(sorted((one for one in found if not one.is_well), key=lambda one: one.key))


def worst(key: str, parts: Iterable[Standing]) -> Standing:
    """Return the standing of what has all of `parts` against it."""
    parts = tuple(parts)
    last = max(parts, key=lambda one: one.failures)
    return Standing(
        key=key,
        badge=last.badge,
        breaker=max((one.breaker for one in parts), key=_WORST.index),
        open_s=_longest(one.open_s for one in parts),
        cooling_s=_longest(one.cooling_s for one in parts),
        failures=last.failures,
        failure=last.failure,
        probing=any(one.probing for one in parts),
    )


def left_s(until_us: int | None, now_us: int) -> float | None:
    """Return the seconds until then, `None` if that is not known or over."""
    if until_us is None or until_us <= now_us:
        return None
    return round((until_us - now_us) / _S, 1)


def _standing(key: str, health: Health, now_us: int) -> Standing:
    probe = health.probe
    return Standing(
        key=key,
        badge=fold.badge(health),
        breaker=fold.breaker_state(health, now_us),
        open_s=left_s(health.open_until_us, now_us),
        cooling_s=left_s(health.cool_until_us, now_us),
        failures=health.streak,
        failure=health.failure,
        probing=probe is not None and now_us < probe.until_us,
    )


def _longest(seconds: Iterable[float | None]) -> float | None:
    return max((one for one in seconds if one is not None), default=None)
