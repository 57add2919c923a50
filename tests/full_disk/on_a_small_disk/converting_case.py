"""The converter on a full disk: it changes nothing, says so once, and goes on."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from proxy.ledger import commits, converter
from proxy.ledger.commits import Commit
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.views import open_ledger, prepare
from tests.full_disk.on_a_small_disk.disk import fill, free
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal

ROWS = 50


@pytest.fixture
def folder(disk: Path) -> Folder:
    """Return a ledger with two journals that nobody writes any more, on a full disk."""
    folder = folder_at(disk / "ledger")
    prepare(folder.root)
    for first in (0, ROWS):
        log = journal(folder.root, started_us=RECEIVED_US + first)
        for number in range(first, first + ROWS):
            log.write(entry(number))
        log.close()
    return folder


def made(folder: Folder) -> list[str]:
    """Return the names of all data but the placeholders."""
    return sorted(path.name for path in folder.data.iterdir() if not path.stem.endswith("-0"))


def count(folder: Folder) -> tuple[int, int]:
    with open_ledger(folder.root) as connection:
        query = "SELECT count(*), count(DISTINCT request_id) FROM requests"
        found = connection.execute(query).fetchone()
        assert found is not None
        return found[0], found[1]


def test_it_says_once_that_there_is_no_room_and_goes_on(folder: Folder, disk: Path) -> None:
    fill(disk)
    command = [sys.executable, "-m", "proxy.ledger.converter", str(folder.root)]
    with subprocess.Popen(  # noqa: S603  # ours
        [*command, "--interval-s", "0.05"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            time.sleep(0.5)
            assert (made(folder), count(folder)) == ([], (2 * ROWS, 2 * ROWS))
            free(disk)
            second = process.stderr.readline()
        finally:
            process.kill()
    where = f"ledger converter: there is too little room on the disk of {folder.root}"
    assert first == f"{where} to convert journals: they are read where they are\n"
    assert second == "ledger converter: goes on: what was told before is in order again\n"
    assert len(commits.read(folder.commits)) >= 2  # they may be one file already
    assert count(folder) == (2 * ROWS, 2 * ROWS)


def test_a_disk_that_fills_meanwhile_leaves_no_half_file(
    folder: Folder, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(disk)
    with monkeypatch.context() as patch:
        patch.setattr(converter, "claim", lambda *_: None)  # there was room a moment ago
        problems = convert_sealed(folder, before_the_fence)
    assert len(problems) == 2
    assert all("No space left on device" in problem for problem in problems)
    assert made(folder) == []
    free(disk)
    assert convert_sealed(folder, before_the_fence) == []
    assert count(folder) == (2 * ROWS, 2 * ROWS)


def test_a_commit_that_is_cut_off_does_not_count_and_harms_none_after_it(
    folder: Folder, disk: Path
) -> None:
    page = 4096  # what is there at once on this disk, or not at all
    folder.commits.write_bytes(b"\n" * (page - 20))
    fill(disk)
    commit = Commit(1, ("requests-a.parquet",), ("a.jsonl",), (1,))
    with pytest.raises(OSError, match="no space for a line"):
        commits.append(folder.commits, commit)
    assert folder.commits.stat().st_size == page
    assert commits.read(folder.commits) == ()
    with pytest.raises(OSError, match="No space left on device"):
        commits.append(folder.commits, commit)
    free(disk)
    commits.append(folder.commits, commit)
    assert commits.read(folder.commits) == (commit,)
