"""The parts of one process, and what runs beside its requests: closed after the last one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from starlette.applications import Starlette

from proxy import VERSION
from proxy.activation import Activator
from proxy.clock import REAL
from proxy.commands import LedgerState, RoutingState, WorkerState
from proxy.config import Settings
from proxy.exchange import Exchange
from proxy.happened import Detail, Drained, Happened, Kind, Started
from proxy.ledger import child
from proxy.ledger.bodies.writer import BodyWriter
from proxy.ledger.journal import Journal
from proxy.ledger.tending import tend
from proxy.reload import Reloader, Say
from proxy.sharing.hub_link import HubLink
from proxy.sharing.link import Link
from proxy.sharing.peering import Own, Peering, gone
from proxy.sharing.redis_link import RedisLink
from proxy.steering import looking, prices
from proxy.steering.file import Keeper

DRAINED_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Among:
    """Which of the workers of this host this process is, and where their hub is.

    Without a hub it is the only one. Number 0 keeps what all know in a file, and makes activations.
    """

    number: int = 0
    hub: Path | None = None

    @property
    def speaks(self) -> bool:
        """Whether it does what only one of them is to do."""
        return self.number == 0


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process serves with. `settings` are those that it was started with."""

    settings: Settings
    exchange: Exchange
    journal: Journal
    keeper: Keeper
    reloader: Reloader
    activator: Activator
    bodies: BodyWriter | None
    among: Among
    began_us: int = field(default_factory=REAL.tick_us)

    def state(self) -> WorkerState:
        """Return how this process is."""
        origin, tally, bodies = self.exchange.origin, self.exchange.tally, self.bodies
        return WorkerState(
            host=origin.host,
            pid=origin.worker_pid,
            number=self.among.number,
            uptime_s=(REAL.tick_us() - self.began_us) // 1_000_000,
            active=tally.active,
            outcomes=dict(tally.outcomes),
            attempts=tally.attempts,
            tokens=tally.tokens,
            in_flight=looking.in_flight(self.exchange.steering),
            ledger=LedgerState(
                folder=str(self.settings.ledger_folder),
                on_full=self.settings.ledger_writing.on_full,
                bodies_dropped=0 if bodies is None else bodies.dropped,
                bodies_error=None if bodies is None else bodies.last_error,
                **msgspec.structs.asdict(self.journal.condition),
            ),
            routing=RoutingState(file=str(self.keeper.path), problem=self.keeper.problem),
            config=self.reloader.state,
        )

    def peering(self, say: Say) -> Peering | None:
        """Return what this process knows together with others; `None` if there are none.

        Raises:
            SetupError: What that needs is not installed.
        """
        state, hub, member = self.settings.routing_state, self.among.hub, REAL.new_id()
        link: Link
        if state is not None:
            link = RedisLink(state, gone(member), say)
        elif hub is not None:
            link = HubLink(hub, gone(member))
        else:
            return None
        own = Own(member, self.among.number, self.state, self.reloader.reload)
        return Peering(self.exchange.steering, link, own, REAL)


@dataclass(frozen=True, slots=True)
class Beside:
    """What runs beside the requests; of several workers, one converter serves all."""

    parts: Parts
    peering: Peering | None

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Run it all."""
        exchange, journal = self.parts.exchange, self.parts.journal
        if prices.are_needed(exchange.policy.network):
            await asyncio.to_thread(prices.load)
        converting = self._converting()
        self._note("proxy_started", Started(proxy_version=VERSION))
        try:
            async with asyncio.TaskGroup() as group:
                endless = self._begun(group)
                if converting is not None:
                    endless.append(group.create_task(converting.run()))
                try:
                    yield
                finally:
                    self.parts.reloader.stop()
                    for task in endless:
                        task.cancel()
                    await exchange.tally.idle(DRAINED_S)  # the cancelled have rows to write
                    self._note("proxy_drained", Drained(left=exchange.tally.active))
                    self.parts.keeper.stop()
        finally:
            await exchange.lane.aclose()
            self._note("proxy_stopped")
            journal.close()
            if self.parts.bodies is not None:
                self.parts.bodies.close()
            if converting is not None:
                converting.stop()

    def _begun(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Begin what runs meanwhile; return what has to be cancelled at the end."""
        parts = self.parts
        group.create_task(parts.reloader.run())
        endless = [group.create_task(tend(parts.journal))]
        if self.peering is not None:
            endless.append(group.create_task(self.peering.run()))
        if parts.among.speaks:
            group.create_task(parts.keeper.run())
            endless.append(group.create_task(parts.activator.run()))
        return endless

    def _converting(self) -> child.Converting | None:
        settings = self.parts.settings
        if self.parts.among.hub is not None:
            return None  # the supervisor has one for all
        ledger = (settings.ledger_folder, settings.ledger_keep, settings.ledger_lake)
        return child.Converting(partial(child.spawn, *ledger), self.parts.reloader.say)

    def _note(self, kind: Kind, detail: Detail | None = None) -> None:
        happened = Happened(kind=kind, at_us=REAL.wall_us(), detail=detail)
        self.parts.exchange.happened(happened)
