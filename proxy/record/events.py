"""Rows of what happened: an event says what, and its row where, and which request caused it."""

import hashlib

import msgspec

from proxy.happened import Happened
from proxy.record import EventRow
from proxy.record.ids import uuid7
from proxy.record.start import Origin

MAX_WHY_CHARS = 500
_DRAWN_BYTES = 10


def event_row(
    happened: Happened,
    origin: Origin,
    seed: str,
    request_id: str | None = None,
    attempt_no: int | None = None,
) -> EventRow:
    """Return the row of one event; equal arguments give the same one, id and all.

    Args:
        happened: What it was.
        origin: The process.
        seed: No other event has it.
        request_id: Of the request that caused it.
        attempt_no: Of its attempt that did.
    """
    drawn = hashlib.blake2b(seed.encode(), digest_size=_DRAWN_BYTES).digest()
    detail = happened.detail
    return EventRow(
        event_id=uuid7(happened.at_us // 1000, drawn),
        event_us=happened.at_us,
        host=origin.host,
        worker_pid=origin.worker_pid,
        config_hash=origin.config_hash,
        kind=happened.kind,
        request_id=request_id,
        attempt_no=attempt_no,
        app=happened.app,
        provider=happened.provider,
        credential=happened.credential,
        model=happened.model,
        session_id=happened.session_id,
        until_us=happened.until_us,
        failure=happened.failure,
        why=happened.why and happened.why[:MAX_WHY_CHARS],
        detail=None if detail is None else msgspec.json.encode(detail).decode(),
    )
