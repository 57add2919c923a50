"""`pointsman config export`: our file in the words of another tool."""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import typer

from proxy.cli.importing import LossLine, loss_lines
from proxy.cli.tables import safe
from proxy.config import checked, config_path
from proxy.config.leaving import Leaving, leaving
from proxy.config.variables import SET
from proxy.editing import files
from proxy.errors import ConfigError, SetupError
from proxy.formats.registry import FORMATS, WRITTEN
from proxy.formats.setup import Loss, Written


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says; `target` is a file, `None` for standard output."""

    form: str
    target: Path | None = None
    providers: tuple[str, ...] = ()
    with_secrets: bool = False
    force: bool = False


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints; `text` is not there where it went into a file."""

    form: str
    file: str | None
    text: str | None
    has_secrets: bool
    losses: tuple[LossLine, ...]
    advice: tuple[str, ...]


def give(config: Path | None, wanted: Wanted, *, as_json: bool) -> None:
    """Print the configuration as another tool has it, or write it into a file of its owner's.

    Raises:
        SetupError: There is no such format or provider, the file cannot be used, or is there.
    """
    write = FORMATS[wanted.form].write if wanted.form in WRITTEN else None
    if write is None:
        raise SetupError(f"--to {wanted.form}: no such format, want one of {', '.join(WRITTEN)}")
    found = _leaving(config_path(config, os.environ), wanted)
    written = write(found.setup)
    losses = (*found.losses, *written.losses)
    if not written.text:
        raise SetupError("\n".join(["nothing to write", *map(str, losses)]))
    if wanted.target is not None:
        _put(wanted.target, written.text, force=wanted.force)
    if as_json:
        typer.echo(msgspec.json.encode(_result(wanted, written, losses)))
        return
    if wanted.target is None:
        typer.echo(written.text, nl=False)
    else:
        typer.echo(f"wrote {wanted.target}: {FORMATS[wanted.form].title}")
    for line in _remarks(found, written, losses):
        typer.echo(safe(line), err=True)


def _leaving(path: Path, wanted: Wanted) -> Leaving:
    content = files.content(path)
    if content is None:
        raise SetupError(f"{path}: found no file, want one; make it with: pointsman config init")
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: invalid TOML: {error}") from error
    _refuse(
        path, [one.line(str(path)) for one in checked(raw, path, os.environ)[1] if one.want != SET]
    )
    known = raw.get("providers", {})
    for name in wanted.providers:
        if name not in known:
            raise SetupError(f"there is no provider {name}; there are: {', '.join(known)}")
    found = leaving(raw, os.environ, with_secrets=wanted.with_secrets, only=wanted.providers)
    _refuse(path, [one.line(str(path)) for one in found.problems])
    return found


def _refuse(path: Path, lines: Sequence[str]) -> None:
    if lines:
        raise ConfigError("\n".join([*lines, f"nothing of {path} was written"]))


def _put(target: Path, text: str, *, force: bool) -> None:
    if target.exists() and not force:
        raise SetupError(f"{target}: there is a file already; write over it with --force")
    files.refuse_unwritable(target)
    try:
        files.replace(target, text.encode())
    except OSError as error:
        raise SetupError(f"{target}: cannot be written: {error.strerror or error}") from error


def _result(wanted: Wanted, written: Written, losses: Sequence[Loss]) -> Exported:
    return Exported(
        form=wanted.form,
        file=None if wanted.target is None else str(wanted.target),
        text=written.text if wanted.target is None else None,
        has_secrets=wanted.with_secrets,
        losses=tuple(LossLine(one.at, one.line, one.what) for one in losses),
        advice=written.advice,
    )


def _remarks(found: Leaving, written: Written, losses: tuple[Loss, ...]) -> list[str]:
    kept_back = "keys are not written: names of variables, or KEY-OF-…, stand in their place; "
    return [
        *loss_lines(losses, "not carried:"),
        *([f"{kept_back}--with-secrets writes them"] if found.has_withheld else []),
        *written.advice,
    ]
