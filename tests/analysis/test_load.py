"""What the analysis gets of a ledger."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from analysis.load import SCHEMAS, WrongColumns, checked, open_ledger
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.views import prepare
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal, request_id


def test_frames_of_stored_and_live_rows(tmp_path: Path) -> None:
    prepare(tmp_path)
    with open_ledger(tmp_path) as ledger:
        assert ledger.requests().schema == SCHEMAS["requests"]
        log = journal(tmp_path)
        log.write(entry(1))
        log.close()
        convert_sealed(folder_at(tmp_path), before_the_fence)
        log = journal(tmp_path, started_us=RECEIVED_US + 1)
        log.write(entry(2))
        requests, attempts = ledger.requests(), ledger.attempts()
    log.close()
    received = datetime(1970, 1, 1) + timedelta(microseconds=RECEIVED_US)  # noqa: DTZ001  # UTC
    assert requests.select("request_id", "received_at", "total_us", "app").rows() == [
        (request_id(n), received + timedelta(microseconds=n), 3_600_000_000 + n, "claude")
        for n in (1, 2)
    ]
    assert attempts.select("request_id", "attempt_no", "prompt_tokens").rows() == [
        (request_id(n), attempt_no, n) for n in (1, 2) for attempt_no in (1, 2)
    ]


def test_other_columns_are_refused() -> None:
    frame = pl.DataFrame(schema=SCHEMAS["attempts"]).with_columns(status=pl.lit("429"))
    with pytest.raises(WrongColumns, match=r"^attempts: got and wanted differ in status"):
        checked("attempts", frame)
