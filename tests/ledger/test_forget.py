"""What belongs to one session goes from wherever it lies; all else stays as it was."""

from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.clock import REAL
from proxy.ledger import commits
from proxy.ledger.bodies.reading import shelves
from proxy.ledger.bodies.rewriting import Later
from proxy.ledger.bodies.segment import Segment
from proxy.ledger.commits import GRACE_US
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.forget import Whose, forget
from proxy.ledger.keep import Keep
from proxy.ledger.prune import prune
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare
from proxy.record import Entry, EventRow
from proxy.record.bodies import Body
from tests.ledger.entries import before_the_fence, journal, request_id
from tests.ledger.test_compact import on, put, seen

OURS, OTHER = "session of ours", "another"
RETENTION = Keep(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def of(session: str, number: int, day: int = -1) -> Entry:
    """Return an exchange in `session`, with an event that it caused."""
    plain = on(day, number)
    request = msgspec.structs.replace(plain.request, session_id=session)
    event = EventRow(
        event_id=request_id(1000 + number),
        event_us=request.received_us,
        host="h",
        worker_pid=1,
        config_hash="c",
        kind="pin_moved",
        request_id=request.request_id,
        session_id=session,
    )
    return msgspec.structs.replace(plain, request=request, events=(event,))


def store(folder: Folder, *numbers: int, stem: str = "host-1-1-000000") -> Segment:
    segment = Segment(folder, stem, b"secret")
    for number in numbers:
        content = b"%d said " % number + b"the same words " * 200
        segment.add(request_id(number), Body("client_request", None, 9, 0, content), 1)
    return segment


def bodies(folder: Folder) -> dict[str, bytes]:
    return {
        row.request_id: shelf.content(row.hash) for shelf in shelves(folder) for row in shelf.rows
    }


def on_disk(folder: Folder, *words: bytes) -> set[str]:
    """Return the files in which one of these stands, as it is or in Parquet."""
    found = set()
    for path in folder.root.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            text = path.read_bytes()
            if path.suffix == ".parquet":
                rows = duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
                text = repr(rows).encode()
            if any(word in text for word in words):
                found.add(path.name)
    return found


def counted(folder: Folder) -> dict[str, int]:
    tables = ("requests", "attempts", "losses", "events", "bodies")
    with open_ledger(folder.root) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]  # noqa: S608
            for table in tables
        }


def test_a_session_goes_from_parquet(folder: Folder) -> None:
    put(folder, of(OURS, 1), of(OTHER, 2), of(OURS, 3, day=-2))
    put(folder, of(OTHER, 4))
    before = seen(folder)
    store(folder, 1, 2, 3).close()
    asked = bodies(folder)
    done = forget(folder, Whose(session=OURS), before_the_fence)
    assert done.rows == {"requests": 2, "attempts": 4, "losses": 2, "events": 2}
    assert (done.bodies, done.in_journals, done.problems) == (2, False, ())
    assert seen(folder) == {one: before[one] for one in (request_id(2), request_id(4))}
    assert bodies(folder) == {request_id(2): asked[request_id(2)]}
    assert counted(folder) == {
        "requests": 2,
        "attempts": 4,
        "losses": 0,
        "events": 2,
        "bodies": 1,
    }
    assert list(problems(folder.root)) == []
    assert forget(folder, Whose(session=OURS), before_the_fence).is_nothing
    convert_sealed(folder, lambda: REAL.wall_us() + GRACE_US)
    gone = [OURS.encode(), request_id(1).encode(), request_id(3).encode(), b"1 said", b"3 said"]
    assert on_disk(folder, *gone) == set()


def test_a_dry_run_counts_the_same_and_changes_nothing(folder: Folder) -> None:
    put(folder, of(OURS, 1), of(OTHER, 2))
    segment = store(folder, 1, 2)
    before = seen(folder), folder.commits.read_bytes()
    said = forget(folder, Whose(session=OURS), before_the_fence, only_say=True)
    assert (seen(folder), folder.commits.read_bytes()) == before
    assert len(bodies(folder)) == 2
    segment.close()
    done = forget(folder, Whose(session=OURS), before_the_fence)
    assert (said.rows, said.bodies) == (done.rows, done.bodies)


def test_a_live_journal_is_passed_over_and_converted_without(folder: Folder) -> None:
    log = journal(folder.root, started_us=REAL.wall_us())
    segment = store(folder, 1, 2)
    for one in (of(OURS, 1), of(OTHER, 2), of(OURS, 3)):
        log.write(one)
    before = seen(folder)
    done = forget(folder, Whose(session=OURS), before_the_fence)
    assert (done.rows["requests"], done.bodies, done.in_journals) == (2, 1, True)
    assert seen(folder) == {request_id(2): before[request_id(2)]}
    assert counted(folder) == {"requests": 1, "attempts": 2, "losses": 0, "events": 1, "bodies": 1}
    log.write(of(OURS, 5))  # asked later: not what was to be forgotten
    later = Later(folder)
    assert later.turn() == []
    assert len(bodies(folder)) == 2  # its writer still has it
    log.close()
    segment.close()
    assert convert_sealed(folder, before_the_fence) == []
    assert later.turn() == []
    assert set(bodies(folder)) == {request_id(2)}
    assert set(seen(folder)) == {request_id(2), request_id(5)}
    assert list(problems(folder.root)) == []
    convert_sealed(folder, lambda: REAL.wall_us() + GRACE_US)
    assert on_disk(folder, request_id(1).encode(), request_id(3).encode()) == {"commits.jsonl"}


def test_one_request_goes_and_its_session_stays(folder: Folder) -> None:
    put(folder, of(OURS, 1), of(OURS, 2))
    store(folder, 1, 2).close()
    done = forget(folder, Whose(request=request_id(1)), before_the_fence)
    assert done.rows == {"requests": 1, "attempts": 2, "losses": 1, "events": 1}
    assert set(seen(folder)) == set(bodies(folder)) == {request_id(2)}


def test_what_is_not_there_changes_nothing(folder: Folder) -> None:
    put(folder, of(OTHER, 1))
    before = folder.commits.read_bytes()
    assert forget(folder, Whose(session=OURS), before_the_fence).is_nothing
    assert forget(folder, Whose(request=request_id(9)), before_the_fence).is_nothing
    assert folder.commits.read_bytes() == before


def test_quarantine_is_searched(folder: Folder) -> None:
    log = journal(folder.root, started_us=REAL.wall_us())
    for one in (of(OURS, 1), of(OTHER, 2), of(OURS, 3)):
        log.write(one)
    log.close()
    (path,) = folder.journal.glob("*-000000.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"total_us":3600000003', b'"total_us":3600000004'))
    assert convert_sealed(folder, before_the_fence) == []
    (folder.quarantine / "requests-x.parquet").write_bytes(b"damaged")
    done = forget(folder, Whose(session=OURS), before_the_fence)
    assert (done.rows["requests"], done.lines, done.unsearched) == (1, 2, ("requests-x.parquet",))
    (kept,) = folder.quarantine.glob("*.jsonl")
    assert OURS.encode() not in kept.read_bytes()
    assert request_id(2).encode() in kept.read_bytes()


def test_a_damaged_journal_comes_to_quarantine_without_what_was_forgotten(folder: Folder) -> None:
    log = journal(folder.root, started_us=REAL.wall_us())
    for one in (of(OURS, 1), of(OTHER, 2)):
        log.write(one)
    forget(folder, Whose(session=OURS), before_the_fence)
    log.close()
    (path,) = folder.journal.glob("*-000000.jsonl")
    path.write_bytes(path.read_bytes() + b'{"crc":"00000000","damaged":1}\n')
    assert convert_sealed(folder, before_the_fence) == []
    (kept,) = folder.quarantine.glob("*.jsonl")
    assert OURS.encode() not in kept.read_bytes()


def test_sums_of_pruned_days_stay(folder: Folder) -> None:
    put(folder, of(OURS, 1, day=-9), of(OTHER, 2, day=-9))
    prune(folder, RETENTION, before_the_fence)
    query = "SELECT sum(requests), sum(attempts) FROM rollups"
    with open_ledger(folder.root) as connection:
        before = connection.execute(query).fetchone()
        assert forget(folder, Whose(session=OURS), before_the_fence).is_nothing
        assert connection.execute(query).fetchone() == before == (2, 4)


def test_a_damaged_body_is_told_and_others_stay(folder: Folder) -> None:
    put(folder, of(OURS, 1), of(OTHER, 2), of(OTHER, 3))
    segment = Segment(folder, "host-1-1-000000", b"secret")
    for number in (1, 2, 3):
        content = b"%d" % number * 90
        segment.add(request_id(number), Body("client_request", None, 90, 0, content), 1)
    segment.close()
    (frames,) = folder.bodies.glob("*.frames")
    frames.write_bytes(frames.read_bytes()[:-1])
    done = forget(folder, Whose(session=OURS), before_the_fence)
    assert set(bodies(folder)) == {request_id(2)}
    assert len(done.problems) == 1


def test_the_commit_names_only_what_journals_had(folder: Folder) -> None:
    put(folder, of(OURS, 1))
    log = journal(folder.root, started_us=REAL.wall_us())
    log.write(of(OURS, 2))
    forget(folder, Whose(session=OURS), before_the_fence)
    log.close()
    found = commits.forgotten(commits.read(folder.commits))
    assert found == {request_id(2), request_id(1002)}
