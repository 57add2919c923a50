"""What can be chosen from, and what is known of it at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from proxy.routing.budgets import Budget, Spent
from proxy.routing.globs import matches_any
from proxy.routing.health import Admission
from proxy.routing.latency import Latency
from proxy.routing.pins import Pins, Place, place_of
from proxy.routing.quotas import Quota
from proxy.routing.renaming import Names, named
from proxy.routing.seats import Seats
from proxy.routing.windows import ALWAYS, Schedule

NO_NAMES = Names()


@dataclass(frozen=True, kw_only=True)  # no slots: names are put together once
class Candidate:
    """One place of a queue as the configuration has it, without addresses and secrets."""

    provider: str
    credential: str
    model: str | None = None  # sent whatever is asked for; `None`: what `names` makes of that
    names: Names = NO_NAMES
    wires: tuple[str, ...] = ()
    models: tuple[str, ...] = ()  # globs over the names sent; none: it has every model
    enabled: bool = True
    backup: bool = False  # only asked if nobody else may be
    level: int = 0  # its place in the order; those of one level are equals
    weight: float = 1.0
    schedule: Schedule = ALWAYS
    budgets: tuple[Budget, ...] = ()
    seats: Seats | None = None

    @cached_property
    def place(self) -> Place:
        """Where a pin to it points."""
        return place_of(self.provider, self.credential, self.model)

    @cached_property
    def account(self) -> str:
        """What its credential is known under."""
        return f"{self.provider}/{self.credential}"

    @cached_property
    def id(self) -> str:
        """What everything else is known under: the account, and the model if there is one."""
        return self.account if self.model is None else f"{self.account}/{self.model}"

    def resolved(self, asked: str | None) -> "Candidate":
        """Return it with the name under which the model that was `asked` for goes to it."""
        if self.model is not None or asked is None:
            return self
        return replace(self, model=named(self.names, asked).model)

    @cached_property
    def has_model(self) -> bool:
        """Whether the model to send is one of its own, as far as that is known."""
        return not self.models or self.model is None or matches_any(self.models, self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a target charges, in USD a million tokens; `None` where it is not known.

    `hit_rate` is the part of its prompts that came from its cache lately, and `output_part` the
    tokens of an answer for each one of a prompt.
    """

    input_usd: float | None = None
    cache_read_usd: float | None = None
    cache_write_usd: float | None = None
    output_usd: float | None = None
    hit_rate: float | None = None
    output_part: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known when a decision is made; what is missing is not known.

    Keys are ids of candidates, but for `admissions` and `quotas` (of accounts, of ids, or of both),
    `in_flight` (of accounts) and `spent` (of budgets).
    """

    admissions: Mapping[str, Admission] = field(default_factory=dict)
    latencies: Mapping[str, Latency] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    quotas: Mapping[str, tuple[Quota, ...]] = field(default_factory=dict)
    in_flight: Mapping[str, int] = field(default_factory=dict)
    spent: Mapping[str, Spent] = field(default_factory=dict)
    pins: Pins = field(default_factory=Pins)
