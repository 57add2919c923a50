"""Build the app from its parts; the only place that knows them all."""

import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from proxy import VERSION
from proxy.clock import REAL
from proxy.config import Settings
from proxy.endpoints import Front
from proxy.endpoints.small import routes
from proxy.exchange import Exchange, Policy
from proxy.ledger import child
from proxy.ledger.journal import Journal
from proxy.ledger.line import Writer
from proxy.record.start import Origin
from proxy.steering import Steering
from proxy.steering.secret import installation_secret
from proxy.upstream.httpx_lane import HttpxLane

DRAINED_S = 3.0


def build(settings: Settings) -> Front:
    """Return the ASGI app; its lifespan runs the converter, and closes what was opened here."""
    origin = Origin(socket.gethostname(), os.getpid(), VERSION, settings.config_hash)
    journal = Journal(settings.ledger_folder, _writer(origin))
    lane = HttpxLane()
    rules = policy(settings)
    steering = Steering(rules.network, REAL)
    secret = installation_secret(settings.ledger_folder)
    exchange = Exchange(rules, lane, journal, REAL, origin, steering, secret)

    def ledger() -> Mapping[str, object]:
        return {
            "folder": str(settings.ledger_folder),
            "dropped": journal.dropped,
            "last_error": journal.last_error,
        }

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        converter = child.spawn(settings.ledger_folder)
        try:
            yield
        finally:
            await exchange.tally.idle(DRAINED_S)  # what was cancelled still has its rows to write
            await lane.aclose()
            journal.close()
            child.stop(converter)

    return Front(exchange, Starlette(routes=routes(exchange, ledger), lifespan=lifespan))


def policy(settings: Settings) -> Policy:
    """Return what the exchange needs of `settings`."""
    return Policy(
        network=settings.network,
        client_keys=settings.client_keys,
        allowed_hosts=frozenset({"localhost", *settings.allowed_hosts}),
        max_body_bytes=settings.max_body_bytes,
    )


def _writer(origin: Origin) -> Writer:
    return Writer(
        host=origin.host,
        worker_pid=origin.worker_pid,
        started_us=REAL.wall_us(),
        proxy_version=origin.proxy_version,
        config_hash=origin.config_hash,
    )
