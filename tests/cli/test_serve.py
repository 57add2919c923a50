"""What keeps `pointsman serve` from starting: one clear line and exit code 2."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.cli.listening import holder, listen
from proxy.errors import SetupError

CONFIG = """
[ledger]
folder = "ledger"
[providers.main]
wires = ["anthropic"]
base_url = "https://api.example.com"
keys = { own = "s3cret-1", team = "s3cret-2" }
[queues]
claude = ["main"]
"""


def serve(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    file = folder / "pointsman.toml"
    file.write_text(text)
    file.chmod(0o600)
    return subprocess.run(  # noqa: S603  # this interpreter
        [sys.executable, "-m", "proxy", "serve", "--config", str(file), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return what it said on its way out, which nothing else may stand beside."""
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_a_port_in_use_is_told_with_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(serve(tmp_path, CONFIG, "--port", str(port)))
    who = holder_text(port) if sys.platform == "linux" else None
    by, stop = (f" by {who}", "it") if who else ("", "the other program")
    assert said == (
        f"127.0.0.1:{port} is in use{by}; stop {stop} or choose another port with --port\n"
    )


def holder_text(_: int) -> str:
    return f"{Path('/proc/self/comm').read_text().strip()} (PID {os.getpid()})"


def test_a_ledger_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "ledger").touch()
    said = refusal(serve(tmp_path, CONFIG, "--port", "0"))
    assert said.startswith(f"the ledger in {tmp_path}/ledger cannot be written (")
    assert said.count("\n") == 1


def test_no_providers(tmp_path: Path) -> None:
    said = refusal(serve(tmp_path, "[server]\nport = 4000\n"))
    assert said == (
        f"{tmp_path}/pointsman.toml: queues: found no providers, want at least one queue, as in "
        'claude = ["main"]\n'
    )
    assert not (tmp_path / "ledger").exists()


def test_open_to_the_network_without_keys(tmp_path: Path) -> None:
    said = refusal(serve(tmp_path, CONFIG, "--host", "0.0.0.0"))  # noqa: S104  # it is refused
    assert said.startswith('--host: found "0.0.0.0", which other machines can reach, want ')


@pytest.mark.parametrize(
    ("host", "message"),
    [
        pytest.param(
            "192.0.2.1",
            "192.0.2.1 is no address of this machine; choose another with --host",
            id="an address of another machine",
        ),
        pytest.param(
            "no-such-host.invalid",
            "no-such-host.invalid cannot be found",
            id="a name nobody has",
        ),
    ],
)
def test_where_nobody_can_listen(host: str, message: str) -> None:
    with pytest.raises(SetupError, match=f"^{re.escape(message)}"):
        listen(host, 0)


def test_nobody_tells_who_has_the_port(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        assert holder(port, tmp_path) is None
        message = (
            f"127.0.0.1:{port} is in use; stop the other program or choose another port with --port"
        )
        with pytest.raises(SetupError, match=f"^{re.escape(message)}$"):
            listen("127.0.0.1", port, tmp_path)


def test_it_serves_until_it_is_stopped(tmp_path: Path) -> None:
    file = tmp_path / "pointsman.toml"
    file.write_text(CONFIG)
    file.chmod(0o644)
    words = [sys.executable, "-m", "proxy", "serve", "--config", str(file), "--port", "0"]
    with subprocess.Popen(  # noqa: S603  # this interpreter
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        found = re.fullmatch(
            r"pointsman 0\.1\.0 on http://127\.0\.0\.1:(\d+)  \(ledger: .*, config: .*\)\n", first
        )
        assert found is not None, first + process.stderr.read()
        assert second == "  claude  main (own, team)\n"
        with socket.create_connection(("127.0.0.1", int(found[1])), timeout=20) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read().splitlines() == [
            f"warning: {file}: other users can read it, and it holds a key; do: chmod 600 {file}"
        ]
