"""Build the app from its parts; the only place that knows them all."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.applications import Starlette

from proxy import VERSION
from proxy.activation import Activator
from proxy.clock import REAL
from proxy.commands import LedgerState, RoutingState
from proxy.config import Settings
from proxy.endpoints import Front, small, status
from proxy.endpoints.control import Control
from proxy.endpoints.status import Told
from proxy.exchange import Exchange, Policy
from proxy.happened import Detail, Drained, Happened, Kind, Started
from proxy.ledger import child
from proxy.ledger.bodies.writer import BodyWriter
from proxy.ledger.journal import Journal
from proxy.ledger.keep import Keep
from proxy.ledger.lake.address import Lake
from proxy.ledger.line import Writer
from proxy.ledger.tending import tend
from proxy.record.start import Origin
from proxy.reload import Heeding, Read, Reloader, Say
from proxy.steering import Steering, file, prices
from proxy.steering.file import Keeper
from proxy.steering.secret import installation_secret
from proxy.upstream.httpx_lane import HttpxLane

DRAINED_S = 3.0


def tell(text: str) -> None:
    """Write to stderr, if anybody is there to read it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def build(settings: Settings, read: Read | None = None, say: Say = tell) -> Front:
    """Return the ASGI app; its lifespan runs the converter, and closes what was opened here.

    Args:
        settings: What is in force at first.
        read: Reads their file again, whenever it has changed.
        say: Tells a person what happens to files meanwhile.
    """
    origin = Origin(socket.gethostname(), os.getpid(), VERSION, settings.config_hash)
    folder, writing = settings.ledger_folder, settings.ledger_writing
    journal = Journal(folder, _writer(origin), writing, say=say)
    rules = policy(settings)
    kept_in = folder / file.NAME
    found = file.read(kept_in, rules.network, REAL.wall_us())
    steering = Steering(rules.network, REAL, found.memory)
    keeper = Keeper(kept_in, steering, say, problem=found.problem)
    secret = installation_secret(folder)
    exchange = Exchange(rules, HttpxLane(), journal, REAL, origin, steering, secret)
    bodies = _bodies(settings, origin, secret)
    exchange.bodies = bodies
    activator = Activator(exchange, steering, REAL, exchange.happened, settings.activations)
    reloader = Reloader(settings, read, _heeding(exchange, activator, bodies), REAL, say)
    told = Told(
        steering=steering,
        config=lambda: reloader.state,
        ledger=lambda: _ledger_state(settings, journal, bodies),
        routing=lambda: RoutingState(file=str(keeper.path), problem=keeper.problem),
    )
    control = Control(steering, reloader, REAL, keeper.keep, exchange.happened)
    routes = [*small.routes(VERSION), *status.routes(exchange, told), *control.routes()]
    ledger = (folder, settings.ledger_keep, settings.ledger_lake)
    beside = Beside(exchange, journal, keeper, reloader, activator, *ledger, bodies)
    return Front(exchange, Starlette(routes=routes, lifespan=beside.lifespan))


@dataclass(frozen=True, slots=True)
class Beside:
    """What runs beside the requests, and is closed after the last one."""

    exchange: Exchange
    journal: Journal
    keeper: Keeper
    reloader: Reloader
    activator: Activator
    ledger_folder: Path
    ledger_keep: Keep
    ledger_lake: Lake | None
    bodies: BodyWriter | None

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Run it all."""
        if prices.are_needed(self.exchange.policy.network):
            await asyncio.to_thread(prices.load)
        converter = child.spawn(self.ledger_folder, self.ledger_keep, self.ledger_lake)
        self._note("proxy_started", Started(proxy_version=VERSION))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.keeper.run())
                group.create_task(self.reloader.run())
                endless = [
                    group.create_task(self.activator.run()),
                    group.create_task(tend(self.journal)),
                ]
                try:
                    yield
                finally:
                    self.reloader.stop()
                    for task in endless:
                        task.cancel()
                    await self.exchange.tally.idle(DRAINED_S)  # the cancelled have rows to write
                    self._note("proxy_drained", Drained(left=self.exchange.tally.active))
                    self.keeper.stop()
        finally:
            await self.exchange.lane.aclose()
            self._note("proxy_stopped")
            self.journal.close()
            if self.bodies is not None:
                self.bodies.close()
            child.stop(converter)

    def _note(self, kind: Kind, detail: Detail | None = None) -> None:
        self.exchange.happened(Happened(kind=kind, at_us=REAL.wall_us(), detail=detail))


def _heeding(exchange: Exchange, activator: Activator, bodies: BodyWriter | None) -> Heeding:
    def adopt(other: Settings) -> None:
        if bodies is not None:
            bodies.strike(other.secrets)
        exchange.adopt(policy(other), other.config_hash)
        activator.activations = other.activations

    def refused(problem: str) -> None:
        exchange.happened(Happened(kind="config_refused", at_us=REAL.wall_us(), why=problem))

    return Heeding(adopt, refused)


def policy(settings: Settings) -> Policy:
    """Return what the exchange needs of `settings`."""
    return Policy(
        network=settings.network,
        client_keys=settings.client_keys,
        allowed_hosts=frozenset({"localhost", *settings.allowed_hosts}),
        max_body_bytes=settings.max_body_bytes,
    )


def _bodies(settings: Settings, origin: Origin, secret: bytes) -> BodyWriter | None:
    storing = settings.ledger_storing
    if storing.level == "none":
        return None
    bodies = BodyWriter(settings.ledger_folder, _writer(origin), storing, secret)
    bodies.strike(settings.secrets)
    return bodies


def _ledger_state(settings: Settings, journal: Journal, bodies: BodyWriter | None) -> LedgerState:
    return LedgerState(
        folder=str(settings.ledger_folder),
        on_full=settings.ledger_writing.on_full,
        bodies_dropped=0 if bodies is None else bodies.dropped,
        bodies_error=None if bodies is None else bodies.last_error,
        **msgspec.structs.asdict(journal.condition),
    )


def _writer(origin: Origin) -> Writer:
    return Writer(
        host=origin.host,
        worker_pid=origin.worker_pid,
        started_us=REAL.wall_us(),
        proxy_version=origin.proxy_version,
        config_hash=origin.config_hash,
    )
