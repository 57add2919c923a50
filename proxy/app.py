"""Build the app from its parts; the only place that knows them all."""

import os
import socket
import sys
from contextlib import suppress
from dataclasses import replace

from starlette.applications import Starlette

from proxy import VERSION
from proxy.activation import Activator
from proxy.beside import Among, Beside, Parts
from proxy.clock import REAL
from proxy.config import Settings
from proxy.endpoints import Front, small, status
from proxy.endpoints.control import Control
from proxy.endpoints.status import Told
from proxy.exchange import Exchange, Policy
from proxy.happened import Happened
from proxy.ledger.bodies.writer import BodyWriter
from proxy.ledger.journal import Journal
from proxy.ledger.line import Writer
from proxy.record.start import Origin
from proxy.reload import Heeding, Read, Reloader, Say
from proxy.sharing.peering import Peering
from proxy.steering import Steering, file
from proxy.steering.file import Keeper
from proxy.steering.secret import installation_secret
from proxy.upstream.httpx_lane import HttpxLane


def tell(text: str) -> None:
    """Write to stderr, if anybody is there to read it."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


_ALONE = Among()


def build(
    settings: Settings, read: Read | None = None, say: Say = tell, among: Among = _ALONE
) -> Front:
    """Return the ASGI app; its lifespan runs the converter, and closes what was opened here.

    Args:
        settings: What is in force at first.
        read: Reads their file again, whenever it has changed.
        say: Tells a person what happens to files meanwhile.
        among: The workers it is one of; the converter is then not its own.
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
    parts = Parts(settings, exchange, journal, keeper, reloader, activator, bodies, among)
    return _front(parts, parts.peering(say))


def _front(parts: Parts, peering: Peering | None) -> Front:
    exchange = parts.exchange
    told, reload = Told(exchange.steering, parts.state), None
    if peering is not None:
        told, reload = replace(told, sharing=peering.status), peering.reload

    async def keep() -> None:
        if parts.among.speaks:
            await parts.keeper.keep()
        if peering is not None:
            await peering.settled()

    control = Control(exchange.steering, parts.reloader, REAL, keep, exchange.happened, reload)
    routes = [*small.routes(VERSION), *status.routes(exchange, told), *control.routes()]
    beside = Beside(parts, peering)
    return Front(exchange, Starlette(routes=routes, lifespan=beside.lifespan))


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


def _writer(origin: Origin) -> Writer:
    return Writer(
        host=origin.host,
        worker_pid=origin.worker_pid,
        started_us=REAL.wall_us(),
        proxy_version=origin.proxy_version,
        config_hash=origin.config_hash,
    )
