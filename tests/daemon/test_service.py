"""A unit that systemd reads as it is meant, and clear words where there is no systemd."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.daemon import service
from proxy.errors import ControlError, SetupError


def test_the_unit_quotes_what_systemd_would_read_otherwise() -> None:
    text = service.unit(Path('/home/a b/100%/$x "y".toml'))
    line = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert line.endswith(r'"--config" "/home/a b/100%%/$$x \"y\".toml"')
    assert f'"{sys.executable}"' in line
    assert "EnvironmentFile=-/home/a b/100%%/$x" in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    unit = tmp_path / service.NAME
    unit.write_text(service.unit(tmp_path / "pointsman.toml"))
    done = subprocess.run(  # noqa: S603  # systemd's own command
        [str(shutil.which("systemd-analyze")), "--user", "verify", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert "pointsman" not in done.stderr


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param(None, "there is no systemd here", id="no systemctl"),
        pytest.param("echo no bus >&2; exit 1", "daemon-reload: no bus;", id="one that fails"),
    ],
)
def test_where_there_is_no_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, message: str
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if script else str(tmp_path))
    if script is not None:
        _systemctl(tmp_path, script)
    with pytest.raises(ControlError, match=message):
        service.install(tmp_path, tmp_path / "pointsman.toml")
    assert service.path(tmp_path).exists()


def test_installed_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    _systemctl(tmp_path, f'echo "$*" >> {tmp_path}/asked')
    service.install(tmp_path, tmp_path / "pointsman.toml")
    service.uninstall(tmp_path)
    assert not service.path(tmp_path).exists()
    assert (tmp_path / "asked").read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable --now pointsman.service",
        "--user disable --now pointsman.service",
        "--user daemon-reload",
    ]
    with pytest.raises(SetupError, match="found no unit"):
        service.uninstall(tmp_path)


def _systemctl(folder: Path, script: str) -> None:
    command = folder / "systemctl"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
