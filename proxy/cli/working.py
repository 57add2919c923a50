"""One worker of several: `proxy.cli.crew` starts it, and it ends with that process.

Its words are its number, the descriptor of its listening socket, where the hub is, and then the
configuration's path with the host and the port that were given instead of those of the file.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer

from proxy.app import build, tell
from proxy.beside import Among
from proxy.cli.options import told
from proxy.cli.serving import run
from proxy.config import Listen, load


def work(words: Sequence[str]) -> None:
    """Serve until a signal, or the end of the supervisor, ends it.

    Raises:
        PointsmanError: It cannot start.
    """
    number, fd, hub, path, host, port = words
    listening = Listen(host or None, int(port) if port else None)
    read = partial(load, Path(path), os.environ, listening)
    threading.Thread(target=_end_with_supervisor, daemon=True).start()

    def say(text: str) -> None:
        tell(f"worker {number}: {text}")

    among = Among(int(number), Path(hub))
    with socket.socket(fileno=int(fd)) as taken:
        run(build(read(), read, say, among), taken)


def _end_with_supervisor() -> None:
    """Drain once standard input ends: nobody would tell this process to."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Work, and end with the code of what went wrong."""
    try:
        with told():
            work(sys.argv[1:])
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


if __name__ == "__main__":
    main()
