"""Why one request went as it did: what was decided, each attempt, and how its price comes about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from analysis.asking import answer, with_macros
from analysis.errors import BadRange, EmptyLedger
from analysis.prices.book import entries, put
from analysis.selection import Selection
from analysis.sources import Source
from proxy.ledger.asking import again_if_gone
from proxy.price_list import Pricing

_SELECT: Final = "SELECT * FROM main.requests WHERE request_id = ?::UUID"
_US: Final = timedelta(microseconds=1)
_ATTEMPT: Final = (
    *("request_id", "attempt_no", "started_at", "provider", "credential", "model_sent", "reason"),
    *("outcome", "held", "failure", "rule", "status", "error_message", "mended", "pin", "pin_why"),
    *("first_content_us", "total_us", "prompt_tokens", "output_tokens", "read", "written"),
    *("written_1h", "output", "reasoning", "listed", "paid", "price_source", "list_usd"),
    "paid_usd",
)

Row = Mapping[str, Any]  # a row of DuckDB: its columns are those of the query


@dataclass(frozen=True, slots=True)
class Explained:
    """A request's row, and one for each of its attempts, with what `explained.sql` adds."""

    request: Row
    attempts: tuple[Row, ...]


def explained(source: Source, request_id: str, pricing: Pricing) -> Explained:
    """Return what the ledger has of a request.

    Raises:
        BadRange: This is no id.
        EmptyLedger: There is no such request.
    """
    request = _request(source, _known(request_id))
    at: datetime = request["received_at"]
    asked = Selection(at, at + _US)  # so that files of other days are left alone
    with_macros(source)
    put(source, entries(source, pricing, asked))
    rows = [dict(zip(_ATTEMPT, row, strict=True)) for row in answer(source, "explained", asked)]
    own = str(request["request_id"])
    return Explained(request, tuple(row for row in rows if row["request_id"] == own))


def _known(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise BadRange(
            f"got {text!r}, want the id of a request, as in the header x-pointsman-request "
            "and in `pointsman requests --json`"
        ) from None


def _request(source: Source, request_id: str) -> Row:
    def asked() -> list[Row]:
        result = source.connection.execute(_SELECT, [request_id])
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    found = again_if_gone(asked)
    if not found:
        raise EmptyLedger(f"{source.place} holds no request {request_id}")
    return found[0]
