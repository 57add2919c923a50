"""Stops what runs in the background, and waits until it is gone."""

import os
import signal
import time
from collections.abc import Callable

from proxy.daemon.run import Place, Run, read
from proxy.errors import ControlError
from proxy.lock import is_held

_LOOK_S = 0.05
_SAYS_AFTER_S = 1.0


def running(place: Place) -> Run | None:
    """Return what runs; `None` if nothing does.

    Raises:
        SetupError: The folder for state cannot be used.
    """
    return read(place) if is_held(place.lock) else None


def stop(place: Place, run: Run, patience_s: float, waits: Callable[[], None]) -> None:
    """End it: it finishes what it has begun, for as long as the patience lasts.

    Args:
        place: Of the port.
        run: What runs there.
        patience_s: After so long it is killed. What it has written is in the ledger all the same.
        waits: Called once if it takes longer than a moment.

    Raises:
        ControlError: It belongs to somebody else.
    """
    _signal(run, signal.SIGTERM)
    began = time.monotonic()
    told = killed = False
    while is_held(place.lock):
        passed_s = time.monotonic() - began
        if not told and passed_s > _SAYS_AFTER_S:
            waits()
            told = True
        if not killed and passed_s > patience_s:
            _signal(run, signal.SIGKILL)
            killed = True
        time.sleep(_LOOK_S)
    place.run.unlink(missing_ok=True)


def _signal(run: Run, which: signal.Signals) -> None:
    try:
        os.kill(run.pid, which)
    except ProcessLookupError:
        return  # between our looking and this it has ended
    except PermissionError as error:
        raise ControlError(f"process {run.pid} is not yours to stop") from error
