"""`pointsman requests`: what the ledger has of the last requests, as a table or as JSON."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final, Literal

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from proxy.cli.ledgers import chosen
from proxy.cli.tables import UNKNOWN, cell, printed
from proxy.ledger import views
from proxy.ledger.lake.address import shown
from proxy.record import AttemptRow, Entry, RequestRow

_STYLES: Final = {
    "whole": "green",
    "caller_fault": "yellow",
    "rejected": "yellow",
    "client_left": "dim",
    "stopped": "dim",
}
_NUMBERS: Final = {"in (cached)", "out", "first content", "total"}
_COLUMNS: Final = (
    "time",
    "app",
    "model",
    "attempts",
    "outcome",
    "in (cached)",
    "out",
    "first content",
    "total",
    "session",
)
_SESSION: Final = 8  # characters that tell sessions apart
_SECOND_US: Final = 1_000_000
_MANY_US: Final = 10_000  # from here on, tenths of a millisecond say nothing


def show(config: Path | None, ledger: str | None, last: int, *, as_json: bool) -> None:
    """Print the last requests.

    Raises:
        SetupError: The configuration or the ledger cannot be read.
    """
    store = chosen(config, ledger)
    is_there = not isinstance(store, Path) or store.exists()
    entries = views.recent_requests(store, last) if is_there else []
    if as_json:
        for entry in entries:
            typer.echo(msgspec.json.encode(entry))
    elif entries:
        printed(table(entries))
    else:
        typer.echo(f"no requests yet in {store if isinstance(store, Path) else shown(store)}")


def table(entries: Sequence[Entry], zone: tzinfo | None = None) -> Table:
    """Return one row per request, in the order given; times in `zone`, or in local time."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in _COLUMNS:
        side: Literal["left", "right"] = "right" if name in _NUMBERS else "left"
        made.add_column(name, justify=side, overflow="fold")  # narrow is ugly, never less
    for entry in entries:
        made.add_row(*_cells(entry, zone))
    return made


def _cells(entry: Entry, zone: tzinfo | None) -> list[Text]:
    request = entry.request
    style = _STYLES.get(request.outcome, "red")
    return [
        Text(_time(request.received_us, zone)),
        cell(request.app),
        cell(_model(request)),
        cell(attempts_text(entry.attempts)),
        Text(request.outcome, style=style),
        Text(_input(request)),
        Text(_count(request.output_tokens)),
        Text(_duration(request.first_content_us)),
        Text(_duration(request.total_us)),
        cell(request.session_id and request.session_id[:_SESSION]),
    ]


def attempts_text(attempts: Sequence[AttemptRow]) -> str:
    """Return attempts as `main 529 overloaded → relay 200`, with labels where they matter."""
    times = Counter(attempt.provider for attempt in attempts)
    return " → ".join(_attempt(attempt, times[attempt.provider] > 1) for attempt in attempts)


def _attempt(attempt: AttemptRow, is_labelled: bool) -> str:
    name = f"{attempt.provider}/{attempt.credential}" if is_labelled else attempt.provider
    words = [name]
    if attempt.status is not None:
        words.append(str(attempt.status))
    if attempt.outcome != "whole":
        words.append(attempt.failure or attempt.outcome)
    return " ".join(words)


def _model(request: RequestRow) -> str | None:
    asked, answered = request.model_requested, request.model_answered
    if answered is None or answered == asked:
        return asked
    return f"{asked or UNKNOWN} → {answered}"


def _input(request: RequestRow) -> str:
    if request.prompt_tokens is None and request.cache_read_tokens is None:
        return UNKNOWN
    return f"{_count(request.prompt_tokens)} ({_count(request.cache_read_tokens)})"


def _count(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def _duration(duration_us: int | None) -> str:
    if duration_us is None:
        return UNKNOWN
    if duration_us < _MANY_US:
        return f"{duration_us / 1000:.1f} ms"
    if duration_us < _SECOND_US:
        return f"{duration_us / 1000:.0f} ms"
    return f"{duration_us / _SECOND_US:.2f} s"


def _time(moment_us: int, zone: tzinfo | None) -> str:
    moment = datetime.fromtimestamp(moment_us / _SECOND_US, tz=UTC).astimezone(zone)
    return moment.strftime("%m-%d %H:%M:%S")
