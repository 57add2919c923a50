"""What readers see, while the journal is being written."""

import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger.commits import GRACE_US, Commit, append
from proxy.ledger.folder import folder_at
from proxy.ledger.views import again_if_gone, open_ledger, prepare, recent_requests, refresh
from tests.ledger.entries import entry, journal, request_id, run_python

COUNT = "SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM attempts)"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    prepare(tmp_path)
    return tmp_path


def counted(root: Path) -> object:
    with open_ledger(root) as connection:
        return connection.execute(COUNT).fetchone()


def test_a_row_is_there_as_soon_as_it_is_written(root: Path) -> None:
    log = journal(root)
    with open_ledger(root) as connection:
        assert connection.execute(COUNT).fetchone() == (0, 0)
        log.opened(request_id(1), 1, "/")
        assert connection.execute(COUNT).fetchone() == (0, 0)
        log.write(entry(1))
        assert connection.execute(COUNT).fetchone() == (1, 2)
        log.write(entry(2, attempts=0))
        assert connection.execute(COUNT).fetchone() == (2, 2)
    log.close()


ANY_CLIENT = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("SELECT request_id, epoch_us(received_at) FROM requests").fetchone())
"""


def test_any_client_in_another_process_sees_it(root: Path) -> None:
    log = journal(root)
    log.write(entry(1))
    row = entry(1).request
    with open_ledger(root):  # someone else holds it open
        seen = run_python(ANY_CLIENT, str(root / "ledger.duckdb"))
    assert seen == f"(UUID('{row.request_id}'), {row.received_us})\n"
    log.close()


def test_the_newest_are_told_with_their_attempts(root: Path) -> None:
    log = journal(root)
    entries = [entry(1), entry(2, attempts=0), entry(3, attempts=3)]
    for one in (entries[1], entries[2], entries[0]):  # the order in which they end is another
        log.write(one)
    assert recent_requests(root, last=9) == entries
    assert recent_requests(root, last=2) == entries[1:]
    log.close()


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b'{"crc":"00000000","request":{"request_id":"', id="torn"),
        pytest.param(b"\0" * 4096, id="zeros after a loss of power"),
        pytest.param(b"\xff\xfe{]\n\n{}\nnull\n", id="anything"),
    ],
)
def test_a_broken_tail_hides_nothing_else(root: Path, tail: bytes) -> None:
    log = journal(root)
    log.write(entry(1))
    log.close()
    (path,) = (root / "journal").glob("*-*.jsonl")
    path.write_bytes(path.read_bytes() + tail)
    assert recent_requests(root, last=9) == [entry(1)]


@pytest.mark.parametrize("name", ['it\'s a "folder"', "[x]*", "é {a,b} %s"])
def test_the_folder_may_be_called_anything(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    prepare(root)
    log = journal(root)
    log.write(entry(1))
    assert recent_requests(root, last=9) == [entry(1)]
    log.close()


def test_a_folder_that_moved_is_prepared_again(tmp_path: Path) -> None:
    prepare(tmp_path / "one")
    log = journal(tmp_path / "one")
    log.write(entry(1))
    log.close()
    shutil.move(tmp_path / "one", tmp_path / "two")
    prepare(tmp_path / "two")
    assert recent_requests(tmp_path / "two", last=9) == [entry(1)]


def test_what_is_right_is_left_alone(root: Path) -> None:
    face = root / "ledger.duckdb"
    before = face.stat().st_ino
    prepare(root)
    assert face.stat().st_ino == before


def test_a_face_that_cannot_be_read_is_made_anew(root: Path) -> None:
    (root / "ledger.duckdb").write_bytes(b"not a database" * 1000)
    prepare(root)
    assert counted(root) == (0, 0)


def test_files_are_their_owners_alone(root: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*")}
    folders = {"journal", "data", "bodies", "quarantine"}
    assert {name for name, mode in modes.items() if mode == 0o700} == folders
    assert {mode for name, mode in modes.items() if name not in folders} == {0o600}


def test_a_reader_that_could_miss_rows_is_refused(root: Path) -> None:
    late = Commit(t=REAL.wall_us() + GRACE_US)
    append(folder_at(root).commits, late)
    with pytest.raises(duckdb.Error, match="end it and ask again"):
        counted(root)


def test_no_ledger_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="there is no ledger in"):
        open_ledger(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnusable, match=r"cannot be written \(Not a directory: "):
        prepare(tmp_path / "file" / "ledger")


def test_a_file_that_is_gone_is_asked_for_again() -> None:
    left = [duckdb.IOException("no such file"), duckdb.IOException("no such file")]

    def query() -> str:
        if left:
            raise left.pop()
        return "rows"

    assert again_if_gone(query) == "rows"


def test_a_ledger_of_a_later_version_is_left_alone(root: Path) -> None:
    face = root / "ledger.duckdb"
    with duckdb.connect(face) as connection:
        connection.execute("UPDATE meta SET schema_version = 99, face = 'another'")
    with pytest.raises(LedgerUnusable, match="has schema 99, of a later version of pointsman"):
        prepare(root)
    assert counted(root) == (0, 0)  # and can be read as it was


def test_the_views_of_an_older_version_are_made_anew_for_who_reads_first(root: Path) -> None:
    face = root / "ledger.duckdb"
    with duckdb.connect(face) as connection:
        connection.execute("DROP VIEW losses")
        connection.execute("UPDATE meta SET face = 'older'")
    refresh(root)
    assert counted(root) == (0, 0)
    with open_ledger(root) as connection:
        assert connection.execute("SELECT count(*) FROM losses").fetchone() == (0,)


def test_what_a_later_version_has_left_is_not_made_anew(root: Path) -> None:
    face = root / "ledger.duckdb"
    with duckdb.connect(face) as connection:
        connection.execute("UPDATE meta SET schema_version = 99, face = 'another'")
    before = face.read_bytes()
    refresh(root)
    assert face.read_bytes() == before
