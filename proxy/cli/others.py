"""Verbs of packages that the proxy does not know: each is an entry point of `pointsman.verbs`.

One that has verbs of its own is a `Typer`, another a function with its options.

Nothing of them is loaded where one of the proxy's own verbs is asked for, and where it is one of
theirs, nothing of the others: see `docs/decisions/0029-verbs-of-others.md`.
"""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Final

import typer

GROUP: Final = "pointsman.verbs"


def join(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Add the verbs of others to `app`: the one that `arguments` begin with, or else all of them.

    None where they begin with one of its own.
    """
    if arguments and arguments[0] in _names(app):
        return
    entries = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    asked = [entry for entry in entries if entry.name in arguments[:1]]
    for entry in asked or entries:
        verb = entry.load()
        if isinstance(verb, typer.Typer):
            app.add_typer(verb, name=entry.name)
        else:
            app.command(entry.name)(verb)


def _names(app: typer.Typer) -> set[str]:
    """Return the names of an app's own verbs: a function's name where none was given."""
    groups = {group.name for group in app.registered_groups}
    named = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    return {name for name in {*groups, *named} if name}
