"""Each layer of a provider fails by itself, over real sockets, and is told by its name."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from proxy.doctor.reach import Reached, reached
from proxy.routing.types import Credential, Provider

KEY = Credential("own", "sk-canary")
LIST = b'{"data": [{"id": "claude-x", "type": "model"}], "has_more": false}'
A_DAY = "Wed, 25 Nov 2026 12:00:00 GMT"
NOON_S = 1795608000.0


@contextmanager
def answering(status: int, body: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Serve one answer to everybody; yields the address, and the headers that came."""
    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({k.lower(): v for k, v in self.headers.items()} | {"path": self.path})
            self.send_response_only(status)
            self.send_header("date", A_DAY)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(url: str, wire: str = "anthropic") -> Reached:
    return reached(Provider("main", url, (wire,)), KEY, NOON_S - 60)


def test_a_list_is_read_with_the_key_and_the_clock_is_compared() -> None:
    with answering(200, LIST) as (url, heard):
        found = asked(url)
    assert (found.failed, [one.id for one in found.models or ()]) == (None, ["claude-x"])
    assert found.ahead_s == 60
    assert found.took_ms is not None
    assert heard[0]["x-api-key"] == "sk-canary"
    assert heard[0]["path"].startswith("/v1/models")
    assert heard[0]["host"] == url.removeprefix("http://")


@pytest.mark.parametrize(
    ("status", "body", "failed", "why"),
    [
        pytest.param(401, b"{}", "key", "the key is refused (401)", id="a refused key"),
        pytest.param(429, b"{}", "key", "the key may not ask for now (429)", id="a busy key"),
        pytest.param(404, b"{}", "list", "it has no list of models (404)", id="no list"),
        pytest.param(503, b"", "answer", "it answers 503", id="a server that fails"),
        pytest.param(
            200,
            b"<html>",
            "list",
            "its answer to /v1/models is no list of models",
            id="a page in place of a list",
        ),
    ],
)
def test_what_the_answer_says(status: int, body: bytes, failed: str, why: str) -> None:
    with answering(status, body) as (url, _):
        found = asked(url)
    assert (found.failed, found.why, found.models) == (failed, why, None)


def test_a_name_that_nobody_has() -> None:
    found = asked("http://no-such-host.invalid")
    assert found.failed == "name"
    assert (found.why or "").startswith("no-such-host.invalid is not known: ")


def test_a_port_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    found = asked(f"http://127.0.0.1:{port}")
    assert (found.failed, found.why) == ("connection", f"127.0.0.1:{port}: Connection refused")


def _hangs_up(taken: socket.socket) -> None:
    taken.recv(1000)


def _speaks_no_http(taken: socket.socket) -> None:
    taken.recv(1000)
    taken.sendall(b"SSH-2.0-x\r\n")


@pytest.mark.parametrize(
    ("scheme", "behaviour", "failed"),
    [
        pytest.param("http", _hangs_up, "answer", id="a server that hangs up"),
        pytest.param("http", _speaks_no_http, "answer", id="a server of another kind"),
        pytest.param("https", _speaks_no_http, "tls", id="no TLS where it should be"),
    ],
)
def test_who_speaks_otherwise(
    scheme: str, behaviour: Callable[[socket.socket], None], failed: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            taken, _ = server.accept()
            with taken:
                behaviour(taken)

        thread = threading.Thread(target=once)
        thread.start()
        found = asked(f"{scheme}://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert found.failed == failed


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(  # noqa: S603  # our own words
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",  # noqa: S607
         "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            taken, _ = server.accept()
            with taken, pytest.raises(OSError):  # noqa: PT011  # whichever way it is broken off
                context.wrap_socket(taken, server_side=True).recv(1)

        thread = threading.Thread(target=once)
        thread.start()
        found = asked(f"https://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert (found.failed, found.why) == ("tls", "127.0.0.1: self-signed certificate")
