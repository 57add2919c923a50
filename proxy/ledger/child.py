"""Starts and stops the converter as a child of the server."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.lake.address import Lake


def spawn(root: Path, keep: Keep = EVERYTHING, lake: Lake | None = None) -> subprocess.Popen[bytes]:
    """Start a converter that works while this process lives, and waits while another one does.

    Where rows are shared with other hosts it is told through its standard input.

    It notices that this process has gone, however it went, by the end of its standard input.
    """
    command = [sys.executable, "-m", "proxy.ledger.converter", str(root), "--child"]
    command += [] if keep.days is None else ["--keep-days", str(keep.days)]
    command += [] if keep.mib is None else ["--keep-mib", str(keep.mib)]
    command += ["--keep-bodies-days", str(keep.bodies_days)]
    command += ["--keep-bodies-mib", str(keep.bodies_mib)]
    command += [] if lake is None else ["--shared"]
    child = subprocess.Popen(  # noqa: S603  # nothing of it comes from outside
        command,
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C at the terminal is for the server to act on
    )
    if lake is not None and child.stdin is not None:
        with suppress(BrokenPipeError):  # it has died, and said why
            child.stdin.write(msgspec.json.encode(lake) + b"\n")
            child.stdin.flush()
    return child


def stop(child: subprocess.Popen[bytes], patience_s: float = 5.0) -> None:
    """Let it convert what is closed by now, and end it; blocks until that is done."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        child.kill()  # it may die at any point
        child.wait()
