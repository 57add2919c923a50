"""`pointsman providers add`, `edit`, `remove`, `enable`, `disable`, `move` and `presets`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from proxy.cli.config_edits import changed
from proxy.config import presets as vendors
from proxy.config.changes import (
    Impossible,
    Value,
    value_of,
    with_keys,
    with_place,
    with_provider,
    without_provider,
)
from proxy.errors import SetupError


@dataclass(frozen=True, slots=True)
class Wanted:
    """A provider to add: its table is the preset's, with what `sets` say in place of it."""

    name: str
    preset: str | None
    sets: tuple[str, ...]
    queues: tuple[str, ...]
    first: bool


def presets() -> None:
    """Print the presets, with their address and wires."""
    for name, table in vendors.presets().items():
        wires = table["wires"]
        listed = ", ".join(wires) if isinstance(wires, list) else wires
        typer.echo(f"{name:<20} {table['base_url']}  ({listed})")


def add(config: Path | None, wanted: Wanted, *, only_say: bool) -> None:
    """Add a provider.

    Raises:
        SetupError: The file is as it was, and why.
    """
    table = _table(wanted)

    def change(text: str) -> str:
        return with_provider(text, wanted.name, table, wanted.queues, first=wanted.first)

    where = f", asked by {', '.join(wanted.queues)}" if wanted.queues else ", in no queue yet"
    changed(config, change, f"added {wanted.name}{where}", only_say=only_say, may_be_new=True)


def edit(config: Path | None, name: str, sets: Sequence[str], *, only_say: bool) -> None:
    """Set or take out keys of a provider.

    Raises:
        SetupError: The file is as it was, and why.
    """
    keys = {key: text or None for key, text in _pairs(sets)}
    said = f"changed {name}: {', '.join(keys)}"
    changed(config, lambda text: with_keys(text, name, keys), said, only_say=only_say)


def remove(config: Path | None, name: str, *, only_say: bool) -> None:
    """Remove a provider.

    Raises:
        SetupError: The file is as it was, and why.
    """
    changed(config, lambda text: without_provider(text, name), f"removed {name}", only_say=only_say)


def enable(config: Path | None, name: str, *, is_enabled: bool, only_say: bool) -> None:
    """Enable or disable a provider.

    Raises:
        SetupError: The file is as it was, and why.
    """
    keys = {"enabled": None if is_enabled else "false"}
    said = f"{'enabled' if is_enabled else 'disabled'} {name}"
    changed(config, lambda text: with_keys(text, name, keys), said, only_say=only_say)


def move(config: Path | None, name: str, queue: str, place: int, *, only_say: bool) -> None:
    """Move a provider in a queue.

    Raises:
        SetupError: The file is as it was, and why.
    """
    said = f"{name} is number {place} of {queue}"
    changed(config, lambda text: with_place(text, name, queue, place), said, only_say=only_say)


def _table(wanted: Wanted) -> Mapping[str, Value]:
    known = vendors.presets()
    table: dict[str, Value] = {}
    if wanted.preset is not None:
        if wanted.preset not in known:
            raise SetupError(f"there is no preset {wanted.preset}, want one of {', '.join(known)}")
        table |= known[wanted.preset]
    try:
        given = {key: value_of(key, text) for key, text in _pairs(wanted.sets)}
    except Impossible as error:
        raise SetupError(str(error)) from error
    if "keys" in given:
        table.pop("key", None)
    return table | given


def _pairs(sets: Iterable[str]) -> list[tuple[str, str]]:
    pairs = []
    for one in sets:
        key, mark, text = one.partition("=")
        if not (key and mark):
            raise SetupError(f"{one} sets nothing, want KEY=VALUE, as in price_factor=0.3")
        pairs.append((key, text))
    return pairs
