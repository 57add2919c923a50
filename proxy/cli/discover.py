"""`pointsman providers discover`: the models of a provider, as it lists them."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from proxy.cli.tables import safe
from proxy.clock import REAL
from proxy.config import config_path, load
from proxy.doctor.providers import chosen
from proxy.doctor.reach import reached
from proxy.errors import ControlError, SetupError
from proxy.routing import board as boards


def discover(config: Path | None, name: str, patterns: Sequence[str], *, as_json: bool) -> None:
    """Print the models of a provider that a pattern fits, by key.

    Raises:
        SetupError: The configuration has no such provider.
        ControlError: None of its keys gets a list.
    """
    network = load(config_path(config, os.environ), os.environ).network
    if name not in network.providers:
        raise SetupError(f"there is no provider {name}; there are: {', '.join(network.providers)}")
    found = [
        reached(network.providers[name], credential, REAL.wall_us() / 1e6)
        for account, credential in network.credentials.items()
        if boards.is_at(account, name)
    ]
    for one in found:
        if as_json:
            typer.echo(msgspec.json.encode(msgspec.to_builtins(one)))
            continue
        if one.failed is not None:
            typer.echo(safe(f"{name}/{one.label}: {one.failed}: {one.why}"), err=True)
            continue
        ids = chosen([model.id for model in one.models or ()], patterns)
        typer.echo(f"{name}/{one.label}: {len(ids)} models, {one.took_ms:.0f} ms")
        for model in sorted(ids):
            typer.echo(f"  {safe(model)}")
    if all(one.failed is not None for one in found):
        raise ControlError(f"no key of {name} gets a list of models")
