"""What `ledger verify` finds, and that it leaves everything as it was."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger import commits
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.stats import stats
from proxy.ledger.verify import problems
from proxy.ledger.views import prepare
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A ledger with two requests in Parquet and one in a journal whose writer is at work."""
    prepare(tmp_path)
    put(folder_at(tmp_path), 1, 2)
    convert_sealed(folder_at(tmp_path), before_the_fence)
    put(folder_at(tmp_path), 3)
    return folder_at(tmp_path)


def put(folder: Folder, *numbers: int) -> None:
    log = journal(folder.root, started_us=RECEIVED_US + numbers[0])
    for number in numbers:
        log.write(entry(number))
    log.close()


def one(folder: Folder, pattern: str) -> Path:
    (path,) = (path for path in folder.root.glob(pattern) if "-0." not in path.name)
    return path


def committed(folder: Folder, **fields: object) -> None:
    (commit,) = commits.read(folder.commits)
    changed = msgspec.structs.replace(commit, **fields)
    folder.commits.write_bytes(msgspec.json.encode(changed) + b"\n")


def test_nothing_is_wrong(folder: Folder) -> None:
    assert list(problems(folder.root)) == []


def test_a_line_being_written_and_what_a_conversion_has_begun_are_not_wrong(folder: Folder) -> None:
    path = one(folder, f"journal/*-{RECEIVED_US + 3}-*")
    path.write_bytes(path.read_bytes() + b'{"crc":"torn')
    (folder.data / f"requests-{path.stem}.parquet").write_bytes(b"half")
    found = list(problems(folder.root))
    assert [line for line in found if "views" not in line] == []


def corrupt_parquet(folder: Folder) -> str:
    path = one(folder, "data/requests-*")
    path.write_bytes(b"junk" * 100)
    return f"{path} cannot be read: Invalid Input Error: No magic bytes found"


def missing_file(folder: Folder) -> str:
    path = one(folder, "data/attempts-*")
    path.unlink()
    return f"{path} is missing: its rows are in nobody's answers"


def other_counts(folder: Folder) -> str:
    committed(folder, rows=(2, 5))
    return f"{one(folder, 'data/attempts-*')} has 4 rows, and commits.jsonl says 5"


def damaged_commit(folder: Folder) -> str:
    folder.commits.write_bytes(b'{"t":1,"add":[nonsense]}\n' + folder.commits.read_bytes())
    return f"{folder.commits}: line 1 is damaged, and what it added is not counted"


def lost_commit(folder: Folder) -> str:
    folder.commits.write_bytes(b'{"t":1}\n')
    one(folder, f"journal/*-{RECEIVED_US + 1}-*").unlink()
    return f"{one(folder, 'data/attempts-*')} is in no commit: it was left over, or its line"


def damaged_journal(folder: Folder) -> str:
    path = one(folder, f"journal/*-{RECEIVED_US + 3}-*")
    path.write_bytes(path.read_bytes().replace(b'"status":200', b'"status":300'))
    return f"{path}: lines whose checksum is wrong: 1"


def twice(folder: Folder) -> str:
    put(folder, 4)
    log = journal(folder.root, started_us=RECEIVED_US + 9)
    log.write(entry(3))
    log.close()
    return f"request {entry(3).request.request_id} is there 2 times"


def alone(folder: Folder) -> str:
    path = one(folder, "data/attempts-*")
    committed(folder, add=(path.name,), rows=(4,))
    return f"request {entry(1).request.request_id} is not there, but has attempts"


@pytest.mark.parametrize(
    "damage",
    [
        corrupt_parquet,
        missing_file,
        other_counts,
        damaged_commit,
        lost_commit,
        damaged_journal,
        twice,
        alone,
    ],
    ids=lambda one: one.__name__.replace("_", " "),
)
def test_a_problem_is_a_line_and_changes_nothing(
    folder: Folder, damage: Callable[[Folder], str]
) -> None:
    told = damage(folder)
    before = {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}
    found = list(problems(folder.root))
    assert any(line.startswith(told) for line in found), found
    assert all("\n" not in line for line in found)
    assert {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()} == before


def test_what_is_there_is_counted(folder: Folder) -> None:
    (folder.quarantine / "bad.jsonl").write_bytes(b"12345")
    found = stats(folder.root)
    assert (found.requests, found.attempts, found.losses) == (3, 6, 0)
    assert (found.oldest_at, found.newest_at) == (
        "2026-11-18T11:06:40.000001",
        "2026-11-18T11:06:40.000003",
    )
    assert (found.parquet_files, found.journals, found.replaced_files) == (2, 1, 1)
    assert found.journal_bytes == one(folder, f"journal/*-{RECEIVED_US + 3}-*").stat().st_size
    assert (found.quarantine_bytes, found.quarantined) == (5, ("bad.jsonl",))
    assert found.schema_versions == (2,)
    assert found.problem is None


def test_files_are_counted_though_one_of_them_cannot_be_read(folder: Folder) -> None:
    corrupt_parquet(folder)
    found = stats(folder.root)
    assert (found.requests, found.parquet_files, found.schema_versions) == (None, 2, (2,))
    assert found.problem is not None
    assert found.problem.startswith("Invalid Input Error: No magic bytes")


def test_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable, match="there is no ledger in"):
        stats(tmp_path)
    with pytest.raises(LedgerUnusable, match="there is no ledger in"):
        next(problems(tmp_path))
