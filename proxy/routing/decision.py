"""What was decided and why: logged with the request, so that another policy can be judged by it."""

from typing import Literal

import msgspec

from proxy.routing.pins import Place, place_of

PinState = Literal["hit", "miss", "moved", "broken", "none"]
Filter = Literal[
    "disabled",
    "not_selected",  # the request names another provider
    "wrong_wire",
    "no_such_model",
    "not_the_issuer",  # the request continues an answer that only another provider has
    "window_closed",
    "over_budget",
    "over_quota",
    "cooling",
    "breaker_open",
    "probing",  # somebody else is the one trial of a half-open breaker
    "not_admitted",  # for another reason, which `why` says
    "busy",
    "twice",  # the same target is in the queue before
]
LASTING: frozenset[Filter] = frozenset(
    {"disabled", "not_selected", "wrong_wire", "no_such_model", "twice"}
)
"""What does not pass by itself: a pin to such a target is broken, not merely led elsewhere."""


class PinSeen(msgspec.Struct, frozen=True):
    """What the pin of a request said.

    hit: its place is asked first; miss: there was none; moved: another place is asked first for
    the time being; broken: its place is gone for good; none: no pin could be, for want of a
    session or of stickiness.
    """

    state: PinState
    why: str = ""


class Skipped(msgspec.Struct, frozen=True):
    """A target that is not asked; `until_us` is when that may change, `None` if unknown."""

    id: str
    by: Filter
    why: str = ""
    until_us: int | None = None  # UTC microseconds


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A target to ask, as it stands in the order."""

    id: str
    provider: str
    credential: str
    model: str | None
    backup: bool = False
    score: float | None = None  # what the policy ranked it by
    strip: bool = False  # tokens of other issuers must be taken out before it is asked

    @property
    def place(self) -> Place:
        """Where a pin to it points."""
        return place_of(self.provider, self.credential, self.model)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The plan for one request. With nothing chosen, `sentence` says what removed each target."""

    queue: str
    policy: str
    chosen: tuple[Chosen, ...]
    skipped: tuple[Skipped, ...] = ()
    propensity: float | None = None  # how probable the first one was before it was drawn
    pin: PinSeen
    pin_moves: bool = False  # give this to `Served.moves`, if the first one serves
    wait_s: float = 0.0  # wait so long for a seat at the first one, then plan again
    sentence: str | None = None
    soonest_us: int | None = None  # when the first of the skipped may be back
