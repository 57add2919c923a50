"""The HTTP edge: model endpoints go straight to the exchange, the small ones to Starlette."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, quote

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from proxy import auth, commands
from proxy.endpoints import small
from proxy.endpoints.paths import resolve
from proxy.errors import ClientError
from proxy.exchange import Exchange
from proxy.exchange.call import Call
from proxy.wire import Location

PATHS = small.PATHS | commands.PATHS


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
        if scope["path"] in PATHS:
            await self._small(headers, scope, receive, send)
            return
        raw_query = scope["query_string"].decode("latin-1")
        query = dict(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else {}
        raw_path = scope.get("raw_path", b"").partition(b"?")[0].decode("latin-1")
        if headers.get(b"upgrade", b"").lower() == b"websocket":
            await self._no_upgrade(headers, scope, receive, send)
            return
        resolved = resolve(raw_path or quote(scope["path"]), headers, query)
        location = Location(resolved.path, query)
        call = Call(resolved.route, location, raw_query, scope["method"], headers)
        await self.exchange(call, receive, send)

    async def _no_upgrade(
        self, headers: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Refuse a WebSocket: Codex falls back to HTTP at once on 426, and gives up on 404."""
        refusal = self._refusal(headers)
        answer = refusal or PlainTextResponse("Use HTTP.", 426, {"upgrade": "HTTP/1.1"})
        await answer(scope, receive, send)

    async def _small(
        self, headers: Mapping[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        asks = scope["path"] in commands.PATHS
        refusal = self._refusal(headers, self.exchange.policy.client_keys if asks else {})
        await (refusal or self.small)(scope, receive, send)

    def _refusal(
        self, headers: Mapping[bytes, bytes], keys: Mapping[str, str] = MappingProxyType({})
    ) -> Response | None:
        try:
            auth.guard(headers, self.exchange.policy.allowed_hosts)
            auth.identify(headers, {}, keys)
        except ClientError as exc:
            return JSONResponse({"error": exc.message}, exc.status)
        return None


def _joined(headers: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Join values of repeated headers, as RFC 9110 section 5.3 allows."""
    joined = dict(headers)
    if len(joined) == len(headers):
        return joined
    joined = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined
