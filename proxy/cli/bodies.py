"""`pointsman ledger bodies`: what was asked and answered, where it was stored."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import typer

from proxy.cli.tables import safe
from proxy.errors import LedgerRefused
from proxy.ledger.bodies.reading import Shelf, shelves
from proxy.ledger.folder import existing
from proxy.ledger.lake.address import Shared, Store, shown
from proxy.record.bodies import BodyRow, Which


@dataclass(frozen=True, slots=True)
class Asked:
    """Which bodies are meant."""

    request_id: str
    which: Which | None = None
    attempt_no: int | None = None

    def takes(self, row: BodyRow) -> bool:
        """Whether `row` is one of them."""
        return (
            row.request_id == self.request_id
            and self.which in (None, row.which)
            and self.attempt_no in (None, row.attempt_no)
        )


def show(store: Store, asked: Asked, *, as_it_is: bool) -> None:
    """Print them, for a person or byte for byte; a host has those of its own requests.

    Raises:
        LedgerUnusable: There is no ledger.
        LedgerRefused: There are none, one is damaged, or one was wanted and there are several.
    """
    folder = store.folder if isinstance(store, Shared) else store
    if folder is None:
        raise LedgerRefused(f"bodies stay on the host that served them, not in {shown(store)}")
    found = [
        (row, shelf.content(row.hash))
        for shelf in shelves(existing(folder))
        for row in _rows(shelf, asked)
    ]
    if not found:
        raise LedgerRefused(
            f"no such body of {asked.request_id} is stored: [ledger] bodies says of which "
            "requests they are, and keep_bodies_days for how long"
        )
    if as_it_is:
        _print_one(found)
        return
    for row, content in found:
        typer.echo(f"# {title(row)}")
        typer.echo(readable(content))


def title(row: BodyRow) -> str:
    """Say which body it is."""
    attempt = "" if row.attempt_no is None else f" of attempt {row.attempt_no}"
    cut = f", of which the last {row.cut_bytes:,} were not kept" if row.cut_bytes else ""
    return f"{row.which}{attempt}: {row.bytes:,} bytes{cut}"


def readable(content: bytes) -> str:
    """Return JSON with a line for each value, and anything else as it came."""
    text = content.decode(errors="replace")
    with suppress(ValueError, RecursionError):  # a stream, a page of HTML, or cut off
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "\n".join(safe(line) for line in text.replace("\r\n", "\n").split("\n"))


def _rows(shelf: Shelf, asked: Asked) -> Iterator[BodyRow]:
    return (row for row in shelf.rows if asked.takes(row))


def _print_one(found: list[tuple[BodyRow, bytes]]) -> None:
    if len(found) > 1:
        names = ", ".join(
            row.which if row.attempt_no is None else f"{row.which} {row.attempt_no}"
            for row, _ in found
        )
        raise LedgerRefused(f"there are several: say which one with --which and --attempt: {names}")
    ((_, content),) = found
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
