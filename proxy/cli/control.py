"""`pointsman switch` and `pointsman reload`: commands to the proxy that runs."""

from pathlib import Path

import typer

from proxy.cli.asking import place
from proxy.cli.tables import safe, span
from proxy.commands import RELOAD, SWITCH, ConfigState, ReloadOrder, SwitchOrder
from proxy.steering.view import AppView


def switch(config: Path | None, url: str | None, order: SwitchOrder) -> None:
    """Have another provider asked first, and print where requests go from here on.

    Raises:
        ControlError: The proxy is not there, or does not know the app or the provider.
    """
    view = place(config, url).post(SWITCH, order, AppView)
    typer.echo(safe(f"{view.app}: {_switched(view)}; {_next(view)}"))


def reload(config: Path | None, url: str | None) -> None:
    """Have the configuration file read, and print what is in force.

    Raises:
        ControlError: The proxy is not there, or refuses the file; the last good one stays.
    """
    state = place(config, url).post(RELOAD, ReloadOrder(), ConfigState)
    if state.path is None:
        typer.echo("this proxy has no configuration file")
        return
    typer.echo(f"{state.path} is in force")
    for name in state.needs_restart:
        typer.echo(f"{name}: not before a restart")


def _switched(view: AppView) -> str:
    if view.switch is None:
        return f"the policy {view.policy} decides again"
    left_s = view.switch.left_s
    until = "until it is switched off" if left_s is None else f"for {span(left_s)}"
    return f"{view.switch.provider} is asked first {until}"


def _next(view: AppView) -> str:
    if view.target is None:
        return f"but nobody can be asked: {view.sentence}"
    target = next(one for one in view.targets if one.id == view.target)
    if view.switch is None or target.provider == view.switch.provider:
        return f"the next request goes to {view.target}"
    return f"but it cannot be, and the next request goes to {view.target}"
