"""What a policy is: candidates in, an order with its reasons out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from proxy.routing.candidates import Candidate, Price
from proxy.routing.latency import Latency

_DRAW_BITS = 53  # what a float holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a policy may look at besides the candidates.

    `seed` (64 bytes at most) is new with every request, `turn` counts them, `key` is the session's
    and the same on every proxy; without one equals stay in the order in which they are written.
    """

    now_us: int
    seed: bytes = b""
    turn: int = 0
    key: str | None = None
    latencies: Mapping[str, Latency] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    explore: float = 0.1  # how often a target of unknown latency is tried


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first.

    `scores` are by id, of those that have one. `propensity` is how probable the first one was
    before the draw: 1 where nothing is drawn.
    """

    order: tuple[Candidate, ...]
    scores: Mapping[str, float] = field(default_factory=dict)
    propensity: float = 1.0


Rank = Callable[[Sequence[Candidate], Context], Ranking]


def draw(seed: bytes, purpose: str) -> float:
    """Return a number from 0 to below 1, the same for the same arguments.

    Each purpose has a number of its own, so that one more draw changes no other
    (`facts/estimators.md` section 7.3).
    """
    digest = hashlib.blake2b(purpose.encode(), key=seed, digest_size=8).digest()
    return (int.from_bytes(digest) >> (64 - _DRAW_BITS)) / (1 << _DRAW_BITS)
