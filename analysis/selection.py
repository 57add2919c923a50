# ruff: noqa: S608  # names come from schema.sql, and what was asked for goes through quoted()
"""Which rows are asked about, as SQL: the filters stand where DuckDB can skip what they leave out.

Time and app are those of requests in every grain, so the rows of one selection belong together and
add up; events, which may have no request, go by their own. The provider is that of the row itself:
of an attempt, the one asked; of a request, the one whose answer was passed on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from analysis.errors import BadRange
from proxy.ledger.sql import quoted


@dataclass(frozen=True, slots=True)
class Selection:
    """Requests received from `since` on and before `until`, both UTC; `None` is no limit."""

    since: datetime | None = None
    until: datetime | None = None
    app: str | None = None
    provider: str | None = None

    def __post_init__(self) -> None:
        since, until = self.since, self.until
        if since is not None and until is not None and utc(since) >= utc(until):
            raise BadRange(
                f"the range begins at {utc(since)} and ends at {utc(until)} (UTC): "
                "--since must be before --until"
            )


ALL: Final = Selection()


def utc(moment: datetime) -> datetime:
    """Return it in UTC, without its zone, as the ledger has it; one without a zone is UTC."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def rows(grain: str, selection: Selection) -> str:
    """Return a query for the rows of a grain that the selection asks about."""
    told = {
        "requests": _requests,
        "attempts": _attempts,
        "events": _events,
        "rollups": _rollups,
    }
    limits = told.get(grain, _of_attempts)(selection)
    return f"SELECT * FROM main.{grain}" + (f" WHERE {' AND '.join(limits)}" if limits else "")


def _requests(selection: Selection) -> list[str]:
    return [*_received(selection), *_provider(selection)]


def _attempts(selection: Selection) -> list[str]:
    since = selection.since
    # An attempt begins after its request: this alone lets DuckDB skip what is older.
    begun = [] if since is None else [f"started_at >= {_moment(since)}"]
    return [*begun, *_provider(selection), *_of_requests(selection)]


def _events(selection: Selection) -> list[str]:
    limits = [limit.replace("received_at", "event_at") for limit in _received(selection)]
    return [*limits, *_provider(selection)]


def _rollups(selection: Selection) -> list[str]:
    """Return the limits of whole days: those that lie in the range."""
    limits = []
    if selection.since is not None:
        limits.append(f"day >= {_moment(selection.since)}")
    if selection.until is not None:
        limits.append(f"day < {_moment(selection.until)}")
    return [*limits, *_app(selection), *_provider(selection)]


def _of_requests(selection: Selection) -> list[str]:
    received = _received(selection)
    if not received:
        return []
    ids = f"SELECT request_id FROM main.requests WHERE {' AND '.join(received)}"
    return [f"request_id IN ({ids})"]


def _of_attempts(selection: Selection) -> list[str]:
    if selection.provider is None:
        return _of_requests(selection)
    keys = f"SELECT request_id, attempt_no FROM main.attempts WHERE {_provider(selection)[0]}"
    return [f"(request_id, attempt_no) IN ({keys})", *_of_requests(selection)]


def _received(selection: Selection) -> list[str]:
    limits = []
    if selection.since is not None:
        limits.append(f"received_at >= {_moment(selection.since)}")
    if selection.until is not None:
        limits.append(f"received_at < {_moment(selection.until)}")
    return [*limits, *_app(selection)]


def _app(selection: Selection) -> list[str]:
    return [] if selection.app is None else [f"app = {quoted(selection.app)}"]


def _provider(selection: Selection) -> list[str]:
    return [] if selection.provider is None else [f"provider = {quoted(selection.provider)}"]


def _moment(moment: datetime) -> str:
    return f"TIMESTAMP {quoted(utc(moment).isoformat(sep=' '))}"
