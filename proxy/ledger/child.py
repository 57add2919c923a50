"""Starts and stops the converter as a child of the server."""

import subprocess
import sys
from pathlib import Path

from proxy.ledger.keep import EVERYTHING, Keep


def spawn(root: Path, keep: Keep = EVERYTHING) -> subprocess.Popen[bytes]:
    """Start a converter that works while this process lives, and waits while another one does.

    It notices that this process has gone, however it went, by the end of its standard input.
    """
    command = [sys.executable, "-m", "proxy.ledger.converter", str(root), "--child"]
    command += [] if keep.days is None else ["--keep-days", str(keep.days)]
    command += [] if keep.mib is None else ["--keep-mib", str(keep.mib)]
    return subprocess.Popen(  # noqa: S603  # nothing of it comes from outside
        command,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C at the terminal is for the server to act on
    )


def stop(child: subprocess.Popen[bytes], patience_s: float = 5.0) -> None:
    """Let it convert what is closed by now, and end it; blocks until that is done."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        child.kill()  # it may die at any point
        child.wait()
