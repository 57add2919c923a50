"""What a request asks of routing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from proxy.routing.candidates import Candidate
from proxy.routing.pins import CacheRatio, PinKey, PinRules

Bond = Literal["signature", "encrypted_reasoning", "previous_response_id"]
"""What in a request only its issuer can read. The last one cannot be taken out: the rest of the
conversation lies with the issuer."""

Delivery = Literal["streamed", "buffered"]
"""buffered: nothing goes out before it is whole, so that another provider can still take over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Candidates of different ids, with the rules of their order."""

    name: str
    candidates: tuple[Candidate, ...]
    policy: str = "priority"  # a key of `POLICIES`
    sticky: bool = True
    issuers_first: bool = True  # even so; false: tokens of theirs are rather taken out
    pin_rules: PinRules = field(default_factory=PinRules)
    leave_at: float = 0.9  # of a quota
    explore: float = 0.1  # see `policies.least_latency`
    delivery: Delivery = "streamed"  # of streams; a whole answer is held anyway
    held_max_mib: int = 32  # of one answer; one that is longer goes out as it comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `wires` are those in which it can be served, `None` if in any."""

    key: PinKey | None
    model: str | None
    wires: frozenset[str] | None = None
    provider: str | None = None  # the only one that will do: see `rules.selection`
    credential: str | None = None  # the only one of it that will do
    bonds: frozenset[Bond] = frozenset()
    seed: bytes = b""  # new with every request, 64 bytes at most
    turn: int = 0  # counts the requests of the queue
    waited_s: float = 0.0  # for a seat
    ratios: Mapping[str, CacheRatio] = field(default_factory=dict)  # by id of candidate
