"""`pointsman takeover` and `pointsman restore`."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import typer

from proxy.cli import state
from proxy.cli.describe import url as url_of
from proxy.config import address, config_file
from proxy.daemon.start import answers
from proxy.errors import SetupError
from proxy.takeover.app import Surroundings, Wanted
from proxy.takeover.taking import APPS, give_back, take
from proxy.takeover.telling import Step, given, taken

_TOKEN: Final = "pointsman"  # noqa: S105  # no secret: without client keys, nobody looks at it


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints; never a secret."""

    done: bool
    files: tuple[Step, ...]
    notes: tuple[str, ...]


def take_over(
    apps: Sequence[str], config: Path | None, url: str | None, *, only_say: bool, as_json: bool
) -> None:
    """Take over `apps`, or all that are installed, and say what was changed.

    Raises:
        SetupError: Nothing was changed, and why.
    """
    around = _around()
    names = _known(apps) or _installed(around)
    where = wanted(config, url)
    found = take(names, around, where, journal_path(), only_say=only_say)
    steps = tuple(taken(one) for one in found)
    notes = [note for name in names for note in APPS[name].warnings(around)]
    if not answers(where.url):
        notes.append(f"nobody answers at {where.url} yet: pointsman serve")
    if not only_say and found:
        notes.append("give everything back with: pointsman restore")
    _tell(Report(done=not only_say, files=steps, notes=tuple(notes)), as_json=as_json)
    if not steps and not as_json:
        typer.echo(f"nothing to change: {', '.join(names)} ask {where.url} already")


def restore(apps: Sequence[str], *, only_say: bool, as_json: bool) -> None:
    """Give back `apps`, or all that are taken over, and say what was changed.

    Raises:
        SetupError: A file cannot be written.
        typer.Exit: A file cannot be read any more, and waits.
    """
    found = give_back(_known(apps) or tuple(APPS), journal_path(), only_say=only_say)
    steps = tuple(given(one) for one in found)
    notes = [APPS[name].restart for name in dict.fromkeys(one.entry.app for one in found)]
    _tell(Report(done=not only_say, files=steps, notes=tuple(notes)), as_json=as_json)
    if not steps and not as_json:
        typer.echo("nothing is taken over")
    if any(one.problem is not None for one in found):
        raise typer.Exit(1)


def _around() -> Surroundings:
    return Surroundings(Path.home(), Path.cwd(), os.environ)


def wanted(config: Path | None, url: str | None) -> Wanted:
    """Return where the clients are to ask, and with which token.

    Raises:
        SetupError: The configuration cannot be read, or `url` is none.
    """
    found = address(config_file(config, os.environ), os.environ)
    chosen = (url or url_of(found.host, found.port)).rstrip("/")
    if not chosen.startswith(("http://", "https://")):
        raise SetupError(f"{chosen} is no address, want one like http://127.0.0.1:15721")
    return Wanted(chosen, found.client_key or _TOKEN, found.client_key is not None)


def journal_path() -> Path:
    """Return where it is written down what is taken over."""
    return state.folder() / "takeover.json"


def _known(apps: Iterable[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(apps))
    for name in names:
        if name not in APPS:
            raise SetupError(f"{name!r} is no app that can be taken over, want {', '.join(APPS)}")
    return names


def _installed(around: Surroundings) -> tuple[str, ...]:
    """Return the apps of which there is a command or a folder.

    Raises:
        SetupError: There are none.
    """
    found = tuple(
        name
        for name in APPS
        if shutil.which(name, path=around.env.get("PATH")) or (around.home / f".{name}").is_dir()
    )
    if not found:
        raise SetupError(f"none of {', '.join(APPS)} is installed here, name those you want")
    return found


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report), indent=2))
        return
    if not report.done and report.files:
        typer.echo("nothing was changed; this would be:")
    for step in report.files:
        typer.echo(f"{step.app}  {step.path}{'' if step.note is None else f'  ({step.note})'}")
        for key in step.keys:
            typer.echo(f"  {key.name}: {key.was} → {key.becomes}")
        for name in step.kept:
            typer.echo(f"  {name}: changed meanwhile, and kept")
        if step.problem is not None:
            typer.echo(f"  {step.problem}", err=True)
    for note in report.notes:
        typer.echo(f"note: {note}")
