"""The lane over httpx: the one that respx can mock.

It costs 25 times a thin client's CPU (`facts/performance.md` section 2); a fast lane joins it.
"""

import socket
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import cast

import httpx

from proxy.clock import REAL
from proxy.errors import Broken, Unreachable
from proxy.routing.manner import Through
from proxy.upstream import Order
from proxy.upstream.through import client_by, usual_tls

KEPT_CONNECTIONS = 64
KEPT_S = 60.0
_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
_OF_THE_FIRST_HOP = frozenset({"dns", "connect_refused", "connect_timeout", "connect_failed"})
_CODES: Mapping[type[httpx.TransportError], str] = {
    httpx.ProxyError: "proxy_refused",
    httpx.ConnectTimeout: "connect_timeout",
    httpx.RemoteProtocolError: "closed_before_head",
    httpx.ReadError: "reset_before_head",
    httpx.WriteError: "write_failed",
}
_SENDING = frozenset({"http11.send_request_headers.started", "http2.send_request_headers.started"})


class HttpxAnswer:
    """See `proxy.upstream.Answer`."""

    def __init__(self, response: httpx.Response, trace: "_Trace") -> None:
        self._response = response
        self.reused = trace.reused
        self.connected_us = trace.connected_us
        self.status = response.status_code
        self.headers: Sequence[tuple[bytes, bytes]] = [
            (name.lower(), value) for name, value in response.headers.raw
        ]

    async def chunks(self) -> AsyncGenerator[bytes]:
        """See `proxy.upstream.Answer`."""
        encoded = "content-encoding" in self._response.headers
        chunks = self._response.aiter_bytes() if encoded else self._response.aiter_raw()
        body = cast("AsyncGenerator[bytes]", chunks)  # httpx promises less than it gives
        try:
            async with aclosing(body):
                async for chunk in body:
                    yield chunk
        except httpx.DecodingError as exc:
            raise Broken("bad_encoding") from exc
        except httpx.RemoteProtocolError as exc:
            raise Broken("closed_early") from exc
        except httpx.TransportError as exc:
            raise Broken("reset") from exc

    async def aclose(self) -> None:
        """See `proxy.upstream.Answer`."""
        await self._response.aclose()


class _Trace:
    """What httpcore tells of a connection on the way to an answer's head."""

    __slots__ = ("connected_us", "reused")

    def __init__(self) -> None:
        self.reused: bool | None = None
        self.connected_us: int | None = None

    async def note(self, name: str, _: object) -> None:
        """Take one of its events: see the extension `trace` in the documentation of httpcore."""
        if name in _CONNECTED:
            self.reused, self.connected_us = False, REAL.tick_us()
        elif self.reused is None and name in _SENDING:
            self.reused = True


class HttpxLane:
    """See `proxy.upstream.Lane`; one client a pool and way, made at its first use and kept.

    `transport` takes the place of the network.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._clients: dict[tuple[str, Through | None], httpx.AsyncClient] = {}
        self._tls: ssl.SSLContext | None = None

    async def open(self, order: Order) -> HttpxAnswer:
        """See `proxy.upstream.Lane`."""
        limits, trace = httpx.Timeout(None, connect=order.connect_s), _Trace()
        try:
            request = httpx.Request(
                order.method,
                order.url,
                headers=list(order.headers),
                content=order.body,
                extensions={"timeout": limits.as_dict(), "trace": trace.note},
            )
            client = self._client(order.pool, order.through)
            return HttpxAnswer(await client.send(request, stream=True), trace)
        except httpx.TransportError as exc:
            raise Unreachable(_code(exc, order.through)) from exc
        except httpx.InvalidURL as exc:
            raise Unreachable("invalid_url") from exc

    async def aclose(self) -> None:
        """See `proxy.upstream.Lane`."""
        for client in self._clients.values():
            await client.aclose()

    def _client(self, pool: str, through: Through | None) -> httpx.AsyncClient:
        key = pool, through
        if key not in self._clients:
            self._clients[key] = self._made(through)
        return self._clients[key]

    def _made(self, through: Through | None) -> httpx.AsyncClient:
        if self._transport is not None:
            return httpx.AsyncClient(transport=self._transport, trust_env=False)
        self._tls = self._tls or usual_tls()
        limits = httpx.Limits(
            max_connections=None,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEPT_S,
        )
        return client_by(through, self._tls, limits)


def _code(exc: httpx.TransportError, through: Through | None) -> str:
    """Say in one word why no head arrived; where a proxy was to be reached, if it was that."""
    code = _plain_code(exc)
    by_proxy = through is not None and through.outbound_proxy is not None
    return f"proxy_{code}" if by_proxy and code in _OF_THE_FIRST_HOP else code


def _plain_code(exc: httpx.TransportError) -> str:
    if isinstance(exc, httpx.ConnectError):
        return _connect_code(exc)
    codes = (code for kind, code in _CODES.items() if isinstance(exc, kind))
    return next(codes, type(exc).__name__)


def _connect_code(exc: BaseException) -> str:
    causes: list[BaseException] = []
    cause: BaseException | None = exc
    while cause is not None and cause not in causes:  # a mock may make a ring of them
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    kinds = {socket.gaierror: "dns", ssl.SSLError: "tls", ConnectionRefusedError: "connect_refused"}
    codes = (code for kind, code in kinds.items() if any(isinstance(c, kind) for c in causes))
    return next(codes, "connect_failed")
