"""The running proxy, as its own status tells it, beside the file that it should follow."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from proxy import VERSION
from proxy.commands import LedgerState, Status
from proxy.doctor.finding import Finding

_ABOUT: Final = "proxy"


def findings(status: Status) -> Iterator[Finding]:
    """Return what is wrong with a proxy that answers."""
    yield Finding(level="ok", about=_ABOUT, says=f"answers; {status.total} requests so far")
    if status.version != VERSION:
        says = f"it is version {status.version}, and this command is {VERSION}"
        yield Finding(level="warning", about=_ABOUT, says=says, mend="pointsman restart")
    if status.config.last_error is not None:
        first = status.config.last_error.partition("\n")[0]
        says = f"its configuration file is refused, an earlier one is in force: {first}"
        yield Finding(level="problem", about=_ABOUT, says=says, mend="pointsman config check")
    if status.config.needs_restart:
        says = f"not in force before a restart: {', '.join(status.config.needs_restart)}"
        yield Finding(level="warning", about=_ABOUT, says=says, mend="pointsman restart")
    for app in status.apps:
        if app.target is None:
            says = f"nobody can be asked for {app.app}: {app.sentence or 'no target'}"
            yield Finding(level="problem", about=_ABOUT, says=says, mend="pointsman status")
    yield from ledger(status.ledger)


def ledger(state: LedgerState) -> Iterator[Finding]:
    """Return what is wrong with writing rows."""
    if state.hindered_since_us is not None:
        says = f"rows cannot be written: {state.last_error}; {state.waiting} wait in memory"
        yield Finding(level="problem", about="ledger", says=says, mend=f"df {state.folder}")
    lost = {
        "left without rows": state.dropped,
        "refused": state.refused,
        "left without bodies": state.bodies_dropped,
    }
    for what, count in lost.items():
        if count:
            says = f"{count} requests were {what} since the start: {state.last_error}"
            yield Finding(level="warning", about="ledger", says=says)


def absent(url: str, holder: str | None, background: Path | None) -> Finding:
    """Return that no proxy answers at `url`, and who has its port."""
    if holder is not None:
        says = f"{url} is held by {holder}, which is no pointsman"
        return Finding(level="problem", about=_ABOUT, says=says, mend="pointsman start --port …")
    if background is not None:
        says = f"it runs in the background and does not answer at {url}"
        return Finding(
            level="problem", about=_ABOUT, says=says, mend=f"pointsman logs ({background})"
        )
    return Finding(
        level="note", about=_ABOUT, says=f"nothing answers at {url}", mend="pointsman start"
    )
