"""`pointsman providers list` and `reset`."""

from pathlib import Path
from typing import Final

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from proxy.cli.asking import place
from proxy.cli.status import badge, breaker, quotas
from proxy.cli.tables import cell, printed, safe
from proxy.commands import RESET, STATUS, Forgotten, ResetOrder, Status
from proxy.steering.view import ProviderView

_COLUMNS: Final = (
    "key",
    "health",
    "breaker",
    "last failure",
    "in flight",
    "quotas",
    "queues",
    "wires",
)


def listed(config: Path | None, url: str | None, *, as_json: bool) -> None:
    """Print every provider and each of its keys.

    Raises:
        ControlError: The proxy is not there.
    """
    found = place(config, url).get(STATUS, Status).providers
    if as_json:
        for provider in found:
            typer.echo(msgspec.json.encode(provider))
        return
    printed(table(found))


def table(providers: tuple[ProviderView, ...]) -> Table:
    """Return a row for each key of each provider, and one for each model that is not well."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        made.add_column(name, overflow="fold")
    for provider in providers:
        queues = ", ".join(provider.queues) if provider.enabled else "disabled"
        for one in provider.credentials:
            made.add_row(
                cell(one.health.key),
                badge(one.health),
                breaker(one.health),
                cell(one.health.failure),
                cell(str(one.in_flight)),
                quotas(one.quotas),
                cell(queues),
                cell(", ".join(provider.wires)),
            )
            for part in one.parts:
                if part.key.count("/") > 1:
                    made.add_row(
                        cell(f"  {part.key}"),
                        badge(part),
                        breaker(part),
                        cell(part.failure),
                    )
    return made


def reset(config: Path | None, url: str | None, key: str) -> None:
    """Have the proxy forget what bars `key`.

    Raises:
        ControlError: The proxy is not there, or has no such provider or key.
    """
    done = place(config, url).post(RESET, ResetOrder(key), Forgotten)
    said = "its health is forgotten" if done.known else "nothing was known of its health"
    typer.echo(safe(f"{done.key}: {said}"))
    for one in done.still:
        command = f"pointsman providers reset {one.key}"
        typer.echo(safe(f"{one.key} still cannot be asked; do: {command}"))
