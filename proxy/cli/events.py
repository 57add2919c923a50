"""`pointsman events`: what happened and was no request, as a table or as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final, get_args

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proxy.cli.ledgers import chosen
from proxy.cli.tables import UNKNOWN, cell, printed
from proxy.happened import Kind
from proxy.ledger.lake.address import shown
from proxy.ledger.views import Happenings, recent_events
from proxy.record import EventRow

_STYLES: Final = {
    "breaker_opened": "red",
    "breaker_closed": "green",
    "cooldown_begun": "yellow",
    "config_refused": "red",
    "budget_exhausted": "red",
    "pin_broken": "yellow",
    "rows_dropped": "red",
}
_COLUMNS: Final = ("time", "what", "where", "session", "until", "why")
_SHORT: Final = 8  # characters that tell sessions apart
_S: Final = 1_000_000


def show(config: Path | None, ledger: str | None, wanted: Happenings, *, as_json: bool) -> None:
    """Print the last events that are wanted.

    Raises:
        SetupError: The configuration or the ledger cannot be read.
        typer.BadParameter: There is no such kind.
    """
    odd = sorted(set(wanted.kinds) - set(get_args(Kind)))
    if odd:
        raise typer.BadParameter(f"there is no kind {odd[0]!r}: take {', '.join(get_args(Kind))}")
    store = chosen(config, ledger)
    is_there = not isinstance(store, Path) or store.exists()
    rows = recent_events(store, wanted) if is_there else []
    if as_json:
        for row in rows:
            typer.echo(msgspec.json.encode(row))
    elif rows:
        printed(table(rows))
    else:
        typer.echo(f"no such events yet in {store if isinstance(store, Path) else shown(store)}")


def table(rows: Sequence[EventRow], zone: tzinfo | None = None) -> Table:
    """Return one row per event, in the order given; times in `zone`, or in local time."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(
            Text(_time(row.event_us, zone)),
            Text(row.kind, style=_STYLES.get(row.kind, "")),
            cell(_where(row)),
            cell(row.session_id and row.session_id[:_SHORT]),
            Text(UNKNOWN if row.until_us is None else _time(row.until_us, zone)),
            cell(" ".join(word for word in (row.failure, row.why) if word)),
        )
    return made


def _where(row: EventRow) -> str | None:
    place = "/".join(part for part in (row.provider, row.credential, row.model) if part)
    return ": ".join(part for part in (row.app, place) if part)


def _time(moment_us: int, zone: tzinfo | None) -> str:
    moment = datetime.fromtimestamp(moment_us / _S, tz=UTC).astimezone(zone)
    return moment.strftime("%m-%d %H:%M:%S")
