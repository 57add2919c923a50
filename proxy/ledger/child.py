"""The converter as a child of the server: started, started again if it dies, and stopped."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.lake.address import Lake

LOOK_S: Final = 1.0
LONGEST_S: Final = 60.0  # until one that dies again and again is started again


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


class Converting:
    """A converter for as long as this process wants one: rows are kept without it, unconverted."""

    def __init__(
        self,
        begin: Callable[[], subprocess.Popen[bytes]],
        say: Callable[[str], None],
        look_s: float = LOOK_S,
    ) -> None:
        self._begin, self._say, self._look_s = begin, say, look_s
        self._child = begin()

    async def run(self) -> None:
        """Start it again whenever it has died, after ever longer waits; runs until cancelled."""
        wait_s = self._look_s
        while True:
            await asyncio.sleep(self._look_s)
            code = self._child.poll()
            if code is None:
                continue
            self._say(f"the converter ended with {code}: started again in {wait_s:.0f} s")
            await asyncio.sleep(wait_s)
            stop(self._child)  # it has ended; this lets go of its pipe
            self._child = self._begin()
            wait_s = min(LONGEST_S, wait_s * 2)

    def stop(self) -> None:
        """Let it convert what is closed by now, and end it; blocks until that is done."""
        stop(self._child)
