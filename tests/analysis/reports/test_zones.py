# ruff: noqa: DTZ001  # the ledger's times are UTC without saying so
"""Local time in SQL is that of Python's zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.zones import local_sql, offsets

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
MOMENTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2028, 1, 1))


@given(zone=st.sampled_from(ZONES), ends=st.tuples(MOMENTS, MOMENTS), share=st.floats(0, 1))
def test_each_moment_of_a_range(zone: str, ends: tuple[datetime, datetime], share: float) -> None:
    since, until = sorted(ends)
    moment = since + (until - since) * share
    (found,) = [
        offset
        for at, offset in offsets(ZoneInfo(zone), since, until)
        if at == max(at for at, _ in offsets(ZoneInfo(zone), since, until) if at <= moment)
    ]
    assert found == moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()


def test_a_summer_begins() -> None:
    begins = datetime(2026, 3, 29, 1)
    found = offsets(ZoneInfo("Europe/Berlin"), begins - timedelta(days=9), begins)
    assert found == [
        (begins - timedelta(days=9), timedelta(hours=1)),
        (begins, timedelta(hours=2)),
    ]
    text = local_sql(found)
    query = f"SELECT {text} FROM (SELECT unnest([$1::TIMESTAMP, $2::TIMESTAMP]) AS t)"  # noqa: S608
    rows = duckdb.execute(query, [begins - timedelta(seconds=1), begins]).fetchall()
    assert rows == [(datetime(2026, 3, 29, 1, 59, 59),), (datetime(2026, 3, 29, 3),)]
