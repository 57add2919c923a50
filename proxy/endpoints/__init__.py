"""The HTTP edge: model endpoints go straight to the exchange, the small ones to Starlette."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy import auth
from proxy.endpoints.paths import resolve
from proxy.endpoints.small import PATHS
from proxy.errors import ClientError
from proxy.exchange import Exchange
from proxy.exchange.call import Call
from proxy.wire import Location


@dataclass(frozen=True, slots=True)
class Front:
    """The ASGI app: `small` serves its own few paths and the lifespan, `exchange` all others."""

    exchange: Exchange
    small: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch one request."""
        if scope["type"] != "http":
            await self.small(scope, receive, send)
            return
        headers = _joined(scope["headers"])
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if scope["path"] in PATHS:
            await self._small(headers, scope, receive, send)
            return
        if b"upgrade" in headers and headers[b"upgrade"].lower() == b"websocket":
            # Codex falls back to HTTP at once on 426, and gives up on 404.
            answer = PlainTextResponse("Use HTTP.", 426, {"upgrade": "HTTP/1.1"})
            await answer(scope, receive, send)
            return
        if scope["method"] == "GET" and "client_version" in query:
            await JSONResponse({"models": []})(scope, receive, send)  # Codex has its own list
            return
        resolved = resolve(scope["path"], headers, query)
        call = Call(resolved.route, Location(resolved.path, query), scope["method"], headers)
        await self.exchange(call, receive, send)

    async def _small(
        self, headers: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        try:
            auth.guard(headers, self.exchange.policy.allowed_hosts)
        except ClientError as exc:
            answer = JSONResponse({"error": exc.message}, exc.status)
            await answer(scope, receive, send)
            return
        await self.small(scope, receive, send)


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Join values of repeated headers, as RFC 9110 section 5.3 allows."""
    joined = dict(headers)
    if len(joined) == len(headers):
        return joined
    joined = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined
