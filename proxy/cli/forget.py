"""`pointsman ledger forget`: one session goes, and it is said when its last byte does."""

import time
import uuid
from datetime import UTC, datetime
from typing import Final

import typer

from proxy.cli.tables import safe
from proxy.clock import REAL
from proxy.errors import LedgerRefused
from proxy.ledger.commits import FENCE_US, GRACE_US
from proxy.ledger.folder import existing
from proxy.ledger.forget import Forgotten, Whose, forget
from proxy.ledger.lake.address import Shared, Store, shown
from proxy.ledger.views import prepare
from proxy.ledger.writing import Rotation

_CONDITION: Final = "or when a proxy next runs on this ledger after that"
_ROUND_US: Final = 60_000_000  # of the converter, and of who rotates: far less, but to the minute


def run(store: Store, whose: Whose, *, only_say: bool, is_sure: bool) -> None:
    """Forget it, after asking, and print what went; end with 1 if there was a problem.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be written.
        LedgerRefused: It cannot be done.
    """
    if isinstance(store, Shared):
        raise LedgerRefused(
            f"{shown(store)} is shared: nothing can be forgotten there yet but by its catalog"
        )
    found = existing(store)
    prepare(found.root)
    whose = checked(whose)
    told = forget(found, whose, only_say=True)
    typer.echo(f"{named(whose)}: {counts(told)}")
    if told.is_nothing or only_say:
        return
    if not is_sure:
        typer.confirm("forget all of it, for good?", abort=True)
    done = forget(found, whose)
    time.sleep(FENCE_US / 1_000_000)  # from then on what is said is so
    for line in (*lines(done, REAL.wall_us()), *done.problems):
        typer.echo(safe(line))
    if done.problems:
        raise typer.Exit(1)


def checked(whose: Whose) -> Whose:
    """Return it with its id as the ledger writes it.

    Raises:
        LedgerRefused: It is none.
    """
    if whose.request is None:
        return whose
    try:
        return Whose(request=str(uuid.UUID(whose.request)))
    except ValueError as error:
        raise LedgerRefused(
            f"{whose.request} is no id of a request: want one as x-pointsman-request has it"
        ) from error


def named(whose: Whose) -> str:
    """Say what it is about."""
    if whose.request is not None:
        return f"request {whose.request}"
    return safe(f"session {whose.session}")


def counts(found: Forgotten) -> str:
    """Say how much it is."""
    if found.is_nothing:
        return "nothing of it is in the ledger"
    parts = [f"{count} {table}" for table, count in found.rows.items()]
    parts.append(f"{found.bodies} bodies")
    if found.lines:
        parts.append(f"{found.lines} lines in quarantine")
    return ", ".join(parts)


def lines(done: Forgotten, now_us: int) -> list[str]:
    """Say what came of it, and when the last of it leaves the disk."""
    wait_us = GRACE_US + _ROUND_US
    if done.in_journals:
        wait_us += round(Rotation().max_age_s * 1_000_000)
    last = datetime.fromtimestamp((now_us + wait_us) / 1_000_000, UTC)
    told = [f"gone: {counts(done)}; no reader finds them any more"]
    told += [f"their last bytes leave the disk by {last:%Y-%m-%d %H:%M} UTC, {_CONDITION}"]
    if done.unsearched:
        names = ", ".join(done.unsearched)
        told.append(f"into these, put aside as damaged, nobody can look: {names}")
    return told
