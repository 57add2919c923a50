"""Starts a process in the background, and waits until its address answers."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from proxy.clock import REAL
from proxy.daemon import log
from proxy.daemon.run import Place, Run, read, write
from proxy.errors import SetupError
from proxy.lock import held

_LOOK_S = 0.05
_OK = 200


def start(
    place: Place, url: str, arguments: Sequence[str], patience_s: float = 30.0
) -> tuple[Run, bool]:
    """Start `pointsman serve` with `arguments`, unless one runs on that port already.

    Returns:
        What runs, and whether it was this that started it.

    Raises:
        SetupError: It ended at once, with its own words, or does not answer.
    """
    with held(place.lock) as fd:
        if fd is None:
            return _running(place, patience_s), False
        place.run.unlink(missing_ok=True)
        log.rotate(place.log)
        said_from = place.log.stat().st_size if place.log.exists() else 0
        process = _spawn(place.log, arguments, fd)
        run = Run(pid=process.pid, url=url, started_us=REAL.wall_us(), arguments=tuple(arguments))
        write(place, run)
        try:
            _wait(process, url, patience_s, lambda: log.since(place.log, said_from))
        except SetupError:
            place.run.unlink()
            raise
        return run, True


def _running(place: Place, patience_s: float) -> Run:
    """Return what holds the lock; it may be about to say who it is."""
    until = time.monotonic() + patience_s
    while (run := read(place)) is None:
        if time.monotonic() > until:
            raise SetupError(f"somebody holds {place.lock}, and does not say who it is")
        time.sleep(_LOOK_S)
    return run


def _spawn(path: Path, arguments: Sequence[str], lock: int) -> subprocess.Popen[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        output = os.open(path, flags, 0o600)
    except OSError as error:
        raise SetupError(f"{path}: cannot be written: {error.strerror or error}") from error
    try:
        return subprocess.Popen(  # noqa: S603  # this interpreter
            [sys.executable, "-m", "proxy", "serve", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=Path.home(),
            env={**os.environ, log.VARIABLE: str(path)},
            start_new_session=True,
            pass_fds=(lock,),  # so it is held until that process is gone
        )
    finally:
        os.close(output)


def _wait(
    process: subprocess.Popen[bytes], url: str, patience_s: float, said: Callable[[], str]
) -> None:
    until = time.monotonic() + patience_s
    while not answers(url):
        if process.poll() is not None:
            raise SetupError(said().strip() or f"it ended with {process.returncode}")
        if time.monotonic() > until:
            process.kill()
            process.wait()
            raise SetupError(
                f"nothing answered at {url} after {patience_s:.0f} s\n{said()}".strip()
            )
        time.sleep(_LOOK_S)


def answers(url: str, patience_s: float = 1.0) -> bool:
    """Whether a pointsman answers at `url`."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https"
    kind = http.client.HTTPSConnection if is_safe else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=patience_s)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status == _OK and msgspec.json.decode(answer.read()) == {"status": "ok"}
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return False
    finally:
        connection.close()
