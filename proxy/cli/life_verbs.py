"""The verbs of `pointsman` that run the proxy, in the foreground or the background."""

import os
from pathlib import Path
from typing import Annotated

import typer

from proxy.cli.options import ConfigOption, told

service = typer.Typer(
    help="Run it as a systemd unit of yours.", no_args_is_help=True, rich_markup_mode=None
)

_Host = Annotated[
    str | None, typer.Option("--host", metavar="HOST", help="Where to listen.", show_default=False)
]
_Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="On which port; 0: any.", show_default=False),
]
_Share = Annotated[
    bool, typer.Option("--share", help="Let other machines of this network in, with client keys.")
]
_Takeover = Annotated[
    bool, typer.Option("--takeover", help="Send the installed CLIs here until it is stopped.")
]


def add_to(app: typer.Typer) -> None:
    """Add these verbs to those of `pointsman`."""
    for verb in (serve, start, stop, restart, logs):
        app.command()(verb)
    app.add_typer(service, name="service")


def serve(
    config: ConfigOption = None,
    host: _Host = None,
    port: _Port = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="In how many processes.", show_default=False),
    ] = None,
    *,
    share: _Share = False,
) -> None:
    """Run the proxy in the foreground until it is stopped."""
    from proxy.cli import serving, sharing  # noqa: PLC0415  # only this verb waits for the server
    from proxy.config import Listen  # noqa: PLC0415  # likewise
    from proxy.daemon import log  # noqa: PLC0415  # likewise

    own_log = os.environ.get(log.VARIABLE)
    with told(), log.kept_short(Path(own_log) if own_log else None):
        listening = Listen(sharing.lan_address() if share else host, port)
        serving.serve(config, listening, workers)


def start(
    config: ConfigOption = None,
    host: _Host = None,
    port: _Port = None,
    *,
    share: _Share = False,
    takeover: _Takeover = False,
) -> None:
    """Run the proxy in the background, and wait until it answers."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.start(life.Asked(config, host, port, share), takes_over=takeover)


def stop(
    config: ConfigOption = None,
    port: _Port = None,
    *,
    now: Annotated[bool, typer.Option("--now", help="Cut off what is being answered.")] = False,
) -> None:
    """Stop the proxy in the background; it finishes what it has begun, for up to 45 seconds."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.stop(life.Asked(config, None, port), at_once=now)


def restart(
    config: ConfigOption = None, host: _Host = None, port: _Port = None, *, share: _Share = False
) -> None:
    """Stop it, and start it as it was started, unless options say otherwise."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.restart(life.Asked(config, host, port, share))


def logs(
    config: ConfigOption = None,
    port: _Port = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many.")] = 100,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show what the proxy in the background has said."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.logs(life.Asked(config, None, port), lines, follows=follow)


@service.command()
def install(config: ConfigOption = None) -> None:
    """Write a unit, enable it and start it."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.install(config)


@service.command()
def uninstall() -> None:
    """Stop it, and remove the unit."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.uninstall()


@service.command()
def show(config: ConfigOption = None) -> None:
    """Print the unit that `install` would write."""
    from proxy.cli import life  # noqa: PLC0415  # only these verbs wait for msgspec

    with told():
        life.show(config)
