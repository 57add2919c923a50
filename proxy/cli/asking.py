"""Ask the running proxy, over HTTP like everybody else."""

import http.client
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
import typer

from proxy.cli.describe import url as url_of
from proxy.commands import Refusal
from proxy.config import address, config_file
from proxy.errors import ConfigError, ControlError

PATIENCE_S: Final = 30.0
_MAX_BYTES: Final = 64 << 20  # of an answer
_OK: Final = 200

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the proxy is, and the key it wants, if it wants one."""

    url: str
    client_key: str | None = field(default=None, repr=False)

    def get(self, path: str, shape: type[Answer]) -> Answer:
        """Return what `path` answers.

        Raises:
            ControlError: Nobody is there, or it says no.
        """
        return self._asked("GET", path, None, shape)

    def post(self, path: str, order: msgspec.Struct, shape: type[Answer]) -> Answer:
        """Return what `path` answers to `order`.

        Raises:
            ControlError: Nobody is there, or it says no.
        """
        return self._asked("POST", path, msgspec.json.encode(order), shape)

    def _asked(self, method: str, path: str, body: bytes | None, shape: type[Answer]) -> Answer:
        headers = {"content-type": "application/json"}
        if self.client_key is not None:
            headers["authorization"] = f"Bearer {self.client_key}"
        status, content = self._sent(method, path, body, headers)
        try:
            if status == _OK:
                return msgspec.json.decode(content, type=shape)
            message = msgspec.json.decode(content, type=Refusal).error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ControlError(
                f"what answers on {self.url} ({status}) is no pointsman of this version: {error}"
            ) from error
        raise ControlError(message)

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise ControlError(
                f"no proxy answers on {self.url} ({_why(error)}): start it with pointsman serve, "
                "or say with --url where it is"
            ) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        try:
            parts = urlsplit(self.url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise ControlError(f"{self.url} is no address: {error}") from error
        match parts.scheme:
            case "http" if host:
                return http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
            case "https" if host:
                return http.client.HTTPSConnection(host, port, timeout=PATIENCE_S)
            case _:
                raise ControlError(f"{self.url} is no address, as http://127.0.0.1:15721 is one")


def place(config: Path | None, url: str | None) -> Place:
    """Return where the proxy is: at `url`, or else where the configuration has it listen.

    A configuration that cannot be read is told, and no reason to ask nobody: a proxy that refuses
    it may well be what the command is about.
    """
    file = config_file(config, os.environ)
    try:
        found = address(file, os.environ)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        found = address(None, os.environ)
    return Place((url or url_of(found.host, found.port)).rstrip("/"), found.client_key)


def _why(error: Exception) -> str:
    """Return an error in a few words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
