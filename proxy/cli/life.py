"""`pointsman start`, `stop`, `restart`, `logs` and `service`."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from msgspec.structs import replace

from proxy.cli import sharing, state
from proxy.cli.describe import url as url_of
from proxy.cli.tables import span
from proxy.clock import REAL
from proxy.config import address, config_file, config_path
from proxy.daemon import log, service
from proxy.daemon.run import Place, Run, write
from proxy.daemon.start import start as start_process
from proxy.daemon.stop import running
from proxy.daemon.stop import stop as stop_process
from proxy.errors import SetupError

_DRAIN_S: Final = 45.0  # longer than the server lets requests finish
_AT_ONCE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says; `None` leaves it to the configuration."""

    config: Path | None
    host: str | None = None
    port: int | None = None
    shares: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `pointsman serve` is to be given."""
        config = config_path(self.config, os.environ).expanduser().absolute()
        return (
            *("--config", str(config)),
            *(() if self.host is None else ("--host", self.host)),
            *(() if self.port is None else ("--port", str(self.port))),
            *(("--share",) if self.shares else ()),
        )

    @property
    def says_how(self) -> bool:
        """Whether it says more than which proxy is meant."""
        return self.host is not None or self.shares


def start(asked: Asked, *, takes_over: bool) -> None:
    """Start the proxy, and send the clients there if that is wanted.

    Raises:
        SetupError: It does not start, and why.
    """
    place, url = _place(asked)
    run, is_new = start_process(place, url, asked.arguments)
    typer.echo(_told(run) if not is_new else f"started: {url} (process {run.pid})")
    typer.echo(f"log: {place.log}")
    for line in sharing.lines(url) if asked.shares else ():
        typer.echo(line)
    if takes_over:
        _take_over(asked, place, run)


def stop(asked: Asked, *, at_once: bool) -> None:
    """Give the clients back if the start took them over, and stop the proxy.

    Raises:
        ControlError: It is somebody else's.
        SetupError: The clients' files cannot be given back; it still runs.
    """
    place, _ = _place(asked)
    run = running(place)
    if run is None:
        typer.echo(f"nothing runs in the background on port {place.port}")
        return
    if run.took_over:
        from proxy.cli import takeover  # noqa: PLC0415  # only this waits for tomlkit

        takeover.restore((), only_say=False, as_json=False)
    _stop(place, run, at_once=at_once)
    typer.echo(f"stopped: {run.url}")


def restart(asked: Asked) -> None:
    """Stop the proxy if it runs, and start it as it was started.

    Raises:
        ControlError: It is somebody else's.
        SetupError: It does not start, and why.
    """
    place, url = _place(asked)
    run = running(place)
    arguments = asked.arguments
    if run is not None:
        arguments = arguments if asked.says_how else run.arguments
        _stop(place, run, at_once=False)
    new, _ = start_process(place, url, arguments)
    if run is not None and run.took_over:
        _remember(place, new)
    typer.echo(f"started: {new.url} (process {new.pid})")


def logs(asked: Asked, lines: int, *, follows: bool) -> None:
    """Print the log's last lines, and what comes if that is wanted.

    Raises:
        SetupError: There is no log.
    """
    place, _ = _place(asked)
    if not place.log.exists():
        raise SetupError(
            f"{place.log}: found no log, want one of a proxy started by pointsman start"
        )
    for line in log.last(place.log, lines):
        typer.echo(line)
    if not follows:
        return
    try:
        for text in log.followed(place.log):
            typer.echo(text, nl=False)
    except KeyboardInterrupt:
        return


def install(config: Path | None) -> None:
    """Install the unit.

    Raises:
        SetupError: It cannot be written.
        ControlError: systemd does not take it.
    """
    file = config_path(config, os.environ).absolute()
    address(file, os.environ)  # a unit without a configuration would only fail, again and again
    typer.echo(f"installed: {service.install(Path.home(), file)}")
    typer.echo(f"variables for it, as NAME=value, come from {service.variables(file)}")
    typer.echo("what it says: journalctl --user -u pointsman")


def uninstall() -> None:
    """Remove the unit.

    Raises:
        SetupError: There is none.
        ControlError: systemd does not let it go.
    """
    typer.echo(f"removed: {service.uninstall(Path.home())}")


def show(config: Path | None) -> None:
    """Print the unit."""
    typer.echo(service.unit(config_path(config, os.environ).absolute()), nl=False)


def _place(asked: Asked) -> tuple[Place, str]:
    """Return where the files of the proxy are, and its address.

    Raises:
        SetupError: The configuration does not say on which port it is.
    """
    found = address(config_file(asked.config, os.environ), os.environ)
    port = found.port if asked.port is None else asked.port
    if port == 0:
        raise SetupError("port 0 is any free one, want one at which it is found again")
    folder = state.folder()
    host = sharing.lan_address() if asked.shares else asked.host or found.host
    return Place(folder, port), url_of(host, port)


def _told(run: Run) -> str:
    since_s = (REAL.wall_us() - run.started_us) / 1e6
    how = shlex.join(("pointsman", "serve", *run.arguments))
    return f"it runs already: {run.url} (process {run.pid}, since {span(since_s)}, {how})"


def _stop(place: Place, run: Run, *, at_once: bool) -> None:
    def waits() -> None:
        typer.echo("it finishes what it has begun; Ctrl-C stops the waiting, not the proxy")

    stop_process(place, run, _AT_ONCE_S if at_once else _DRAIN_S, waits)


def _take_over(asked: Asked, place: Place, run: Run) -> None:
    from proxy.cli import takeover  # noqa: PLC0415  # only this waits for tomlkit

    _remember(place, run)
    takeover.take_over((), asked.config, run.url, only_say=False, as_json=False)


def _remember(place: Place, run: Run) -> None:
    """Note that the clients go back at the stop."""
    write(place, replace(run, took_over=True))
