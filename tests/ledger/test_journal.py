"""What a worker's journal holds, and that nothing which goes wrong in it reaches a request."""

import errno
import fcntl
import os
import shutil
import stat
import threading
from dataclasses import replace
from itertools import count
from pathlib import Path

import msgspec
import pytest

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger.ballast import ROOM, SLICE_BYTES, Ballast
from proxy.ledger.journal import Journal
from proxy.ledger.line import MAX_LINE_BYTES, Line, read
from proxy.ledger.writing import MIB, Rotation, Writing
from proxy.record import Entry
from tests.ledger.entries import RECEIVED_US, WRITER, entry, journal, request_id, run_python


def files(root: Path) -> list[Path]:
    return sorted((root / "journal").glob("*-*.jsonl"))


def said(path: Path) -> list[str]:
    """Return what each line of a file is about."""
    return [_about(read(raw)) for raw in path.read_bytes().splitlines()]


def _about(line: Line | None) -> str:
    match line:
        case Line(opened=opened) if opened is not None:
            return f"open {opened.request_id[-1]}"
        case Line(request=request) if request is not None:
            return f"end {request.request_id[-1]}"
        case Line(writer=writer) if writer is not None:
            return "writer"
    return "damaged"


def begin(log: Journal, number: int) -> None:
    log.opened(request_id(number), RECEIVED_US, "/v1/messages")


def test_one_write_for_an_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = journal(tmp_path)
    writes: list[bytes] = []
    real = os.write

    def write(fd: int, line: bytes) -> int:
        writes.append(line)
        return real(fd, line)

    monkeypatch.setattr(os, "write", write)
    log.write(entry(1, attempts=3))
    log.close()
    assert [_about(read(line[:-1])) for line in writes] == ["end 1"]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    log = journal(tmp_path / "ledger")
    (path,) = files(tmp_path / "ledger")
    assert path.name == f"a_host-7-{RECEIVED_US}-000000.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (tmp_path / "ledger", path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with path.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    log.close()
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_nobody_writes_into_a_file_of_before(tmp_path: Path) -> None:
    journal(tmp_path).close()
    with pytest.raises(LedgerUnusable, match="File exists"):
        journal(tmp_path)
    assert [said(path) for path in files(tmp_path)] == [["writer"]]


def test_a_full_file_is_followed_by_one_with_what_is_in_flight(tmp_path: Path) -> None:
    log = journal(tmp_path, rotation=Rotation(max_bytes=1))
    begin(log, 1)
    begin(log, 2)
    log.write(entry(2))
    log.write(entry(1))
    log.close()
    assert [said(path) for path in files(tmp_path)] == [
        ["writer", "open 1", "open 2", "end 2"],
        ["writer", "open 1", "end 1"],
        ["writer"],
    ]


def test_an_old_file_is_followed_by_another(tmp_path: Path) -> None:
    ticks = count(0, 600_000)
    world = replace(REAL, tick_us=lambda: next(ticks))
    log = journal(tmp_path, rotation=Rotation(max_age_s=1.0), world=world)
    for number in range(4):
        log.write(entry(number))
    log.close()
    assert [said(path) for path in files(tmp_path)] == [
        ["writer", "end 0", "end 1"],
        ["writer", "end 2", "end 3"],
        ["writer"],
    ]


def test_a_file_that_cannot_be_followed_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    rotation = Rotation(max_bytes=1, try_again_s=0.0)
    log = journal(tmp_path, rotation=rotation, say=told.append)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fails(errno.EMFILE))
        log.write(entry(1))
    assert (log.dropped, log.last_error) == (0, "Too many open files")
    assert told == ["ledger: no other journal can be begun (Too many open files)"]
    log.write(entry(2))
    log.close()
    assert [said(path) for path in files(tmp_path)] == [["writer", "end 1", "end 2"], ["writer"]]


def fails(number: int) -> object:
    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return failing


def test_what_does_not_fit_waits_and_is_written_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = journal(tmp_path)
    real = os.write
    log.write(entry(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, line: real(fd, line[:100]))
        assert not log.write(entry(2))
        patch.setattr(os, "write", fails(errno.ENOSPC))
        log.write(entry(3))
        begin(log, 4)
        assert not log.tend()
    assert (log.condition.waiting, log.condition.dropped) == (2, 0)
    log.write(entry(4))
    assert not log.tend()
    assert log.condition.waiting == 0
    log.write(entry(5))
    log.close()
    found = ["writer", "end 1", "end 2", "end 3", "open 4", "end 4", "end 5"]
    assert said(files(tmp_path)[0]) == found


def test_a_disk_that_stays_full_is_tried_once_a_look_and_not_once_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = journal(tmp_path)
    tries: list[bytes] = []

    def write(_: int, line: bytes) -> int:
        tries.append(line)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        for number in range(16):
            begin(log, number)
            log.write(entry(number))
        assert len(tries) == 1
        log.tend()
        assert len(tries) == 3  # all of it, and then the first line alone
    log.close()
    assert said(files(tmp_path)[0]) == [
        "writer",
        *(line for number in range(16) for line in (f"open {number:x}", f"end {number:x}")),
    ]


def test_an_old_file_ends_also_when_nobody_asks(tmp_path: Path) -> None:
    now_us = 0
    world = replace(REAL, tick_us=lambda: now_us)
    log = journal(tmp_path, rotation=Rotation(max_age_s=1.0), world=world)
    now_us = 5_000_000
    log.tend()
    assert len(list((tmp_path / "journal").glob("*-*.jsonl"))) == 1  # there is nothing in it
    log.write(entry(1))
    log.tend()
    log.write(entry(2))
    now_us = 20_000_000
    log.tend()
    log.tend()
    assert len(list((tmp_path / "journal").glob("*-*.jsonl"))) == 3
    log.close()


def test_what_goes_wrong_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    log = journal(tmp_path, writing=Writing(ballast_mib=0, buffer_mib=1), say=told.append)
    big = msgspec.structs.replace(entry(1).request, error_message="x" * 100_000)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails(errno.ENOSPC))
        for _ in range(20):
            log.write(Entry(request=big, attempts=()))
            log.tend()
        log.has_room()
    condition = log.condition
    assert (condition.waiting, condition.dropped) == (10, 10)
    assert condition.hindered_since_us is not None
    assert log.tend()  # a piece at a time
    while log.tend():
        pass
    log.has_room()
    assert log.condition.hindered_since_us is None
    log.close()
    why = f"ledger: {tmp_path} cannot be written (No space left on device)"
    assert told == [
        f"{why}: rows wait in memory, at most 1 MiB of them; make room",
        f"{why}: memory for rows is used up, and requests are served without a row; make room",
        f"ledger: {tmp_path} is written again; 10 requests have no row",
    ]


def test_what_is_waiting_at_the_end_is_lost_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    log = journal(tmp_path, say=told.append)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails(errno.EROFS))
        log.write(entry(1))
        log.close()
    assert log.dropped == 1
    assert told[1:] == ["ledger: 1 requests have no row: Read-only file system"]


def test_the_room_of_the_ballast_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    log = journal(tmp_path, writing=Writing(ballast_mib=1), say=told.append)
    assert log.condition.ballast_bytes == MIB
    real = os.write
    free = [0]

    def write(fd: int, line: bytes) -> int:
        """Find as much room as the ballast has left."""
        given = MIB - log.ballast.bytes
        if free[0] + len(line) > given:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        free[0] += len(line)
        return real(fd, line)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        big = msgspec.structs.replace(entry(1).request, error_message="x" * 200_000)
        for _ in range(6):
            log.write(Entry(request=big, attempts=()))
    condition = log.condition
    assert (condition.waiting, condition.dropped, condition.ballast_bytes) == (1, 0, 0)
    assert len(told) == 2
    assert not log.tend()
    assert log.needs_room
    assert log.ballast.restore()
    log.has_room()
    assert (log.needs_room, log.condition.ballast_bytes) == (False, MIB)
    log.close()
    assert said(files(tmp_path)[0]) == ["writer", *["end 1"] * 6]


def test_a_ballast_is_made_only_where_there_is_clearly_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ballast"
    real = os.statvfs

    def little(_: object) -> object:
        found = list(real(tmp_path))
        found[4] = ROOM * MIB // real(tmp_path).f_frsize - 1
        return os.statvfs_result(found)

    with monkeypatch.context() as patch:
        patch.setattr(os, "statvfs", little)
        assert (Ballast(path, MIB).restore(), path.stat().st_size) == (False, 0)
    ballast = Ballast(path, MIB)
    assert (ballast.restore(), path.stat().st_size) == (True, MIB)
    assert path.stat().st_blocks * 512 >= MIB
    assert ballast.give(1)
    assert (ballast.is_whole, ballast.bytes) == (False, MIB - SLICE_BYTES)
    assert ballast.give(1 << 30)
    assert (ballast.give(1), ballast.bytes) == (False, 0)
    assert (Ballast(path, 2 * MIB).restore(), path.stat().st_size) == (True, 2 * MIB)
    assert (Ballast(path, MIB).restore(), path.stat().st_size) == (True, MIB)
    assert (Ballast(path, 0).restore(), path.exists()) == (True, False)


@pytest.mark.parametrize("gone", ["journal", ""], ids=["its own folder", "the whole ledger"])
def test_a_removed_file_is_followed_by_one_with_what_was_new(tmp_path: Path, gone: str) -> None:
    told: list[str] = []
    root = tmp_path / "ledger"
    log = journal(root, say=told.append)
    log.write(entry(1))
    assert not log.tend()  # from here on it would have been seen
    begin(log, 2)
    begin(log, 3)
    log.write(entry(3))
    shutil.rmtree(root / gone)
    assert not log.tend() or gone == "journal"
    if not gone:
        log.write(entry(4))
        assert (log.condition.waiting, log.last_error) == (2, "its folder is gone")
        root.mkdir()
    while log.tend():
        pass
    log.write(entry(5))
    log.close()
    (path,) = files(root)
    later = [] if gone else ["end 4"]
    new = ["open 2", "open 3", "end 3", *later, "end 5"]
    assert said(path) == ["writer", "open 2", *new]
    assert told[0] == (
        f"ledger: {root} cannot be written (its journal was removed): "
        "rows wait in memory, at most 16 MiB of them; make room"
    )
    assert log.dropped == 0


def test_a_file_that_was_moved_away_keeps_its_rows(tmp_path: Path) -> None:
    log = journal(tmp_path)
    log.write(entry(1))
    (path,) = files(tmp_path)
    path.rename(tmp_path / "elsewhere")
    log.tend()
    log.write(entry(2))
    log.close()
    assert said(tmp_path / "elsewhere") == ["writer", "end 1"]
    assert [said(one) for one in files(tmp_path)] == [["writer", "end 2"]]


def test_a_torn_line_that_cannot_be_cut_off_stays_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = journal(tmp_path)
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", fails(errno.EIO))
        patch.setattr(os, "write", lambda fd, line: real(fd, line[:100]))
        log.write(entry(1))
    log.write(entry(2))
    assert not log.tend()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, line: real(fd, line[:100]))
        log.write(entry(3))
    log.write(entry(4))
    log.close()
    found = ["writer", "damaged", "end 1", "end 2", "end 3", "end 4"]
    assert said(files(tmp_path)[0]) == found


LIMITED = """
import resource, sys
from pathlib import Path
from tests.ledger.entries import entry, journal
log = journal(Path(sys.argv[1]))
log.write(entry(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
log.write(entry(2))
log.write(entry(3))
waiting = log.condition.waiting
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.write(entry(4))
log.close()
print(waiting, log.dropped, log.last_error)
"""


def test_the_systems_own_limit_is_survived(tmp_path: Path) -> None:
    assert run_python(LIMITED, str(tmp_path)) == "2 0 No space left on device\n"
    assert said(files(tmp_path)[0]) == ["writer", "end 1", "end 2", "end 3", "end 4"]


def test_a_row_longer_than_readers_take_is_counted(tmp_path: Path) -> None:
    log = journal(tmp_path)
    request = msgspec.structs.replace(entry(1).request, error_message="x" * MAX_LINE_BYTES)
    log.write(Entry(request=request, attempts=()))
    log.write(entry(2))
    log.close()
    assert log.dropped == 1
    assert said(files(tmp_path)[0]) == ["writer", "end 2"]


def test_what_comes_after_the_end_is_counted(tmp_path: Path) -> None:
    log = journal(tmp_path)
    log.close()
    begin(log, 1)
    log.write(entry(1))
    log.close()
    assert log.dropped == 1


def test_it_becomes_durable_in_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Event()
    threads: set[str] = set()

    def sync(_: int) -> None:
        threads.add(threading.current_thread().name)
        synced.set()

    monkeypatch.setattr(os, "fdatasync", sync)
    log = journal(tmp_path)
    log.write(entry(1))
    assert synced.wait(10)
    log.close()
    assert threads == {"ledger-sync"}


def test_a_sync_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdatasync", fails(errno.EIO))
    log = journal(tmp_path)
    log.write(entry(1))
    log.close()
    assert (log.dropped, log.last_error) == (0, "[Errno 5] Input/output error")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnusable, match=r"^the ledger in .* cannot be written .*folder$"):
        Journal(tmp_path / "file" / "ledger", WRITER)


def test_the_writers_side_does_not_import_duckdb() -> None:
    code = "import sys, proxy.ledger.journal, proxy.ledger.child; print('duckdb' in sys.modules)"
    assert run_python(code) == "False\n"
