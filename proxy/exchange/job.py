"""One exchange under way: what was asked, who asked, and what is noted of it."""

from dataclasses import dataclass, field

from proxy.canonical import Ask
from proxy.clock import World
from proxy.exchange.call import Call
from proxy.exchange.client import Client
from proxy.exchange.reading import Reading
from proxy.record.request import Recorder
from proxy.routing.types import Limits, Target
from proxy.upstream import Lane


@dataclass(frozen=True, slots=True)
class Job:
    """A request that was accepted; `targets` are those that may serve it, best first."""

    call: Call
    ask: Ask
    body: bytes = field(repr=False)
    reading: Reading = field(repr=False)
    targets: tuple[Target, ...]
    limits: Limits
    client: Client
    recorder: Recorder
    lane: Lane
    world: World

    @property
    def deadline_us(self) -> int:
        """The tick at which all trying ends."""
        return self.recorder.start.tick_us + round(self.limits.total_s * 1e6)

    @property
    def left_s(self) -> float:
        """The seconds until then."""
        return max(0.0, (self.deadline_us - self.world.tick_us()) / 1e6)
