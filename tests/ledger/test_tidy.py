"""`commits.jsonl`, put right: shorter or with better times, and what counts is the same."""

from datetime import date
from itertools import accumulate
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.clock import REAL
from proxy.ledger import commits, parts, tidy
from proxy.ledger.commits import FENCE_US, GRACE_US, Commit
from proxy.ledger.compact import compact
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.tidy import OLD_US, in_the_past, shortened, tidied
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare, recent_requests
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal, let_time_pass

NOW_US = RECEIVED_US + 100 * OLD_US


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def put(folder: Folder, number: int) -> None:
    log = journal(folder.root, started_us=RECEIVED_US + number)
    log.write(entry(number))
    log.close()


def seen(folder: Folder) -> int:
    return len(recent_requests(folder.root, last=100))


def counted(found: tuple[Commit, ...], now_us: int) -> tuple[set[str], set[str]] | None:
    """Return what a reader whose transaction began then counts, and what it leaves out."""
    if any(one.t > now_us + GRACE_US // 2 for one in found):
        return None  # it is refused
    known = [one for one in found if one.t <= now_us - FENCE_US]
    dropped = {name for one in known for name in one.drop}
    return {name for one in known for name in one.add} - dropped, dropped


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[Commit, ...], set[str]]:
    """Draw commits as time went by, and which files are still there."""
    waits = draw(st.lists(st.integers(1, OLD_US // 4), min_size=1, max_size=30))
    times = list(accumulate(waits, initial=NOW_US - sum(waits)))[1:]
    found: list[Commit] = []
    live: list[str] = []
    for number, t in enumerate(times):
        drop = tuple(one for one in live if draw(st.booleans()))
        add = tuple(f"{number}.{part}" for part in range(draw(st.integers(0, 2))))
        rows = tuple(range(len(add))) if draw(st.booleans()) else ()
        live = [*(one for one in live if one not in drop), *add]
        found.append(Commit(t, add, (*drop, f"journal {number}"), rows))
    known = commits.standing(found)
    gone = {one for one, us in known.dropped_us.items() if us < NOW_US - GRACE_US}
    lingering = {one for one in gone if draw(st.booleans())}
    return tuple(found), {*known.rows, *known.dropped_us} - gone | lingering


@given(histories(), st.integers(0, 5 * GRACE_US))
def test_a_short_file_comes_to_the_same(
    history: tuple[tuple[Commit, ...], set[str]], age_us: int
) -> None:
    found, there = history
    short = shortened(found, NOW_US, there.__contains__)
    assert len(short) <= len(found) + 1
    assert commits.standing(short).rows == commits.standing(found).rows
    before, after = counted(found, NOW_US - age_us), counted(short, NOW_US - age_us)
    if before is None or after is None:  # who could miss something is refused by both
        assert after is None
        return
    assert after[0] == before[0]
    assert after[1] & there == before[1] & there


def test_many_lines_become_few(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "LONG", 3)
    for number in range(8):
        put(folder, number)
        convert_sealed(folder, before_the_fence)
    assert len(commits.read(folder.commits)) == 8
    known = commits.standing(commits.read(folder.commits)).rows
    let_time_pass(folder.root, OLD_US)
    assert convert_sealed(folder) == []
    assert len(commits.read(folder.commits)) == 3  # added, dropped but there, and the time
    assert commits.standing(commits.read(folder.commits)).rows == known
    assert seen(folder) == 8
    assert compact(folder) == []
    assert seen(folder) == 8
    assert list(problems(folder.root)) == []


def test_damaged_lines_are_kept_beside_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "LONG", 1)
    folder.commits.write_bytes(b"nonsense\n" + b'{"t":1,"drop":["x"]}\n' * 4)
    before = folder.commits.read_bytes()
    assert len(tidied(folder, NOW_US)) == 1
    (kept,) = folder.quarantine.iterdir()
    assert kept.read_bytes() == before


def test_a_clock_that_was_set_back_stops_nobody(folder: Folder) -> None:
    put(folder, 1)
    convert_sealed(folder, lambda: REAL.wall_us() + 2 * GRACE_US)  # it was wrong by 20 minutes
    put(folder, 2)
    with pytest.raises(Exception, match="or the clock was set back"):
        seen(folder)
    assert convert_sealed(folder) == []
    assert seen(folder) == 2


def test_none_is_later_than_now() -> None:
    found = (Commit(1, ("a",)), Commit(NOW_US + 5, ("b",)), Commit(NOW_US + 9, (), ("b",)))
    past = in_the_past(found, NOW_US)
    assert [one.t for one in past] == [1, NOW_US - FENCE_US, NOW_US - FENCE_US]
    assert commits.standing(past).rows == commits.standing(found).rows


def test_a_clock_that_is_set_back_a_little_doubles_nothing(folder: Folder) -> None:
    for number in (1, 2):
        put(folder, number)
    convert_sealed(folder, lambda: REAL.wall_us() + 1_000_000)
    compact(folder, lambda: REAL.wall_us() - FENCE_US)  # by itself it would count before the others
    assert seen(folder) == 2
    times = [one.t for one in commits.read(folder.commits)]
    assert times == sorted(times)


def test_a_transaction_from_before_what_was_removed_is_refused(folder: Folder) -> None:
    put(folder, 1)
    count = "SELECT count(*) FROM requests"
    with open_ledger(folder.root) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT now()")
        began_us = REAL.wall_us()
        convert_sealed(folder, lambda: began_us + 1)
        assert connection.execute(count).fetchone() == (1,)
        convert_sealed(folder, lambda: began_us + 1 + GRACE_US)
        assert list(folder.journal.glob("*-*")) == []
        with pytest.raises(duckdb.Error, match="end it and ask again"):
            connection.execute(count).fetchone()


def test_a_name_is_not_given_again_while_it_is_dropped(folder: Folder) -> None:
    commits.append(folder.commits, Commit(1, drop=("requests-2026-11-18.0001.parquet",)))
    name = parts.next_name(folder, "requests", date(2026, 11, 18)).name
    assert name == "requests-2026-11-18.0002.parquet"
