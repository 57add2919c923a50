"""`/status`: how the proxy is, where requests go, and what is wrong; never a secret."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from proxy.commands import METRICS, STATUS, Counts, LedgerState, SharingState, Status, WorkerState
from proxy.exchange import Exchange
from proxy.steering import Steering, looking


@dataclass(frozen=True, slots=True)
class Told:
    """What the status tells of beside the exchange; `sharing` is `None` for one worker alone."""

    steering: Steering
    own: Callable[[], WorkerState]
    sharing: Callable[[], Awaitable[SharingState]] | None = None


def routes(exchange: Exchange, told: Told) -> list[Route]:
    """Return the route of the status."""

    async def status(_: Request) -> Response:
        sharing = None if told.sharing is None else await told.sharing()
        return answered(_status(exchange, told, sharing))

    async def metrics(_: Request) -> Response:
        from proxy.endpoints import metrics  # noqa: PLC0415  # most proxies are never scraped

        sharing = None if told.sharing is None else await told.sharing()
        content = metrics.text(_status(exchange, told, sharing))
        return Response(content, headers={"content-type": metrics.TYPE})

    paths = {STATUS: status, METRICS: metrics}
    return [Route(path, handler, methods=["GET", "HEAD"]) for path, handler in paths.items()]


def answered(content: msgspec.Struct, status: int = 200) -> Response:
    """Return `content` as a JSON answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _status(exchange: Exchange, told: Told, sharing: SharingState | None) -> Status:
    own, now_us = told.own(), exchange.world.wall_us()
    workers = (own,) if sharing is None else sharing.workers
    in_flight = _sum(one.in_flight for one in workers)
    network = told.steering.network
    return Status(
        version=exchange.origin.proxy_version,
        config_hash=own.config.hash,
        uptime_s=max(one.uptime_s for one in workers),
        active=sum(one.active for one in workers),
        total=sum(one.total for one in workers),
        outcomes=dict(_sum(one.outcomes for one in workers)),
        attempts=_by_provider([one.attempts for one in workers]),
        tokens=_by_provider([one.tokens for one in workers]),
        queues={
            name: tuple(candidate.id for candidate in queue.candidates)
            for name, queue in network.queues.items()
        },
        ledger=_ledger(own.ledger, [one.ledger for one in workers]),
        routing=next((one.routing for one in workers if one.routing.problem), own.routing),
        config=next((one.config for one in workers if one.config.last_error), own.config),
        apps=looking.apps(told.steering, now_us, in_flight),
        providers=looking.providers(told.steering, now_us, in_flight),
        sharing=sharing,
    )


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _by_provider(counts: Sequence[Counts]) -> Counts:
    names = dict.fromkeys(name for one in counts for name in one)
    return {name: dict(_sum(one.get(name, {}) for one in counts)) for name in names}


def _ledger(own: LedgerState, others: Sequence[LedgerState]) -> LedgerState:
    """Return how writing goes for all workers: what is counted is that of all of them."""
    since = [one.hindered_since_us for one in others if one.hindered_since_us is not None]
    return msgspec.structs.replace(
        own,
        dropped=sum(one.dropped for one in others),
        refused=sum(one.refused for one in others),
        waiting=sum(one.waiting for one in others),
        waiting_bytes=sum(one.waiting_bytes for one in others),
        bodies_dropped=sum(one.bodies_dropped for one in others),
        bodies_error=next((one.bodies_error for one in others if one.bodies_error), None),
        hindered_since_us=min(since, default=None),
        last_error=next((one.last_error for one in others if one.last_error), None),
    )
