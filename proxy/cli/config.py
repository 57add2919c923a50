"""`pointsman config check`, `init` and `path`."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import msgspec
import typer

from proxy.cli.describe import (
    activation_lines,
    activation_text,
    limits_text,
    queue_lines,
    rule_lines,
    rule_text,
    url,
)
from proxy.config import Settings, config_path, load, starter
from proxy.errors import ConfigError, SetupError


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `config check --json` prints; never a secret."""

    ok: bool
    path: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    url: str | None = None
    ledger_folder: str | None = None
    client_keys: tuple[str, ...] = ()  # labels
    queues: Mapping[str, tuple[str, ...]] = {}  # of provider/label, and /model if one is set
    policies: Mapping[str, str] = {}  # by queue
    rules: Mapping[str, str] = {}  # in words, in their order
    activations: tuple[str, ...] = ()  # in words
    limits: Mapping[str, Mapping[str, float]] = {}
    config_hash: str | None = None


def check(config: Path | None, *, as_json: bool) -> None:
    """Print what the file comes to.

    Raises:
        ConfigError: It cannot be used.
    """
    path = config_path(config, os.environ)
    try:
        settings = load(path, os.environ)
    except ConfigError as error:
        if not as_json:
            raise
        _print(Verdict(ok=False, path=str(path), errors=tuple(str(error).splitlines())))
        raise typer.Exit(2) from None
    if as_json:
        _print(_verdict(settings))
        return
    for line in _summary(settings):
        typer.echo(line)


def init(config: Path | None, *, force: bool) -> None:
    """Write the starter, readable by its owner alone, and say what to do next.

    Raises:
        SetupError: A file is there already, or none can be written.
    """
    path = config_path(config, os.environ)
    if not force and path.exists():
        raise SetupError(f"{path}: there is a file already; write over it with --force")
    try:
        _write(path, starter())
    except OSError as error:
        raise SetupError(f"{path}: cannot be written: {error.strerror or error}") from error
    typer.echo(f"wrote {path}")
    typer.echo("next:")
    typer.echo("  1. name your providers in it, and set the variables it takes keys from")
    typer.echo("  2. pointsman config check")
    typer.echo("  3. pointsman serve")
    typer.echo("  4. ANTHROPIC_BASE_URL=http://127.0.0.1:15721 claude")


def path(config: Path | None) -> None:
    """Print which file is read, whether it is there or not."""
    typer.echo(config_path(config, os.environ))


def _write(path: Path, text: str) -> None:
    """Put `text` in `path` all at once, where only its owner can read it."""
    place = Path(os.path.realpath(path))  # a link stays one
    for folder in reversed([f for f in place.parents if not f.exists()]):
        folder.mkdir(mode=0o700)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")  # made 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _summary(settings: Settings) -> list[str]:
    keys = ", ".join(settings.client_keys) or "none: only this machine can ask"
    return [
        f"ok: {settings.path}",
        f"listen  {url(settings.host, settings.port)}",
        f"ledger  {ledger_text(settings)}",
        f"client keys  {keys}",
        "queues",
        *queue_lines(settings),
        *rule_lines(settings),
        *activation_lines(settings),
        "limits",
        *(f"  {app:<7} {limits_text(settings.limits[app])}" for app in settings.queues),
        *(f"warning: {warning}" for warning in settings.warnings),
    ]


def ledger_text(settings: Settings) -> str:
    """Return where the ledger is, without a password."""
    lake = settings.ledger_lake
    shared = "" if lake is None else f", handed over to {lake.catalog.shown}"
    return f"{settings.ledger_folder}{shared}"


def _verdict(settings: Settings) -> Verdict:
    return Verdict(
        ok=True,
        path=str(settings.path),
        warnings=settings.warnings,
        url=url(settings.host, settings.port),
        ledger_folder=str(settings.ledger_folder),
        client_keys=tuple(settings.client_keys),
        queues={
            name: tuple(one.id for one in queue.candidates if one.enabled)
            for name, queue in settings.network.queues.items()
        },
        policies={name: queue.policy for name, queue in settings.network.queues.items()},
        rules={rule.name: rule_text(rule) for rule in settings.network.rules},
        activations=tuple(activation_text(one) for one in settings.activations),
        limits={app: asdict(settings.limits[app]) for app in settings.queues},
        config_hash=settings.config_hash,
    )


def _print(verdict: Verdict) -> None:
    typer.echo(msgspec.json.format(msgspec.json.encode(verdict), indent=2))
