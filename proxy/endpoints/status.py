"""`/status`: how the proxy is, where requests go, and what is wrong; never a secret."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.commands import STATUS, ConfigState, LedgerState, RoutingState, Status
from proxy.exchange import Exchange
from proxy.steering import Steering, looking


@dataclass(frozen=True, slots=True)
class Told:
    """What the status tells of beside the exchange."""

    steering: Steering
    config: Callable[[], ConfigState]
    ledger: Callable[[], LedgerState]
    routing: Callable[[], RoutingState]


def routes(exchange: Exchange, told: Told) -> list[Route]:
    """Return the route of the status."""
    began_us = exchange.world.tick_us()

    async def status(_: Request) -> Response:
        return answered(_status(exchange, told, began_us))

    return [Route(STATUS, status, methods=["GET", "HEAD"])]


def answered(content: msgspec.Struct, status: int = 200) -> Response:
    """Return `content` as a JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _status(exchange: Exchange, told: Told, began_us: int) -> Status:
    world, tally, config = exchange.world, exchange.tally, told.config()
    now_us = world.wall_us()
    return Status(
        version=exchange.origin.proxy_version,
        config_hash=config.hash,
        uptime_s=(world.tick_us() - began_us) // 1_000_000,
        active=tally.active,
        total=sum(tally.outcomes.values()),
        outcomes=dict(tally.outcomes),
        queues={
            name: tuple(candidate.id for candidate in queue.candidates)
            for name, queue in told.steering.network.queues.items()
        },
        ledger=told.ledger(),
        routing=told.routing(),
        config=config,
        apps=looking.apps(told.steering, now_us),
        providers=looking.providers(told.steering, now_us),
    )
