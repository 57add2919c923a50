"""A real proxy in the background: started once, found, restarted, killed, stopped."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from proxy.cli.main import app
from proxy.daemon.run import Place, Run, read
from proxy.daemon.start import answers
from proxy.lock import is_held

CONFIG = """
[server]
port = {port}
[ledger]
folder = "ledger"
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
key = "x"
[queues]
claude = ["main"]
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    port = free_port()
    config = tmp_path / "pointsman.toml"
    config.write_text(CONFIG.format(port=port))
    config.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("POINTSMAN_CONFIG", str(config))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    place = Place(tmp_path / "state/pointsman", port)
    yield place
    run = read(place)
    if run is not None:
        gone(run)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def started(place: Place) -> Run:
    result = run("start")
    assert (result.exit_code, result.stderr) == (0, "")
    found = read(place)
    assert found is not None
    return found


def gone(run: Run) -> None:
    """Kill it, and take its end off the system's hands: it is a child of this process."""
    try:
        os.kill(run.pid, signal.SIGKILL)
        os.waitpid(run.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # it outlives the starter
def test_from_start_to_stop(place: Place) -> None:
    first = started(place)
    assert answers(first.url)
    assert is_held(place.lock)
    again = run("start")
    assert (again.exit_code, again.stdout.partition(" (")[0]) == (
        0,
        f"it runs already: {first.url}",
    )
    assert run("logs").stdout.startswith("pointsman 0.1.0 on ")
    assert run("restart").exit_code == 0
    second = read(place)
    assert second is not None
    assert (second.pid != first.pid, second.arguments) == (True, first.arguments)
    stopped = run("stop")
    assert (stopped.exit_code, stopped.stdout.splitlines()[-1]) == (0, f"stopped: {first.url}")
    assert not is_held(place.lock)
    assert not answers(first.url)
    assert run("stop").stdout == f"nothing runs in the background on port {place.port}\n"


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")
def test_a_killed_one_is_not_taken_for_alive(place: Place) -> None:
    gone(started(place))
    until = time.monotonic() + 10
    while is_held(place.lock):
        assert time.monotonic() < until
    assert started(place).url == f"http://127.0.0.1:{place.port}"
    assert run("stop", "--now").exit_code == 0


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")
def test_clients_go_there_with_the_start_and_back_with_the_stop(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    settings = tmp_path / ".claude/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"model": "opus"}')
    assert run("start", "--takeover").exit_code == 0
    assert f"http://127.0.0.1:{place.port}" in settings.read_text()
    assert run("restart").exit_code == 0
    assert run("stop").exit_code == 0
    assert settings.read_text() == '{"model": "opus"}'


def test_what_keeps_it_from_starting_is_told_in_its_own_words(place: Place) -> None:
    with socket.create_server(("127.0.0.1", place.port)):
        result = run("start")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"127.0.0.1:{place.port} is in use")
    assert read(place) is None
    assert run("start", "--port", "0").stderr.startswith("port 0 is any free one, want one")


def test_no_log_is_told(place: Place) -> None:
    result = run("logs")
    assert (result.exit_code, result.stderr.partition(", want")[0]) == (
        2,
        f"{place.log}: found no log",
    )


def test_a_run_file_that_is_damaged_is_no_run(place: Place) -> None:
    place.folder.mkdir(parents=True)
    place.run.write_bytes(msgspec.json.encode({"pid": "x"}))
    assert read(place) is None
    assert run("stop").exit_code == 0
