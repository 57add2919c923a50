"""`pointsman snapshot`: a portable copy of the ledger."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from proxy.cli.spans import seconds
from proxy.ledger.lake.address import Store
from proxy.ledger.snapshot import Wanted, snapshot


def moment_us(text: str, now_us: int) -> int | None:
    """Return `7d`, `2026-11-01` or `2026-11-01T12:00` as UTC microseconds; `None` if it is none.

    A span is counted back from now; a time without a zone is UTC.
    """
    back_s = seconds(text)
    if back_s is not None:
        return now_us - back_s * 1_000_000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)


def bound_us(text: str | None, now_us: int) -> int | None:
    """Return what an option says; none where it was not given.

    Raises:
        typer.BadParameter: It is no moment.
    """
    if text is None:
        return None
    us = moment_us(text, now_us)
    if us is None:
        raise typer.BadParameter(f"{text!r} is no span like 7d, nor a day like 2026-11-01")
    return us


def write(store: Store, target: Path, wanted: Wanted, *, replaces: bool) -> None:
    """Write it, and print what is in it.

    Raises:
        LedgerUnusable: There is no ledger, or it cannot be opened.
        LedgerRefused: It cannot be written, or is there already.
    """
    requests = snapshot(store, target, wanted, replaces=replaces)
    redacted = "" if wanted.redaction == "none" else f", redacted: {wanted.redaction}"
    typer.echo(f"{target}: {requests} requests{redacted}")
