"""Changes the configuration file by a command, so that it is never worse than before."""

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import typer

from proxy.config import checked, config_path
from proxy.config.changes import Impossible
from proxy.config.variables import SET
from proxy.editing import files
from proxy.editing.edit import Unreadable
from proxy.errors import SetupError

_SECRET: Final = re.compile(r"""(?<!\w)(?P<name>key|keys|client_keys|headers)\s*=(?!\s*["']\$\{)""")


@dataclass(frozen=True, slots=True)
class Change:
    """What is in the file, and what is to be; `old` is `None` if there is none yet."""

    path: Path
    old: bytes | None = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)

    def difference(self) -> Iterator[str]:
        """Yield the lines that differ, without secrets."""
        return _difference(self.before, self.after)

    def make(self) -> None:
        """Put it into the file, and keep what that held for `config undo`.

        Raises:
            SetupError: It cannot be written; then it is as it was.
        """
        write(self.path, self.after.encode(), self.old)


def planned(
    config: Path | None, change: Callable[[str], str], *, may_be_new: bool = False
) -> Change:
    """Return what a change comes to, with nothing written.

    Raises:
        SetupError: The file cannot be read, or would be wrong in more than before.
    """
    path = config_path(config, os.environ)
    old = files.content(path)
    if old is None and not may_be_new:
        command = shlex.join(["pointsman", "config", "init", "--config", str(path)])
        raise SetupError(f"{path}: found no file, want one; make it with: {command}")
    before = _text(path, old)
    try:
        after = change(before)
    except (Impossible, Unreadable) as error:
        raise SetupError(f"{path}: {error}") from error
    _refuse_worse(path, before, after)
    return Change(path, old, before, after)


def changed(
    config: Path | None,
    change: Callable[[str], str],
    said: str,
    *,
    only_say: bool,
    may_be_new: bool = False,
) -> None:
    """Change the file, keep what it held for `config undo`, and say `said`.

    A running proxy reads it by itself.

    Raises:
        SetupError: It cannot be read or written, or would be wrong in more than before.
    """
    plan = planned(config, change, may_be_new=may_be_new)
    if only_say:
        for line in plan.difference():
            typer.echo(line)
        return
    plan.make()
    typer.echo(f"{said}: {plan.path}")
    typer.echo("take it back with: pointsman config undo")


def undo(config: Path | None) -> None:
    """Put back what the file held before the last command changed it; twice is nothing.

    Raises:
        SetupError: No command has changed it, or it cannot be written.
    """
    path = config_path(config, os.environ)
    kept = _kept(path)
    before = files.content(kept)
    if before is None:
        raise SetupError(f"{kept}: found no file, want what a command changed {path} from")
    now = files.content(path)
    write(path, before, now)
    typer.echo(f"{path} is as before the last change; pointsman config undo takes that back")


def write(path: Path, new: bytes, old: bytes | None) -> None:
    """Put `new` into the file, and `old` where `undo` finds it.

    Raises:
        SetupError: It cannot be written; then it is as it was.
    """
    files.refuse_unwritable(path)
    try:
        if old is not None:
            files.replace(_kept(path), old)
        files.replace(path, new)
    except OSError as error:
        raise SetupError(f"{path}: cannot be written: {error.strerror or error}") from error


def _kept(path: Path) -> Path:
    return path.with_name(f".{path.name}.before")


def _text(path: Path, content: bytes | None) -> str:
    try:
        return (content or b"").decode()
    except UnicodeDecodeError as error:
        raise SetupError(f"{path}: byte {error.start} is not UTF-8, want a text file") from error


def _refuse_worse(path: Path, before: str, after: str) -> None:
    """Refuse what is wrong with the new text and was not with the old one.

    A variable that is not set here may be set where the proxy runs.
    """
    had = set(checked(_plain(before), path, os.environ)[1])
    new = [one for one in checked(_plain(after), path, os.environ)[1] if one not in had]
    lines = [one.line(str(path)) for one in new if one.want != SET]
    if lines:
        raise SetupError("\n".join([*lines, "nothing was changed"]))
    for one in new:
        typer.echo(f"warning: {one.line(str(path))}", err=True)


def _plain(text: str) -> dict[str, object]:
    return tomllib.loads(text.removeprefix("\ufeff"))


def _difference(before: str, after: str) -> Iterator[str]:
    """Yield the lines that differ, without secrets."""
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""):
        if line.startswith(("---", "+++")):
            continue
        secret = _SECRET.search(line)
        yield line if secret is None else f"{line[: secret.end('name')]} = (hidden)"
