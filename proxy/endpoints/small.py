"""The endpoints that no wire knows and nobody has to know: is it there."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from proxy.endpoints.paths import PREFIXES

HELLO = frozenset(
    f"{prefix}{path}" for prefix in PREFIXES for path in ("", "/", "/api/hello") if prefix or path
)
"""What clients ask of their base URL to see whether anybody is there."""

PATHS = HELLO | {"/healthz"}


def routes(version: str) -> list[Route]:
    """Return their routes."""

    async def hello(_: Request) -> Response:
        return JSONResponse({"name": "pointsman", "version": version})

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    paths = {**dict.fromkeys(HELLO, hello), "/healthz": healthz}
    return [Route(path, endpoint, methods=["GET", "HEAD"]) for path, endpoint in paths.items()]
