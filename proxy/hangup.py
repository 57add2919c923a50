"""SIGHUP: a daemon reads its configuration, a program whose terminal was closed ends."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_TERMINAL: Final = Path("/dev/tty")  # this process's own, if it has one: see tty(4)


@contextmanager
def on_hangup(act: Callable[[], object]) -> Iterator[None]:
    """Call `act` on each SIGHUP, in the event loop; where signals are not ours, do nothing.

    The signal means both, so the terminal is looked at: if there was one and it has gone, the
    process is ended as by SIGTERM, unless hang-ups were ignored, as by nohup(1).
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    is_attended = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()

    def hung_up() -> None:
        if is_attended and not _has_terminal():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            act()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _has_terminal() -> bool:
    try:
        os.close(os.open(_TERMINAL, os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
