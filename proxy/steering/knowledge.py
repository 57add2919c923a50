"""What is known, and how it changes: by events of our own, and by what other processes tell."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from proxy.clock import World
from proxy.happened import Happened
from proxy.routing.changes import health_reset
from proxy.routing.network import Network
from proxy.routing.types import App
from proxy.steering import fold
from proxy.steering.events import Began, Counted, Event, Ground, Over, Reset, ground
from proxy.steering.marks import marks, replaced
from proxy.steering.memory import Memory, forgotten, kept
from proxy.steering.replica import Line, Replica


class Peers(Protocol):
    """The other processes that this one knows together with: see `proxy.sharing`."""

    @property
    def replica(self) -> Replica:
        """What is known together."""
        ...

    def tell(self, line: Line) -> None:
        """Tell them something, without a wait."""
        ...

    async def agreed(self) -> None:
        """Wait, not for long, until all that this process has told has its place in the order."""
        ...


class Knowledge:
    """What was learnt, and the configuration it is about.

    Attributes:
        network: What the configuration says; see `adopt`.
        memory: What was learnt.
        changes: How often `memory` has changed: whoever keeps it looks at this.
        asked: The model that each app asked for last, since the start.
    """

    def __init__(self, network: Network, world: World, memory: Memory) -> None:
        self._world = world
        self.network = network
        self.memory = memory
        self.changes = 0
        self.asked: dict[App, str | None] = {}
        self._last_ground = ground(network)
        self._peers: Peers | None = None

    def share(self, peers: Peers) -> None:
        """Learn together with others from here on."""
        self._peers = peers
        self.retold()

    def retold(self, lines: Iterable[Line] = ()) -> None:
        """Take over what is known together; call it with what the log has told."""
        for line in lines:
            if isinstance(line.event, Counted):
                self.asked[line.event.app] = line.event.model
        if self._peers is not None:
            self._set(self._peers.replica.view.memory)

    def reset(self, key: str) -> tuple[Happened, ...]:
        """Forget what bars a provider, a credential or a target; nothing if nothing was known."""
        before = self.memory
        self._note(Reset(key=key))
        if self.memory is before:
            return ()
        return (health_reset(key, "a person wanted it", self._world.wall_us()),)

    def adopt(self, network: Network) -> tuple[Happened, ...]:
        """Go on with another configuration; what was learnt of what is still there stays."""
        now_us = self._world.wall_us()
        others = replaced(marks(self.network), marks(network))
        why = "another one of its name is configured"
        resets = tuple(
            health_reset(name, why, now_us)
            for name in others
            if forgotten(self.memory, name) is not self.memory
        )

        def adopted(memory: Memory) -> Memory:
            for name in others:
                memory = forgotten(memory, name)
            return kept(memory, network, now_us)

        self.network = network
        if self._peers is None:
            self._set(adopted(self.memory))
            return resets
        self._peers.replica.rebased(adopted, self.ground)
        self.retold()
        return resets

    @property
    def ground(self) -> Ground:
        """What events are understood by: made anew with each configuration."""
        if self._last_ground.network is not self.network:
            self._last_ground = ground(self.network)
        return self._last_ground

    def _note(self, event: Event) -> None:
        """Learn something, and let it be known."""
        if self._peers is None:
            self._set(fold.after(self.memory, event, self.ground))
            return
        line = self._peers.replica.own(event)
        self.retold()
        if line is not None:
            self._peers.tell(line)

    async def _claim(self, event: Began) -> bool:
        """Tell a wish to begin; say whether it comes first in the order of all."""
        if self._peers is None:
            return True
        self._note(event)
        try:
            await self._peers.agreed()
        except asyncio.CancelledError:
            self._note(Over(attempt_id=event.attempt_id))
            raise
        return event.attempt_id in self._peers.replica.view.held

    def _set(self, memory: Memory) -> None:
        if memory is not self.memory:
            self.memory = memory
            self.changes += 1
