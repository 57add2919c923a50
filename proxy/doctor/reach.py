"""Asks a provider for its models, layer by layer, so that it is clear which one fails.

Name, connection, TLS, key, list: each is only asked for when the one before holds. A list costs
nothing at any vendor, and nothing is ever generated.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from proxy.canonical.models import Model
from proxy.routing.types import Credential, Provider
from proxy.upstream.address import address
from proxy.upstream.headers import across
from proxy.wires import CODECS, WIRES

Layer = Literal["name", "connection", "tls", "answer", "key", "list"]

_PATIENCE_S: Final = 10.0
_MAX_BYTES: Final = 16 << 20
_REFUSED: Final = (401, 403)
_BUSY: Final = (402, 429)
_OK: Final = range(200, 300)
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one key of a provider got.

    Attributes:
        failed: The layer that failed; `None` if none did.
        why: What it said.
        models: What the list names; `None` if there was none.
        took_ms: From the connection to the answer; `None` if there was none.
        ahead_s: How far the provider's clock is ahead of ours, where it tells.
    """

    provider: str
    label: str
    failed: Layer | None = None
    why: str | None = None
    models: tuple[Model, ...] | None = None
    took_ms: float | None = None
    ahead_s: float | None = None


def reached(provider: Provider, credential: Credential, now_s: float) -> Reached:
    """Return how far `credential` gets at `provider`; blocks for up to half a minute.

    Args:
        provider: Whom to ask.
        credential: With which key.
        now_s: What our clock says, in seconds since 1970.
    """
    try:
        with _connected(provider.base_url) as connection:
            return _asked(connection, provider, credential, now_s)
    except _FailedAt as failure:
        return Reached(provider.name, credential.label, failure.layer, str(failure))


class _FailedAt(Exception):  # noqa: N818  # reads as what happened
    def __init__(self, layer: Layer, why: str) -> None:
        super().__init__(why)
        self.layer: Layer = layer


def _connected(base_url: str) -> socket.socket:
    parts = urlsplit(base_url)
    is_safe = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_safe else 80)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _FailedAt("name", f"{host} is not known: {_words(error)}") from error
    try:
        plain = socket.create_connection((host, port), _PATIENCE_S)
    except OSError as error:
        raise _FailedAt("connection", f"{host}:{port}: {_words(error)}") from error
    if not is_safe:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError as error:  # all of ssl's are
        plain.close()
        raise _FailedAt("tls", f"{host}: {_words(error)}") from error


def _asked(
    connection: socket.socket, provider: Provider, credential: Credential, now_s: float
) -> Reached:
    wire = WIRES[provider.wires[0]]
    lists = CODECS[wire.name].models
    url = address(provider.base_url, lists.path, lists.raw_query)
    headers = across({}, lists.headers, provider.headers, wire.credentials(credential.secret))
    began = time.perf_counter()
    try:
        answer = _answer(connection, url, {n.decode(): v.decode() for n, v in headers})
        content = answer.read(_MAX_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _FailedAt("answer", _words(error)) from error
    took_ms = (time.perf_counter() - began) * 1000
    failed, why = _judged(answer.status)
    models = lists.read(content) if failed is None else None
    if failed is None and models is None:
        failed, why = "list", f"its answer to {lists.path} is no list of models"
    ahead_s = _ahead_s(answer.getheader("date"), now_s)
    name, label = provider.name, credential.label
    return Reached(name, label, failed, why, models, round(took_ms, 1), ahead_s)


def _answer(
    connection: socket.socket, url: str, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    parts = urlsplit(url)
    asking = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    asking.sock = connection  # whose layers were judged already
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    asking.request("GET", target, headers={"host": parts.netloc, **headers})
    return asking.getresponse()


def _judged(status: int) -> tuple[Layer | None, str | None]:
    if status in _OK:
        return None, None
    if status in _REFUSED:
        return "key", f"the key is refused ({status})"
    if status in _BUSY:
        return "key", f"the key may not ask for now ({status})"
    if status >= _SERVER_ERROR:
        return "answer", f"it answers {status}"
    return "list", f"it has no list of models ({status})"


def _ahead_s(date: str | None, now_s: float) -> float | None:
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp() - now_s
    except ValueError:
        return None


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
