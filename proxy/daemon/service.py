"""A user's systemd unit: the proxy comes with the login, and again after a crash.

Source: systemd.service(5) and systemd.unit(5), read 2026-11-25.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from proxy.errors import ControlError, SetupError

NAME: Final = "pointsman.service"
_TEXT: Final = """\
[Unit]
Description=pointsman, a proxy between coding CLIs and their providers
After=network-online.target

[Service]
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
# Variables that the configuration names, as NAME=value; the file may be missing.
EnvironmentFile=-{variables}
Restart=on-failure
RestartSec=2
TimeoutStopSec=45
UMask=0077

[Install]
WantedBy=default.target
"""


def unit(config: Path) -> str:
    """Return the unit that serves by a configuration."""
    words = (sys.executable, "-m", "proxy", "serve", "--config", str(config))
    command = " ".join(_quoted(word) for word in words)
    return _TEXT.format(command=command, variables=_percent(variables(config)))


def variables(config: Path) -> Path:
    """Return the file that the unit takes variables from, beside the configuration."""
    return config.with_suffix(".env")


def path(home: Path) -> Path:
    """Return where a user's unit stands."""
    return home / ".config/systemd/user" / NAME


def install(home: Path, config: Path) -> Path:
    """Write the unit, enable it and start it.

    Raises:
        SetupError: It cannot be written.
        ControlError: It is written, but systemd does not take it.
    """
    place = path(home)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(unit(config))
    except OSError as error:
        raise SetupError(f"{place}: cannot be written: {error.strerror or error}") from error
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", NAME)
    return place


def uninstall(home: Path) -> Path:
    """Stop it, and remove the unit.

    Raises:
        SetupError: There is none.
        ControlError: systemd does not let it go; the unit is still there.
    """
    place = path(home)
    if not place.exists():
        raise SetupError(f"{place}: found no unit, want one that `pointsman service install` made")
    _systemctl("disable", "--now", NAME)
    place.unlink()
    _systemctl("daemon-reload")
    return place


def _systemctl(*words: str) -> None:
    command = shutil.which("systemctl")
    if command is None:
        raise ControlError(
            "there is no systemd here; the unit is written, but nothing reads it; "
            "without systemd use pointsman start"
        )
    done = subprocess.run(  # noqa: S603  # systemd's own command
        [command, "--user", *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip() or f"exit code {done.returncode}"
        raise ControlError(
            f"systemctl --user {' '.join(words)}: {said}; "
            "the unit is written; without systemd use pointsman start"
        )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_percent(escaped).replace("$", "$$")}"'


def _percent(text: str | Path) -> str:
    return str(text).replace("%", "%%")
