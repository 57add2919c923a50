"""Days that are over, in one file for each table; at every moment each row is there once."""

import os
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.clock import REAL
from proxy.ledger import commits, compact, parts
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare, recent_requests
from proxy.record import Entry, LossRow
from tests.ledger.entries import (
    RECEIVED_US,
    before_the_fence,
    convert_after_the_grace,
    entry,
    journal,
)

DAY_US = 86_400_000_000
DAY = date(2026, 11, 18)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def on(day: int, number: int) -> Entry:
    """Return an exchange of that number, `day` days after the first ones, with a loss."""
    plain = entry(number)
    request = msgspec.structs.replace(plain.request, received_us=RECEIVED_US + day * DAY_US)
    loss = LossRow(request_id=request.request_id, attempt_no=1, path="x", what="y", why="z")
    losses = (loss,) if number % 2 else ()
    return Entry(request=request, attempts=plain.attempts, losses=losses)


def put(folder: Folder, *entries: Entry) -> None:
    """Write entries into Parquet files of their own."""
    log = journal(folder.root, started_us=REAL.wall_us())
    for one in entries:
        log.write(one)
    log.close()
    assert convert_sealed(folder, before_the_fence) == []


def seen(folder: Folder) -> dict[str, Entry]:
    found = recent_requests(folder.root, last=1000)
    by_id = {one.request.request_id: one for one in found}
    assert len(by_id) == len(found)
    return by_id


def by_id(*entries: Entry) -> dict[str, Entry]:
    return {one.request.request_id: one for one in entries}


def live(folder: Folder) -> list[str]:
    return sorted(commits.standing(commits.read(folder.commits)).rows)


def file_of(day: str, number: int = 1) -> list[str]:
    return [f"{table}-{day}.{number:04d}.parquet" for table in ("attempts", "losses", "requests")]


def test_a_day_becomes_one_file_a_table_in_the_order_of_time(folder: Folder) -> None:
    entries = [on(0, 1), on(0, 2), on(0, 3)]
    entries[0] = msgspec.structs.replace(
        entries[0], request=msgspec.structs.replace(entries[0].request, received_us=RECEIVED_US + 9)
    )
    for one in entries:
        put(folder, one)
    assert compact.compact(folder, before_the_fence) == []
    assert live(folder) == file_of("2026-11-18")
    assert seen(folder) == by_id(*entries)
    file = str(folder.data / file_of("2026-11-18")[2])
    with duckdb.connect() as connection:
        query = f"SELECT received_at FROM read_parquet('{file}')"  # noqa: S608  # ours
        times = [row[0] for row in connection.execute(query).fetchall()]
    assert times == sorted(times)
    assert list(problems(folder.root)) == []


def test_until_the_fence_the_old_files_count(folder: Folder) -> None:
    entries = [on(0, 1), on(0, 2)]
    for one in entries:
        put(folder, one)
    compact.compact(folder)
    assert live(folder) == file_of("2026-11-18")
    assert seen(folder) == by_id(*entries)
    new = folder.data / file_of("2026-11-18")[2]
    new.unlink()  # so the rows cannot come from there
    assert seen(folder) == by_id(*entries)


def test_old_files_go_when_no_reader_can_have_listed_them(folder: Folder) -> None:
    put(folder, on(0, 1))
    put(folder, on(0, 2))
    compact.compact(folder, before_the_fence)
    convert_sealed(folder)
    assert len(list(folder.data.glob("requests-a_host*"))) == 2
    convert_after_the_grace(folder)
    assert list(folder.data.glob("requests-a_host*")) == []
    assert len(seen(folder)) == 2


def test_a_file_of_several_days_is_parted(folder: Folder) -> None:
    entries = [on(day, 10 * day + number) for day in (0, 1, 3) for number in (1, 2)]
    put(folder, *entries)
    put(folder, on(1, 50))
    assert compact.compact(folder, before_the_fence) == []
    assert seen(folder) == by_id(*entries, on(1, 50))
    assert live(folder) == sorted(
        [*file_of("2026-11-18"), *file_of("2026-11-19", 2), *file_of("2026-11-21")]
    )


def test_a_day_that_is_not_over_is_left_alone(folder: Folder) -> None:
    put(folder, on(0, 1))
    put(folder, on(0, 2), on(1, 3))
    before = live(folder)
    assert compact.compact(folder, lambda: RECEIVED_US + 3600) == []
    assert live(folder) == before
    compact.compact(folder, lambda: RECEIVED_US + DAY_US)
    assert live(folder) == before  # one file reaches into that day, and the other is alone


def test_what_comes_late_is_added_and_nothing_is_done_twice(folder: Folder) -> None:
    put(folder, on(0, 1))
    put(folder, on(0, 2))
    compact.compact(folder, before_the_fence)
    count = len(commits.read(folder.commits))
    compact.compact(folder, before_the_fence)
    assert len(commits.read(folder.commits)) == count
    put(folder, on(0, 3))
    compact.compact(folder, before_the_fence)
    assert live(folder) == file_of("2026-11-18", 2)
    assert seen(folder) == by_id(on(0, 1), on(0, 2), on(0, 3))


@pytest.mark.parametrize("place", ["_day", "sync_folder", "write"])
def test_killed_before_the_commit(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    entries = [on(0, 1), on(0, 2)]
    for one in entries:
        put(folder, one)
    real = getattr(compact, place)

    def dies(*arguments: object) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(compact, place, dies)
        with pytest.raises(KeyboardInterrupt):
            compact.compact(folder, before_the_fence)
    assert seen(folder) == by_id(*entries)
    assert list(problems(folder.root)) == []
    assert compact.compact(folder, before_the_fence) == []
    assert seen(folder) == by_id(*entries)
    assert [path for path in folder.root.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_file_is_moved_away_and_the_rest_can_be_read(folder: Folder) -> None:
    put(folder, on(0, 1))
    put(folder, on(0, 2))
    put(folder, on(0, 3))
    name = next(name for name in live(folder) if name.startswith("requests"))
    path = folder.data / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Exception, match="cannot be read"):
        seen(folder)
    (told,) = compact.compact(folder, before_the_fence)
    assert told.startswith(f"{path} is damaged and was moved to {folder.quarantine}: its rows are")
    assert "\n" not in told
    assert (folder.quarantine / name).exists()
    assert len(seen(folder)) == 2


def test_rows_that_belong_to_nobody_are_kept(folder: Folder) -> None:
    put(folder, on(0, 1), on(0, 2))
    put(folder, on(0, 3))
    name = next(name for name in live(folder) if name.startswith("requests"))
    with duckdb.connect() as connection:  # one request fewer than its attempts know
        query = f"SELECT * FROM read_parquet('{folder.data / name}') LIMIT 1"  # noqa: S608  # ours
        connection.execute(f"COPY ({query}) TO '{folder.root / 'x'}' (FORMAT parquet)")
    os.replace(folder.root / "x", folder.data / name)  # noqa: PTH105  # short
    before = live(folder)
    (told,) = compact.compact(folder, before_the_fence)
    assert told.startswith("2026-11-18 was not compacted: 6 rows of attempts, of which ")
    assert live(folder) == before


def test_a_missing_file_does_not_hold_up_the_rest(folder: Folder) -> None:
    for number in (1, 2, 3):
        put(folder, on(0, number))
    name = next(name for name in live(folder) if name.startswith("losses"))
    (folder.data / name).unlink()
    assert compact.compact(folder, before_the_fence) == []
    assert len(seen(folder)) == 3


def test_the_next_name_is_the_same_until_it_is_committed(folder: Folder) -> None:
    first = parts.next_name(folder, "requests", DAY)
    assert first == parts.next_name(folder, "requests", DAY)
    assert first.name == "requests-2026-11-18.0001.parquet"
    commits.append(folder.commits, commits.Commit(1, add=(first.name,)))
    commits.append(folder.commits, commits.Commit(2, drop=(first.name,)))
    assert parts.next_name(folder, "requests", DAY).name == "requests-2026-11-18.0002.parquet"


def test_readers_in_one_transaction_see_one_state(folder: Folder) -> None:
    put(folder, on(0, 1))
    put(folder, on(0, 2))
    with open_ledger(folder.root) as connection:
        connection.execute("BEGIN")
        count = "SELECT count(*) FROM requests"
        assert connection.execute(count).fetchone() == (2,)
        compact.compact(folder)
        assert connection.execute(count).fetchone() == (2,)
        connection.execute("COMMIT")
        assert connection.execute(count).fetchone() == (2,)
