"""`pointsman doctor`: everything that can keep a setup from working, with what mends it."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from proxy.cli import state, takeover
from proxy.cli.asking import Place as Asking
from proxy.cli.describe import url as url_of
from proxy.cli.listening import holder
from proxy.cli.tables import safe
from proxy.clock import REAL
from proxy.commands import STATUS, Status
from proxy.config import Settings, address, config_file, config_path, load
from proxy.daemon.run import Place
from proxy.daemon.stop import running
from proxy.doctor import clients, environment, folders, providers
from proxy.doctor import running as running_one
from proxy.doctor.finding import Finding, Level
from proxy.errors import ControlError, SetupError
from proxy.takeover.app import Surroundings
from proxy.takeover.taking import APPS, give_back

_SIGNS: Final[dict[Level, str]] = {
    "ok": "[green]ok[/]",
    "note": "[blue]note[/]",
    "warning": "[yellow]warning[/]",
    "problem": "[red]problem[/]",
}
_PROC: Final = Path("/proc")


def examine(config: Path | None, *, offline: bool, mends: bool, as_json: bool) -> None:
    """Look at everything, mend what is safe if that is wanted, and print what was found.

    Raises:
        SetupError: Something that was to be mended cannot be.
        typer.Exit: There is a problem.
    """
    found = list(_findings(config, offline=offline))
    mended = [one for one in found if mends and one.fix is not None]
    for one in mended:
        _mend(one)
        typer.echo(f"mended: {one.about}: {one.says}", err=True)
    left = [one for one in found if one not in mended]
    if as_json:
        for one in left:
            typer.echo(msgspec.json.encode(one))
    else:
        _print(left)
    if any(one.level == "problem" for one in left):
        raise typer.Exit(1)


def _findings(config: Path | None, *, offline: bool) -> Iterator[Finding]:
    settings, found = _config(config)
    yield from found
    url, status, found = _proxy(config)
    yield from found
    yield from environment.findings(os.environ, url)
    around = Surroundings(Path.home(), Path.cwd(), os.environ)
    yield from clients.findings(around, takeover.journal_path(), answers=status is not None)
    if settings is not None:
        yield from folders.ledger(settings.ledger_folder, settings.ledger_lake)
        if not offline:
            asked = providers.ask(settings.network, REAL.wall_us() / 1e6)
            yield from providers.findings(settings.network, asked)


def _config(config: Path | None) -> tuple[Settings | None, list[Finding]]:
    path = config_path(config, os.environ)
    try:
        settings = load(path, os.environ)
    except SetupError as error:
        mend = "pointsman config check"
        return None, [
            Finding(level="problem", about="config", says=line, mend=mend)
            for line in str(error).splitlines()
        ]
    warnings = [line for line in settings.warnings if "; do: chmod" not in line]  # has a fix here
    return settings, [
        Finding(level="ok", about="config", says=f"{path} can be used"),
        *folders.private(path, "config"),
        *(Finding(level="warning", about="config", says=line) for line in warnings),
    ]


def _proxy(config: Path | None) -> tuple[str, Status | None, list[Finding]]:
    """Return where the proxy should be, what it says of itself, and what is wrong with that."""
    try:
        found = address(config_file(config, os.environ), os.environ)
    except SetupError:  # told already: the usual place is as good a guess as any
        found = address(None, os.environ)
    url = url_of(found.host, found.port)
    try:
        status = Asking(url, found.client_key).get(STATUS, Status)
    except ControlError:
        folder = state.folder()
        place = Place(folder, found.port)
        log = None if running(place) is None else place.log
        by = None if log is not None else holder(found.port, _PROC)
        return url, None, [running_one.absent(url, by, log)]
    return url, status, list(running_one.findings(status))


def _mend(one: Finding) -> None:
    if one.fix == "restore":
        give_back(APPS, takeover.journal_path())
        return
    path = Path(one.path or "")
    path.chmod(0o700 if path.is_dir() else 0o600)


def _print(found: Sequence[Finding]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for one in found:
        about, says = escape(safe(one.about)), escape(safe(one.says))
        console.print(f"{_SIGNS[one.level]}  {about}: {says}")
        if one.mend is not None:
            console.print(f"    do: {escape(safe(one.mend))}")
    counts = Counter(one.level for one in found)
    told = ", ".join(
        f"{counts[level]} {level}{'s' * (counts[level] != 1)}"
        for level in ("problem", "warning")
        if counts[level]
    )
    console.print(told or "nothing is wrong")
