"""What happens and is no request: on its way from a journal to readers, each row once."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.ledger import commits
from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.keep import Keep
from proxy.ledger.parts import find
from proxy.ledger.prune import prune
from proxy.ledger.snapshot import Wanted, snapshot
from proxy.ledger.stats import stats
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare, recent_requests, refresh
from proxy.record import Entry, EventRow
from proxy.record.ids import uuid7
from tests.ledger.entries import RECEIVED_US, WRITER, before_the_fence, entry, journal

DAY_US = 86_400_000_000
DAY = date(2026, 11, 18)


def event(number: int, *, day: int = 0, of: Entry | None = None) -> EventRow:
    """Return an event of that number, `day` days after the first request, caused by `of`."""
    event_us = RECEIVED_US + day * DAY_US + number
    return EventRow(
        event_id=uuid7(event_us // 1000, number.to_bytes(10)),
        event_us=event_us,
        host=WRITER.host,
        worker_pid=WRITER.worker_pid,
        config_hash=WRITER.config_hash,
        kind="breaker_opened" if of else "proxy_started",
        request_id=of and of.request.request_id,
        attempt_no=1 if of else None,
        provider="relay",
        session_id="c1a5-session",
        until_us=event_us + 15_000_000,
        failure="overloaded",
        why="you said no",
        detail='{"opened": 1}',
    )


def causing(number: int, *, day: int = 0) -> Entry:
    """Return an exchange of that number which caused an event `day` days later."""
    plain = entry(number)
    return msgspec.structs.replace(plain, events=(event(number, day=day, of=plain),))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path / "ledger")
    return folder_at(tmp_path / "ledger")


def put(folder: Folder, number: int, *what: Entry | EventRow) -> None:
    """Write into a journal of that number, and close it."""
    log = journal(folder.root, started_us=RECEIVED_US + number)
    for one in what:
        log.write(one) if isinstance(one, Entry) else log.happened((one,))
    log.close()


def seen(root: Path) -> list[str]:
    with open_ledger(root) as connection:
        query = "SELECT event_id::VARCHAR FROM events ORDER BY event_at"
        return [event_id for (event_id,) in connection.execute(query).fetchall()]


def test_those_of_a_request_and_all_others_are_in_one_view(folder: Folder) -> None:
    log = journal(folder.root)
    caused, alone = causing(1), event(2)
    log.write(caused)
    log.happened((alone,))
    ids = [caused.events[0].event_id, alone.event_id]
    assert seen(folder.root) == ids
    assert recent_requests(folder.root, last=1) == [caused]
    log.close()
    assert convert_sealed(folder, before_the_fence) == []
    assert seen(folder.root) == ids
    assert recent_requests(folder.root, last=1) == [caused]
    assert list(problems(folder.root)) == []
    assert stats(folder.root).events == 2


def test_a_journal_without_a_request_is_converted_as_well(folder: Folder) -> None:
    put(folder, 1, event(1))
    assert convert_sealed(folder, before_the_fence) == []
    (added,) = commits.read(folder.commits)
    assert [name.partition("-")[0] for name in added.add] == ["events"]
    assert seen(folder.root) == [event(1).event_id]


def test_each_goes_with_its_own_day(folder: Folder) -> None:
    late = causing(1, day=1)  # the request came in before midnight, and its breaker opened after
    put(folder, 1, late, event(2))
    put(folder, 2, event(3), event(4, day=1))
    convert_sealed(folder, before_the_fence)
    assert compact(folder, before_the_fence) == []
    found = find(folder, commits.standing(commits.read(folder.commits))).parts
    assert {(part.first, part.last): dict(part.rows) for part in found} == {
        (DAY, DAY): {"requests": 1, "attempts": 2, "events": 2},
        (date(2026, 11, 19), date(2026, 11, 19)): {"events": 2},
    }
    assert recent_requests(folder.root, last=1) == [late]
    assert len(seen(folder.root)) == 4


def test_a_day_of_events_alone_can_go(folder: Folder) -> None:
    put(folder, 1, event(1))
    put(folder, 2, causing(2, day=1))
    convert_sealed(folder, before_the_fence)
    compact(folder, before_the_fence)
    last = RECEIVED_US + 2 * DAY_US
    now_us = [last - commits.FENCE_US]
    for _ in range(2):
        assert prune(folder, Keep(days=1), lambda: now_us[0]).problems == ()
        now_us[0] += DAY_US
    assert seen(folder.root) == []
    with open_ledger(folder.root) as connection:
        assert connection.execute("SELECT sum(requests) FROM rollups").fetchone() == (1,)
    assert list(problems(folder.root)) == []


def test_one_that_is_there_twice_is_told(folder: Folder) -> None:
    put(folder, 1, event(1))
    put(folder, 2, event(1))
    assert list(problems(folder.root)) == [f"event {event(1).event_id} is there 2 times"]


def test_a_copy_has_those_of_its_requests_and_of_its_time(folder: Folder, tmp_path: Path) -> None:
    early, late = causing(1, day=1), causing(5)
    put(folder, 1, early, late, event(3), event(9), event(20))
    out = tmp_path / "out.duckdb"
    snapshot(folder.root, out, Wanted(RECEIVED_US, RECEIVED_US, RECEIVED_US + 4))
    with duckdb.connect(out, read_only=True) as connection:
        ids = connection.execute("SELECT event_id::VARCHAR FROM events ORDER BY ALL").fetchall()
    assert ids == [(event(3).event_id,), (early.events[0].event_id,)]


def test_a_copy_without_ids_and_texts(folder: Folder, tmp_path: Path) -> None:
    put(folder, 1, causing(1), event(2))
    out = tmp_path / "out.duckdb"
    snapshot(folder.root, out, Wanted(RECEIVED_US, redaction="texts"))
    with duckdb.connect(out, read_only=True) as connection:
        joined = "SELECT count(*) FROM events JOIN requests USING (request_id)"
        assert connection.execute(joined).fetchone() == (1,)
        kept = "SELECT DISTINCT failure, provider, why, detail, len(session_id) FROM events"
        assert connection.execute(kept).fetchall() == [("overloaded", "relay", None, None, 32)]
        every = str(connection.execute("FROM events").fetchall())
    told = [event(1).event_id, entry(1).request.request_id, "c1a5-session", "a host"]
    assert [one for one in told if one in every] == []


VERSION_1 = Path(__file__).with_name("version_1")


def test_what_the_first_version_wrote_is_read_and_gone_on_with(tmp_path: Path) -> None:
    """Its files: two requests in Parquet, one in a journal, and no table of events."""
    root = tmp_path / "ledger"
    shutil.copytree(VERSION_1, root)
    with duckdb.connect(root / "ledger.duckdb") as connection:
        connection.execute("CREATE TABLE meta AS SELECT 1 AS schema_version, 'older' AS face")
    refresh(root)
    old = [entry(1), entry(2), entry(3)]
    found = recent_requests(root, last=9)
    assert [msgspec.structs.replace(one, losses=()) for one in found] == old
    assert [len(one.losses) for one in found] == [1, 0, 1]
    put(folder_at(root), 7, event(7))
    assert convert_sealed(folder_at(root), before_the_fence) == []
    assert compact(folder_at(root), before_the_fence) == []
    assert recent_requests(root, last=9) == found
    assert seen(root) == [event(7).event_id]
    assert list(problems(root)) == []
