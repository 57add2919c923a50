"""What a worker's journal holds, and that nothing which goes wrong in it reaches a request."""

import errno
import fcntl
import os
import stat
import threading
from itertools import count
from pathlib import Path

import msgspec
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger.journal import Journal, Rotation
from proxy.ledger.line import MAX_LINE_BYTES, Line, read
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
    log = journal(tmp_path, rotation=Rotation(max_age_s=1.0), tick_us=lambda: next(ticks))
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
    log = journal(tmp_path, rotation=Rotation(max_bytes=1, try_again_s=0.0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fails(errno.EMFILE))
        log.write(entry(1))
    assert (log.dropped, log.last_error) == (0, "[Errno 24] Too many open files")
    log.write(entry(2))
    log.close()
    assert [said(path) for path in files(tmp_path)] == [["writer", "end 1", "end 2"], ["writer"]]


def fails(number: int) -> object:
    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return failing


def test_a_full_disk_costs_only_what_did_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = journal(tmp_path)
    real = os.write
    log.write(entry(1))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, line: real(fd, line[:100]))
        log.write(entry(2))
        patch.setattr(os, "write", fails(errno.ENOSPC))
        log.write(entry(3))
    assert (log.dropped, log.last_error) == (2, "[Errno 28] No space left on device")
    log.write(entry(4))
    log.close()
    assert said(files(tmp_path)[0]) == ["writer", "end 1", "end 4"]


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
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, line: real(fd, line[:100]))
        log.write(entry(3))
    log.write(entry(4))
    log.close()
    assert said(files(tmp_path)[0]) == ["writer", "damaged", "end 2", "end 4"]


LIMITED = """
import resource, sys
from pathlib import Path
from tests.ledger.entries import entry, journal
log = journal(Path(sys.argv[1]))
log.write(entry(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
log.write(entry(2))
log.write(entry(3))
dropped = log.dropped
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.write(entry(4))
log.close()
print(dropped, log.dropped, log.last_error)
"""


def test_the_systems_own_limit_is_survived(tmp_path: Path) -> None:
    assert run_python(LIMITED, str(tmp_path)).startswith("2 2 [Errno 28] only ")
    assert said(files(tmp_path)[0]) == ["writer", "end 1", "end 4"]


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
