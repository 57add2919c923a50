"""The floor: httpx behind a bare ASGI function, under the proxy's server settings.

It passes bytes and does nothing else: no routing, no reading along, no ledger, no limits.
"""

import sys

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send

from proxy.cli.listening import listen

_DROPPED = {b"host", b"content-length", b"transfer-encoding"}


class Floor:
    """The app; `base_url` is the provider's."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._client = httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and its answer back."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(name, value) for name, value in scope["headers"] if name not in _DROPPED]
        url = self._base_url + scope["path"]
        request = httpx.Request(scope["method"], url, headers=headers, content=body)
        response = await self._client.send(request, stream=True)
        kept = [(n.lower(), v) for n, v in response.headers.raw if n.lower() not in _DROPPED]
        await send({"type": "http.response.start", "status": response.status_code, "headers": kept})
        async for chunk in response.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def main(base_url: str) -> None:
    """Serve until somebody ends the process."""
    with listen("127.0.0.1", 0) as taken:
        print(f"http://127.0.0.1:{taken.getsockname()[1]}", flush=True)  # noqa: T201  # for whoever started it
        config = uvicorn.Config(
            Floor(base_url),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
        )
        uvicorn.Server(config).run(sockets=[taken])


if __name__ == "__main__":
    main(sys.argv[1])
