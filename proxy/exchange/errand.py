"""What one attempt is to do."""

from collections.abc import Callable
from dataclasses import dataclass

from proxy.canonical import Ask
from proxy.canonical.request import Loss
from proxy.exchange.passage import Passage
from proxy.routing.failures import Verdict
from proxy.routing.signals import Signal
from proxy.routing.types import Limits, Target
from proxy.upstream import Order
from proxy.wire import Wire


@dataclass(frozen=True, slots=True)
class Errand:
    """What one attempt is to do."""

    target: Target
    order: Order
    judge: Callable[[Signal], Verdict]  # what a failure of this provider means
    wire: Wire  # the provider's
    passage: Passage
    ask: Ask
    model: str | None  # that is asked for
    generates: bool  # false for token counts and model lists
    limits: Limits
    deadline_us: int  # a tick
    hold_max_bytes: int | None = None  # of a stream that is held until whole; `None`: none is
    attempt_id: str = ""  # tells a probe from other attempts
    mended: str | None = None  # the rule that changed its body after a refusal
    given_up: tuple[Loss, ...] = ()  # what that took out of it
