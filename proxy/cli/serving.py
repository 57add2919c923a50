"""`pointsman serve`: everything that can be wrong is told before the proxy is there."""

import logging
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
import uvicorn

from proxy import VERSION
from proxy.cli.describe import queue_lines, url
from proxy.cli.listening import listen, listen_often
from proxy.cli.protocol import BoundedHttp
from proxy.config import Listen, Settings, config_path, load
from proxy.errors import SetupError
from proxy.ledger.folder import folder_at, make

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_DRAIN_S: Final = 30
_KEEP_ALIVE_S: Final = 75  # longer than clients keep theirs: they never find it just closed


def serve(config: Path | None, listening: Listen, workers: int | None) -> None:
    """Run the proxy until a signal ends it, in as many processes as are wanted.

    Raises:
        SetupError: It cannot start; nothing was written but the ledger's folder.
    """
    path = config_path(config, os.environ)
    read = partial(load, path, os.environ, listening)
    settings = read()
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}", err=True)
    make(folder_at(settings.ledger_folder))  # the views are made by the converter, a child
    number = workers or settings.workers
    if number > 1:
        _serve_with_others(settings, path, listening, number)
        return
    with listen(settings.host, settings.port) as taken:
        from proxy.app import build  # noqa: PLC0415  # what fails above needs none of it

        _announce(settings, taken)
        run(build(settings, read), taken)


def _serve_with_others(settings: Settings, path: Path, listening: Listen, number: int) -> None:
    from proxy.cli.crew import Crew  # noqa: PLC0415  # one process alone needs none of it

    sockets = listen_often(settings.host, settings.port, number)
    _announce(settings, sockets[0])
    raise typer.Exit(Crew(settings, path, listening, sockets).run())


def _announce(settings: Settings, taken: socket.socket) -> None:
    """Print where the proxy is, and who serves whom."""
    place = url(settings.host, taken.getsockname()[1])
    typer.echo(
        f"pointsman {VERSION} on {place}"
        f"  (ledger: {settings.ledger_folder}, config: {settings.path})"
    )
    for line in queue_lines(settings):
        typer.echo(line)
    sys.stdout.flush()


def _hides_upgrades(record: logging.LogRecord) -> bool:
    """Drop uvicorn's advice to install a WebSocket library: we answer 426, which is enough."""
    return not record.getMessage().startswith(("Unsupported upgrade", "No supported WebSocket"))


def run(app: "ASGIApp", taken: socket.socket) -> None:
    """Serve `app` on `taken` until a signal ends it.

    Raises:
        SetupError: It did not start.
    """
    logging.getLogger("uvicorn.error").addFilter(_hides_upgrades)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio" if sys.platform == "win32" else "uvloop",
            http=BoundedHttp,
            ws="none",
            lifespan="on",
            interface="asgi3",
            access_log=False,
            log_level="warning",
            proxy_headers=False,  # nobody stands before us who could be believed
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_DRAIN_S,
        )
    )
    try:
        server.run(sockets=[taken])
    except KeyboardInterrupt:
        return  # Ctrl-C, after the drain
    if not server.started:
        raise SetupError("the proxy did not start; the lines above say why")
