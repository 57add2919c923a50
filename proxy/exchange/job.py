"""One exchange under way: what was asked, who asked, and what is noted of it."""

from dataclasses import dataclass, field
from functools import cached_property

from proxy.canonical import Ask
from proxy.clock import World
from proxy.exchange.call import Call
from proxy.exchange.client import Client
from proxy.exchange.reading import Reading
from proxy.record.request import Recorder
from proxy.routing.asked import Queue
from proxy.routing.network import AppRules, Network
from proxy.steering import Steering, Wish
from proxy.upstream import Lane


@dataclass(frozen=True)  # no slots: what is asked often is found out once
class Job:
    """A request that was accepted.

    It goes by the `network` with which it began, even if another is adopted meanwhile.
    """

    call: Call
    ask: Ask
    body: bytes = field(repr=False)
    reading: Reading = field(repr=False)
    wish: Wish
    queue: Queue
    network: Network
    steering: Steering
    client: Client
    recorder: Recorder
    lane: Lane
    world: World

    @cached_property
    def rules(self) -> AppRules:
        """How requests of its app are tried."""
        return self.network.app(self.call.route.app)

    @property
    def generates(self) -> bool:
        """Whether it asks for an answer: counts and lists tell nothing of a provider's health."""
        return self.call.route.endpoint == "generate"

    @cached_property
    def deadline_us(self) -> int:
        """The tick at which all trying ends."""
        return self.recorder.start.tick_us + round(self.rules.limits.total_s * 1e6)

    @property
    def left_s(self) -> float:
        """The seconds until then."""
        return max(0.0, (self.deadline_us - self.world.tick_us()) / 1e6)
