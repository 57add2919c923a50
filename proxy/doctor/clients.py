"""The coding CLIs: which are there, which are taken over, and what is left of a takeover."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from proxy.doctor.finding import Finding
from proxy.editing import files
from proxy.errors import SetupError
from proxy.takeover import journal
from proxy.takeover.app import Surroundings
from proxy.takeover.taking import APPS

TESTED: Final[Mapping[str, str]] = {"claude": "2.1", "codex": "0.169", "gemini": "0.61"}
"""Versions that the real clients' tests run: `tests/clients/package.json`."""

_PATIENCE_S: Final = 10.0


def findings(around: Surroundings, taken: Path, *, answers: bool) -> Iterator[Finding]:
    """Return what there is to say of the clients.

    Args:
        around: Whose they are.
        taken: The journal of what is taken over.
        answers: Whether the proxy is there.
    """
    for name, app in APPS.items():
        version = _version(name, around)
        if version is not None:
            yield _versioned(name, version)
        for warning in app.warnings(around):
            yield Finding(level="warning", about=name, says=warning)
    yield from _taken(taken, answers=answers)


def _taken(path: Path, *, answers: bool) -> Iterator[Finding]:
    try:
        known = journal.read(path)
    except SetupError as error:
        yield Finding(level="problem", about="takeover", says=str(error))
        return
    apps = ", ".join(dict.fromkeys(one.app for one in known.files.values()))
    if not apps:
        return
    if answers:
        yield Finding(level="ok", about="takeover", says=f"{apps} are sent to the proxy")
    else:
        yield Finding(
            level="problem",
            about="takeover",
            says=f"{apps} are sent to a proxy that does not answer",
            mend="pointsman start, or pointsman restore",
            fix="restore",
        )
    for one in known.files.values():
        if files.content(Path(one.path)) is None and one.before is not None:
            says = f"{one.path} was taken over and is gone; restore leaves it so"
            yield Finding(level="warning", about="takeover", says=says)


def _version(name: str, around: Surroundings) -> str | None:
    command = shutil.which(name, path=around.env.get("PATH"))
    if command is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603  # the client itself, as the user runs it
            [command, "--version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
            env=dict(around.env),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = [word for word in done.stdout.split() if word[:1].isdigit()]
    return words[0] if words else ""


def _versioned(name: str, version: str) -> Finding:
    if not version:
        return Finding(level="note", about=name, says="is there, and does not say its version")
    tested = TESTED[name]
    is_tested = version == tested or version.startswith(f"{tested}.")
    says = f"version {version}" if is_tested else f"version {version}; tested with {tested}"
    return Finding(level="ok" if is_tested else "note", about=name, says=says)
