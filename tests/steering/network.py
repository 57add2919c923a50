"""A small network, a clock that is set, and what steers by both."""

from dataclasses import dataclass, replace

from proxy.clock import World
from proxy.routing.asked import Queue
from proxy.routing.budgets import Budget
from proxy.routing.network import Network, plain_network
from proxy.routing.pins import PinKey, Served, place_of
from proxy.routing.types import Credential, Failure, Outcome, Provider, Target
from proxy.steering import Memory, Steering, Wish

S = 1_000_000
START = 1_800_000_000 * S  # Friday 2027-01-15 08:00:00 UTC
KEY = PinKey(None, "claude", "s", "m")
WISH = Wish(app="claude", model="m", key=KEY)


@dataclass
class Clock:
    us: int = START

    @property
    def world(self) -> World:
        return World(wall_us=lambda: self.us, tick_us=lambda: self.us, new_id=lambda: "id")

    def passes(self, seconds: float) -> None:
        self.us += round(seconds * S)


def target(name: str, label: str = "k", *, key: str = "old", model: str | None = None) -> Target:
    return Target(
        Provider(name, f"https://{name}.test", ("anthropic",)), Credential(label, key), model
    )


MAIN, TEAM, RELAY = target("main"), target("main", "team"), target("relay")


def network(*targets: Target, budget: Budget | None = None) -> Network:
    """Return a network whose only queue is that of claude."""
    made = plain_network({"claude": targets or (MAIN, TEAM, RELAY)})
    if budget is None:
        return made
    queue = made.queues["claude"]
    first, *others = queue.candidates
    candidates = (replace(first, budgets=(budget,)), *others)
    return replace(made, queues={"claude": replace(queue, candidates=candidates)})


@dataclass
class Scene:
    clock: Clock
    steering: Steering

    @property
    def queue(self) -> Queue:
        return self.steering.network.queues["claude"]

    def order(self, wish: Wish = WISH) -> str:
        """Return who would be asked, as `main/k team/k`."""
        decision = self.steering.decide(self.queue, wish)
        return " ".join(f"{one.provider}/{one.credential}" for one in decision.chosen)

    def fails(self, place: Target, failure: Failure = "unreachable", times: int = 1) -> None:
        for number in range(times):
            asked = replace(place, model="m")
            attempt_id = f"attempt-{number}"
            self.steering.began("claude", asked, attempt_id)
            outcome = Outcome(asked, failure=failure, status=500, attempt_id=attempt_id)
            self.steering.learned("claude", outcome)
            self.steering.ended(asked)

    def serves(self, place: Target, key: PinKey = KEY) -> None:
        home = place_of(place.provider.name, place.credential.label, place.model)
        self.steering.served(Served(key=key, place=home), self.queue)


def scene(*targets: Target, memory: Memory | None = None, budget: Budget | None = None) -> Scene:
    clock = Clock()
    return Scene(clock, Steering(network(*targets, budget=budget), clock.world, memory))
