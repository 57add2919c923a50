"""The endpoints that no wire knows: is it there, and how is it."""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from proxy.endpoints.paths import PREFIXES
from proxy.exchange import Exchange

HELLO = frozenset(
    f"{prefix}{path}" for prefix in PREFIXES for path in ("", "/", "/api/hello") if prefix or path
)
"""What clients ask of their base URL to see whether anybody is there."""

PATHS = HELLO | {"/healthz", "/status"}


def routes(exchange: Exchange, ledger: Callable[[], Mapping[str, object]]) -> list[Route]:
    """Return their routes; `ledger` says how the ledger is."""
    began_us = exchange.world.tick_us()

    async def hello(_: Request) -> Response:
        return JSONResponse({"name": "pointsman", "version": exchange.origin.proxy_version})

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def status(_: Request) -> Response:
        tally = exchange.tally
        return JSONResponse(
            {
                "version": exchange.origin.proxy_version,
                "config_hash": exchange.origin.config_hash,
                "uptime_s": (exchange.world.tick_us() - began_us) // 1_000_000,
                "active": tally.active,
                "total": sum(tally.outcomes.values()),
                "outcomes": dict(tally.outcomes),
                "queues": {
                    app: [candidate.id for candidate in queue.candidates]
                    for app, queue in exchange.steering.network.queues.items()
                },
                "ledger": dict(ledger()),
            }
        )

    paths = {**dict.fromkeys(HELLO, hello), "/healthz": healthz, "/status": status}
    return [Route(path, endpoint, methods=["GET", "HEAD"]) for path, endpoint in paths.items()]
