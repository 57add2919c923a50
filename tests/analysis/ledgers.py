"""Ledgers made of the rows a test names; every other column has something that may stand there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import polars as pl

from analysis import Ledger, open_ledger
from analysis.schemas import GRAINS, SCHEMAS

START = datetime(2026, 10, 1)  # noqa: DTZ001  # the ledger's times are UTC without saying so
Row = dict[str, object]

_PLAIN: dict[str, Row] = {
    "requests": {
        "received_at": START,
        "host": "a host",
        "worker_pid": 7,
        "proxy_version": "0.1.0",
        "config_hash": "c0ffee",
        "app": "claude",
        "endpoint": "generate",
        "path": "/v1/messages",
        "outcome": "whole",
        "n_attempts": 1,
    },
    "attempts": {
        "attempt_no": 1,
        "started_at": START,
        "provider": "main",
        "credential": "key",
        "provider_wire": "anthropic",
        "url": "https://one.example/v1/messages",
        "outcome": "whole",
        "committed": True,
        "total_us": 1_000_000,
        "sent_bytes": 100,
        "received_bytes": 100,
        "chunks": 1,
    },
    "losses": {"attempt_no": 1, "path": "messages[0]", "what": "an image", "why": "no place"},
    "events": {
        "event_at": START,
        "host": "a host",
        "worker_pid": 7,
        "config_hash": "c0ffee",
        "kind": "started",
    },
}


def rid(number: int) -> str:
    return str(UUID(int=7 << 76 | 2 << 62 | number))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def frame(grain: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows of a grain with all its columns; an integer `id` stands for the request's id."""
    whole = [
        {**_PLAIN[grain], **{k: v for k, v in row.items() if k != "id"}, **_ids(grain, row, number)}
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(whole, schema=SCHEMAS[grain])


def _ids(grain: str, row: Row, number: int) -> Row:
    ids: Row = {"event_id": rid(number)} if grain == "events" else {}
    asked = row.get("id", number)
    return ids | {"request_id": rid(asked)} if isinstance(asked, int) else ids


def ledger_of(folder: Path, **grains: Sequence[Row] | pl.DataFrame) -> Ledger:
    """Open a folder of Parquet with these rows; grains that are not named are empty."""
    for grain in GRAINS:
        if grain == "rollups":
            continue
        rows = grains.get(grain, [])
        found = rows if isinstance(rows, pl.DataFrame) else frame(grain, rows)
        found.write_parquet(folder / f"{grain}.parquet")
    return open_ledger(folder)
