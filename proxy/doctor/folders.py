"""Files that hold secrets or rows, and who can read them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from proxy.doctor.finding import Finding
from proxy.errors import LedgerUnusable
from proxy.ledger import verify
from proxy.ledger.lake.address import Lake, Shared, shown

_MANY = 5


def private(path: Path, about: str) -> Iterator[Finding]:
    """Say whether others can read or write what is their owner's alone."""
    if os.name != "posix" or not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        wanted = "700" if path.is_dir() else "600"
        yield Finding(
            level="warning",
            about=about,
            says=f"others can use {path} (mode {mode:03o})",
            mend=f"chmod {wanted} {path}",
            fix="private",
            path=str(path),
        )


def ledger(folder: Path, lake: Lake | None = None) -> Iterator[Finding]:
    """Say whether the ledger is whole; with one that is shared, also that it can be reached."""
    if not folder.exists():
        yield Finding(level="note", about="ledger", says=f"there is none yet in {folder}")
        return
    yield from private(folder, "ledger")
    store = folder if lake is None else Shared(lake, folder)
    try:
        found = list(verify.problems(store))
    except LedgerUnusable as error:
        yield Finding(level="problem", about="ledger", says=str(error))
        return
    for line in found[:_MANY]:
        yield Finding(level="warning", about="ledger", says=line, mend="pointsman ledger verify")
    if not found:
        yield Finding(level="ok", about="ledger", says=f"{shown(store)} is whole")
