"""From journals to Parquet: at every moment each row is there exactly once."""

import asyncio
import os
import subprocess
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.clock import REAL
from proxy.errors import LedgerUnusable
from proxy.ledger import child, commits, converter, parquet
from proxy.ledger.commits import GRACE_US
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at, locked
from proxy.ledger.journal import Journal
from proxy.ledger.line import entry_line
from proxy.ledger.lineage import Lineage
from proxy.ledger.views import prepare, recent_requests
from proxy.ledger.writing import Rotation
from proxy.record import Entry
from tests.ledger.entries import (
    RECEIVED_US,
    before_the_fence,
    convert_after_the_grace,
    entry,
    journal,
    request_id,
)

EVERYTHING = 1_000_000
FILLED = ("attempts", "requests")  # the tables of which an entry here has rows


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what `main` does to its process from the tests' own."""
    monkeypatch.setattr(os, "nice", lambda _: None)
    monkeypatch.setattr(os, "umask", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def written(folder: Folder, *entries: Entry) -> Path:
    """Return a journal whose writer is done with it."""
    before = set(folder.journal.iterdir())
    log = journal(folder.root, started_us=RECEIVED_US + len(before))
    for one in entries:
        log.write(one)
    log.close()
    (path,) = set(folder.journal.iterdir()) - before
    return path


def seen(folder: Folder) -> list[Entry]:
    return recent_requests(folder.root, last=EVERYTHING)


def stored(folder: Folder) -> list[str]:
    return sorted(path.name for path in folder.data.iterdir() if "-0." not in path.name)


def outcomes(folder: Folder) -> dict[str, str]:
    return {one.request.request_id[-1]: one.request.outcome for one in seen(folder)}


def test_parquet_holds_the_same_rows(folder: Folder) -> None:
    entries = [entry(number, attempts=number % 4) for number in range(9)]
    path = written(folder, *entries)
    assert seen(folder) == entries
    assert convert_sealed(folder, before_the_fence) == []
    path.unlink()  # so they cannot come from there
    assert seen(folder) == entries


def test_a_journal_goes_when_no_reader_can_have_listed_it(folder: Folder) -> None:
    path = written(folder, entry(1))
    convert_sealed(folder, before_the_fence)
    convert_sealed(folder)
    assert path.exists()
    convert_after_the_grace(folder)
    assert not path.exists()
    assert seen(folder) == [entry(1)]


def test_a_journal_being_written_is_left_alone(folder: Folder) -> None:
    log = journal(folder.root)
    log.write(entry(1))
    convert_sealed(folder, before_the_fence)
    log.write(entry(2))
    assert stored(folder) == []
    assert seen(folder) == [entry(1), entry(2)]
    log.close()


def test_a_commit_says_how_many_rows_each_file_has(folder: Folder) -> None:
    path = written(folder, entry(1), entry(2, attempts=3), entry(3, attempts=0))
    convert_sealed(folder)
    (commit,) = commits.read(folder.commits)
    rows = dict(zip(commit.add, commit.rows, strict=True))
    assert rows == {f"requests-{path.stem}.parquet": 3, f"attempts-{path.stem}.parquet": 5}
    assert stored(folder) == sorted(commit.add)


def test_a_journal_is_converted_once(folder: Folder) -> None:
    written(folder, entry(1))
    convert_sealed(folder)
    convert_sealed(folder)
    assert len(commits.read(folder.commits)) == 1


@pytest.mark.parametrize("place", ["_make_durable", "_copy", "sync_folder"])
def test_killed_before_the_commit(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    written(folder, entry(1))
    real = getattr(parquet, place)

    def dies(*arguments: object) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(parquet, place, dies)
        with pytest.raises(KeyboardInterrupt):
            convert_sealed(folder, before_the_fence)
    assert stored(folder) != []  # some of it is there, and counts for nobody
    assert seen(folder) == [entry(1)]
    convert_sealed(folder, before_the_fence)
    assert seen(folder) == [entry(1)]
    assert len(stored(folder)) == len(FILLED)


def test_until_the_fence_the_journal_counts_and_then_parquet_does(folder: Folder) -> None:
    path = written(folder, entry(1))
    convert_sealed(folder)
    assert seen(folder) == [entry(1)]
    path.unlink()
    assert seen(folder) == []  # it came from there, though its Parquet is committed
    (commit,) = commits.read(folder.commits)
    older = commits.Commit(before_the_fence(), commit.add, commit.drop)
    folder.commits.write_bytes(msgspec.json.encode(older))
    assert seen(folder) == [entry(1)]


def test_parquet_can_be_dropped(folder: Folder) -> None:
    written(folder, entry(1))
    convert_sealed(folder, before_the_fence)
    drop = tuple(stored(folder))
    commits.append(folder.commits, commits.Commit(before_the_fence(), drop=drop))
    assert seen(folder) == []


@pytest.mark.parametrize("missing", [1, 40], ids=["only its newline", "more than that"])
def test_a_torn_commit_does_not_spoil_the_next(folder: Folder, missing: int) -> None:
    journals = [written(folder, entry(1))]
    convert_sealed(folder, before_the_fence)
    folder.commits.write_bytes(folder.commits.read_bytes()[:-missing])
    assert seen(folder) == [entry(1)]
    journals.append(written(folder, entry(2)))
    convert_sealed(folder, before_the_fence)
    assert seen(folder) == [entry(1), entry(2)]
    for path in journals:
        path.unlink()  # both are committed
    assert seen(folder) == [entry(1), entry(2)]


def test_a_request_in_flight_at_the_death_of_its_worker(folder: Folder) -> None:
    log = journal(folder.root)
    log.opened(request_id(1), RECEIVED_US, "/v1/messages")
    log.opened(request_id(2), RECEIVED_US + 2, "/v1/messages")
    log.write(entry(2))
    log.close()  # like a kill: it lets the lock go and writes nothing
    convert_sealed(folder, before_the_fence)
    (crashed, whole) = seen(folder)
    assert whole == entry(2)
    assert msgspec.structs.astuple(crashed.request) == tuple(
        {
            "request_id": request_id(1),
            "received_us": RECEIVED_US,
            "path": "/v1/messages",
            "outcome": "crashed",
            "host": "a host",
            "worker_pid": 7,
            "proxy_version": "0.1.0",
            "config_hash": "c0ffee",
        }.get(name)
        for name in crashed.request.__struct_fields__
    )


def test_a_request_taken_along_did_not_crash(folder: Folder) -> None:
    log = journal(folder.root, rotation=Rotation(max_bytes=1))
    for number in (1, 2, 3):
        log.opened(request_id(number), RECEIVED_US + number, "/v1/messages")
    log.write(entry(1))
    convert_sealed(folder, before_the_fence)
    log.write(entry(2))
    log.close()
    assert outcomes(folder) == {"1": "whole", "2": "whole"}
    convert_sealed(folder, before_the_fence)
    assert outcomes(folder) == {"1": "whole", "2": "whole", "3": "crashed"}


def test_a_damaged_line_is_left_out_and_kept(folder: Folder) -> None:
    path = written(folder, entry(1), entry(2), entry(3))
    line = entry_line(entry(2))
    damaged = path.read_bytes().replace(line, line.replace(b'"status":200', b'"status":300'))
    path.write_bytes(damaged + b'{"crc":"torn')
    assert len(seen(folder)) == 3  # SQL computes no checksum, and it is still JSON
    convert_sealed(folder, before_the_fence)
    assert seen(folder) == [entry(1), entry(3)]
    convert_after_the_grace(folder)
    assert not path.exists()
    assert (folder.quarantine / path.name).read_bytes() == damaged + b'{"crc":"torn'


def test_a_torn_tail_alone_is_not_damage(folder: Folder) -> None:
    path = written(folder, entry(1))
    path.write_bytes(path.read_bytes() + entry_line(entry(2))[:-1])
    convert_sealed(folder, before_the_fence)
    assert seen(folder) == [entry(1)]
    assert list(folder.quarantine.iterdir()) == []


def test_one_that_fails_does_not_hold_up_the_others(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written(folder, entry(1))
    written(folder, entry(2))
    real = parquet.to_parquet

    def fails(where: Folder, path: Path, lineage: Lineage) -> dict[str, int]:
        if path == first:
            raise OSError(28, "No space left on device")
        return real(where, path, lineage)

    with monkeypatch.context() as patch:
        patch.setattr(converter, "to_parquet", fails)
        (problem,) = convert_sealed(folder, before_the_fence)
    assert problem.startswith(f"{first} was not converted, and will be tried again: ")
    assert seen(folder) == [entry(1), entry(2)]
    assert convert_sealed(folder, before_the_fence) == []
    assert seen(folder) == [entry(1), entry(2)]


STEPS = st.lists(
    st.sampled_from(
        ["write", "write", "open", "restart", "convert now", "convert", "convert long ago"]
    ),
    max_size=15,
)


@settings(max_examples=12, deadline=None)
@given(STEPS, st.sampled_from([1, 7000, 1 << 20]))
def test_every_row_is_there_once_whatever_happens_in_whatever_order(
    steps: list[str], max_bytes: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = folder_at(Path(name))
        prepare(folder.root)
        rotation = Rotation(max_bytes=max_bytes)
        log = journal(folder.root, rotation=rotation)
        entries: list[Entry] = []
        for number, step in enumerate(steps):
            match step:
                case "write":
                    entries.append(entry(number))
                    log.write(entries[-1])
                case "restart":
                    log.close()
                    log = journal(
                        folder.root, started_us=RECEIVED_US + number + 1, rotation=rotation
                    )
                case _:
                    _keep_house(folder, log, step, number)
            assert [one for one in seen(folder) if one.request.outcome != "crashed"] == entries
        log.close()


def _keep_house(folder: Folder, log: Journal, step: str, number: int) -> None:
    match step:
        case "open":
            log.opened(request_id(number), RECEIVED_US, "/")
        case "convert now":
            convert_sealed(folder)
        case "convert":
            convert_sealed(folder, before_the_fence)
        case "convert long ago":
            convert_sealed(folder, lambda: REAL.wall_us() - GRACE_US)
        case _:
            pytest.fail(step)


def test_a_child_works_until_its_parent_has_gone(folder: Folder) -> None:
    process = child.spawn(folder.root)
    written(folder, entry(1))
    child.stop(process)
    assert process.returncode == 0
    assert len(stored(folder)) == len(FILLED)


def test_a_child_takes_over(folder: Folder) -> None:
    with locked(folder.lock) as held:
        assert held
        process = child.spawn(folder.root)
        written(folder, entry(1))
    child.stop(process)
    assert len(stored(folder)) == len(FILLED)


@pytest.mark.anyio
async def test_a_child_that_is_killed_is_started_again(folder: Folder) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    said: list[str] = []

    def begin() -> subprocess.Popen[bytes]:
        begun.append(child.spawn(folder.root))
        return begun[-1]

    converting = child.Converting(begin, said.append, look_s=0.05)
    running = asyncio.ensure_future(converting.run())
    begun[0].kill()
    while len(begun) < 2:  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0.05)
    running.cancel()
    written(folder, entry(1))
    converting.stop()
    assert (said, begun[1].returncode) == (
        ["the converter ended with -9: started again in 0 s"],
        0,
    )
    assert len(stored(folder)) == len(FILLED)


def test_the_second_converter_says_so_and_ends(
    folder: Folder, capfd: pytest.CaptureFixture[str]
) -> None:
    with locked(folder.lock) as held:
        assert held
        assert converter.main([str(folder.root), "--once"]) == 0
    said = f"ledger converter: another converter is at work in {folder.root}\n"
    assert capfd.readouterr().err == said


def test_a_folder_that_cannot_be_used_ends_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert converter.main([str(tmp_path / "file" / "ledger"), "--once"]) == 2
    assert capfd.readouterr().err.startswith("ledger converter: the ledger in ")


def test_a_child_waits_for_a_disk_that_takes_no_views(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real, tries = converter.prepare, []

    def prepare(root: Path, *, is_shared: bool) -> None:
        tries.append(root)
        if len(tries) < 4:
            raise LedgerUnusable("no room") from OSError(28, "No space left on device")
        real(root, is_shared=is_shared)

    waits = iter([False, False, False, True])  # and then its parent has gone
    monkeypatch.setattr(converter, "prepare", prepare)
    monkeypatch.setattr(converter, "_parent_gone_after", lambda _: next(waits))
    monkeypatch.setattr(os, "nice", lambda _: 0)
    assert converter.main([str(tmp_path), "--child"]) == 0
    assert (tmp_path / "ledger.duckdb").exists()
    assert capfd.readouterr().err == (
        "ledger converter: no room\n"
        "ledger converter: goes on: what was told before is in order again\n"
    )
