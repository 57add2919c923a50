"""What a request asks of routing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from proxy.routing.candidates import Candidate
from proxy.routing.pins import CacheRatio, PinKey, PinRules

MAX_MODELS = 256  # remembered, for clients name them

Bond = Literal["signature", "encrypted_reasoning", "previous_response_id"]
"""What in a request only its issuer can read. The last one cannot be taken out: the rest of the
conversation lies with the issuer."""

Delivery = Literal["streamed", "buffered"]
"""buffered: nothing goes out before it is whole, so that another provider can still take over."""


@dataclass(frozen=True, kw_only=True)  # no slots: what is found out of it is found out once
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
    _resolved: dict[str | None, tuple[Candidate, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def has_seats(self) -> bool:
        """Whether any candidate takes only so many requests at once."""
        return any(one.seats is not None for one in self.candidates)

    def resolved(self, asked: str | None) -> tuple[Candidate, ...]:
        """Return the candidates with the names under which the model `asked` for goes to them.

        The same objects for the same model, for what they are called is put together once.
        """
        found = self._resolved.get(asked)
        if found is None:
            if len(self._resolved) >= MAX_MODELS:
                self._resolved.clear()
            found = tuple(one.resolved(asked) for one in self.candidates)
            self._resolved[asked] = found
        return found


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
