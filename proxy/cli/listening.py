"""Take the proxy's port, or say in one line why not and who has it."""

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Final

from proxy.errors import SetupError

_WAITING: Final = 2048  # connections that may wait to be taken
_LISTENS: Final = "0A"  # state of a socket in /proc/net/tcp: see proc(5)


def listen_often(host: str, port: int, number: int) -> list[socket.socket]:
    """Return a socket for each of several workers, all at one place.

    Each new connection goes to one of them, drawn by the kernel: workers that share one socket are
    served unevenly, for the first to wake up takes all that wait. Where the kernel cannot, they do.

    Raises:
        SetupError: It cannot be had.
    """
    first = listen(host, port)  # which no other program may have; ours share it among themselves
    if sys.platform != "linux":
        return [first, *(first.dup() for _ in range(number - 1))]
    port = first.getsockname()[1]
    first.close()
    return [listen(host, port, is_shared=True) for _ in range(number)]


def listen(
    host: str, port: int, proc: Path = Path("/proc"), *, is_shared: bool = False
) -> socket.socket:
    """Return a socket that listens; port 0 is any free one.

    It listens at once: no other program can take the port between the check and the start, and
    clients that come early wait instead of being refused. One that `is_shared` leaves the same
    place to others of this user.

    Raises:
        SetupError: It cannot be had.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise SetupError(f"{host} cannot be found ({error.strerror}); choose a --host") from error
    family, kind, protocol, _, place = found[0]
    taken = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # or else a port would stay taken for a minute after a stop
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(place)
        taken.listen(_WAITING)
    except OSError as error:
        taken.close()
        raise SetupError(_refusal(host, port, error, proc)) from error
    return taken


def holder(port: int, proc: Path) -> str | None:
    """Return the program that listens on `port` as `name (PID n)`, or `None` if nobody tells."""
    names = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    for process in proc.glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in names for link in (process / "fd").iterdir()):
                name = (process / "comm").read_text().strip()
                return f"{name} (PID {process.name})"
        except OSError:  # it ended, or is another user's
            continue
    return None


def _refusal(host: str, port: int, error: OSError, proc: Path) -> str:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    match error.errno:
        case errno.EADDRINUSE:
            by = holder(port, proc)
            who, what = (f" by {by}", "it") if by else ("", "the other program")
            return f"{place} is in use{who}; stop {what} or choose another port with --port"
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; choose another with --host"
        case errno.EACCES | errno.EPERM:
            return f"{place} is not for you to take; choose a port above 1023 with --port"
        case _:
            return f"{place} cannot be listened on: {error.strerror}"


def _listening_inodes(port: int, proc: Path) -> set[str]:
    found = set()
    for name in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / name).read_text().splitlines()[1:]
        except OSError:  # not Linux
            continue
        rows = [line.split() for line in lines]
        here = f":{port:04X}"
        found |= {row[9] for row in rows if row[3] == _LISTENS and row[1].endswith(here)}
    return found
