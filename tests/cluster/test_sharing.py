"""Journals of several hosts become one ledger's rows, each of them once."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.clock import REAL
from proxy.doctor import folders
from proxy.errors import LedgerRefused, LedgerUnusable
from proxy.ledger import commits
from proxy.ledger.converter import convert_sealed
from proxy.ledger.keep import Keep
from proxy.ledger.lake import sharing, upkeep
from proxy.ledger.lake.address import Lake, Shared, shown
from proxy.ledger.lake.catalog import attach
from proxy.ledger.lake.session import Session, opened
from proxy.ledger.lake.sharing import Sharer
from proxy.ledger.parts import today
from proxy.ledger.schema import VERSION
from proxy.ledger.snapshot import Wanted, snapshot
from proxy.ledger.stats import stats
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, recent_requests
from proxy.record import Entry
from proxy.record.chain import chain, packed, thinned
from tests.cluster.hosts import sharer
from tests.cluster.servers import PASSWORD, Postgres, wait_until
from tests.ledger.entries import RECEIVED_US, entry, journal, request_id
from tests.ledger.test_compact import DAY, on

ENTRIES = [entry(1), entry(2, attempts=0)]
COUNTS = """SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM attempts),
(SELECT count(*) FROM losses), (SELECT count(*) FROM lake.main.journals)"""


def put(host: Sharer, *entries: Entry, started_us: int = RECEIVED_US) -> None:
    """Write entries into a journal of their own, and close it."""
    log = journal(host.folder.root, started_us=started_us)
    for one in entries:
        log.write(one)
    log.close()


def counted(lake: Lake, folder: Path | None = None) -> object:
    with open_ledger(Shared(lake, folder)) as connection:
        return connection.execute(COUNTS).fetchone()


def test_a_row_is_everybodys_once_its_journal_was_handed_over(tmp_path: Path, lake: Lake) -> None:
    one, other = sharer(tmp_path / "one", lake), sharer(tmp_path / "other", lake)
    log = journal(tmp_path / "one")
    for each in ENTRIES:
        log.write(each)
    assert one.turn() == []
    here, there = Shared(lake, tmp_path / "one"), Shared(lake, tmp_path / "other")
    assert recent_requests(here, 9) == ENTRIES
    assert recent_requests(there, 9) == []
    log.close()
    assert one.turn() == []
    assert recent_requests(here, 9) == ENTRIES
    assert recent_requests(there, 9) == ENTRIES
    assert other.turn() == []
    assert recent_requests(Shared(lake), 9) == ENTRIES
    assert list(problems(here)) == list(problems(Shared(lake))) == []


def test_what_was_converted_before_it_was_shared_is_seen_at_home(
    tmp_path: Path, lake: Lake
) -> None:
    host = sharer(tmp_path / "one", lake)
    put(host, entry(1))
    convert_sealed(host.folder, lambda: REAL.wall_us() - commits.FENCE_US)
    put(host, entry(2), started_us=RECEIVED_US + 1)
    assert host.turn() == []
    assert recent_requests(Shared(lake, tmp_path / "one"), 9) == [entry(1), entry(2)]
    assert recent_requests(Shared(lake), 9) == [entry(2)]


@pytest.mark.parametrize(
    "dies",
    [
        pytest.param("before", id="before the catalog has committed"),
        pytest.param("after", id="when the catalog has committed and nobody was told"),
        pytest.param("local", id="before the journal is dropped at home"),
    ],
)
def test_whoever_dies_has_lost_and_doubled_nothing(
    dies: str, tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    register = Session.register

    def at_commit(self: Session, *words: object) -> None:
        if dies == "after":
            register(self, *words)  # type: ignore[arg-type]
        raise Died

    def at_home(*_: object) -> None:
        raise Died

    host = sharer(tmp_path / "one", lake)
    put(host, *ENTRIES)
    if dies == "local":
        monkeypatch.setattr(commits, "append", at_home)
    else:
        monkeypatch.setattr(Session, "register", at_commit)
    with pytest.raises(Died):
        host.turn()
    monkeypatch.undo()
    assert recent_requests(Shared(lake, tmp_path / "one"), 9) == ENTRIES
    assert sharer(tmp_path / "one", lake).turn() == []
    assert recent_requests(Shared(lake, tmp_path / "one"), 9) == ENTRIES
    assert counted(lake) == (2, 2, 0, 1)


def test_a_session_that_was_left_is_ended_before_names_are_looked_up(
    tmp_path: Path, lake: Lake, postgres: Postgres
) -> None:
    host = sharer(tmp_path / "one", lake)
    left, _ = opened(host.folder, lake, 0)
    left.connection.execute("BEGIN")
    left.connection.execute("SELECT count(*) FROM lake.main.journals").fetchall()
    family = (tmp_path / "one" / "lake.id").read_text()
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%{family}%'"  # noqa: S608  # ours
    assert int(postgres.ask(asked)) > 0
    mine, _ = opened(host.folder, lake, 0)
    with pytest.raises(duckdb.Error):
        left.connection.execute("SELECT count(*) FROM lake.main.journals").fetchall()
    assert mine.registered(["x"]) == set()
    mine.connection.close()
    with suppress(duckdb.Error):  # or DuckDB aborts the process at its end
        left.connection.execute("ROLLBACK")
    left.connection.close()


def test_while_the_catalog_is_away_journals_wait(
    tmp_path: Path, lake: Lake, postgres: Postgres
) -> None:
    host = sharer(tmp_path / "one", lake)
    assert host.turn() == []
    postgres.stop()
    try:
        put(host, *ENTRIES)
        (problem,) = host.turn()
        assert problem.startswith("nothing is handed over to the shared ledger; journals wait")
        assert host.turn()[0].startswith("nothing is handed over")
        with pytest.raises(LedgerUnusable, match=r"cannot be opened: .*Connection refused") as told:
            open_ledger(Shared(lake))
        assert PASSWORD not in problem + str(told.value)
        assert "\n" not in problem + str(told.value)
    finally:
        postgres.start()
    assert host.turn() == []
    assert recent_requests(Shared(lake), 9) == ENTRIES


def test_while_the_storage_is_away_journals_wait(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    assert host.turn() == []
    host.let_go()
    mounted = Path(str(lake.data))
    mounted.rename(tmp_path / "away")
    mounted.mkdir()  # an empty mount point, as a share leaves it
    put(host, *ENTRIES)
    (problem,) = host.turn()
    assert f"{mounted}/ is not where the other hosts of the shared ledger write to" in problem
    assert list(mounted.iterdir()) == []
    mounted.rmdir()
    (tmp_path / "away").rename(mounted)
    assert host.turn() == []
    assert recent_requests(Shared(lake), 9) == ENTRIES


def test_hosts_may_have_the_storage_at_different_places(tmp_path: Path, lake: Lake) -> None:
    one = sharer(tmp_path / "one", lake)
    put(one, entry(1))
    assert one.turn() == []
    elsewhere = tmp_path / "mounted here"
    elsewhere.symlink_to(str(lake.data))
    there = Lake(lake.url, str(elsewhere))
    other = sharer(tmp_path / "other", there)
    put(other, entry(2), started_us=RECEIVED_US + 1)
    assert other.turn() == []
    assert recent_requests(Shared(there), 9) == recent_requests(Shared(lake), 9)
    assert recent_requests(Shared(Lake(lake.url)), 9) == [entry(1), entry(2)]


def test_without_a_place_the_parquet_lies_beside_the_first_hosts_folder(
    tmp_path: Path, lake: Lake
) -> None:
    host = sharer(tmp_path / "one", Lake(lake.url))
    put(host, entry(1))
    assert host.turn() == []
    assert list((tmp_path / "one-shared" / "main" / "requests").glob("*.parquet"))


def test_a_wrong_password_is_one_sentence_without_it(tmp_path: Path, lake: Lake) -> None:
    wrong = Lake(lake.url.replace("canary", "kanari", 1))
    with pytest.raises(LedgerUnusable, match="password authentication failed") as told:
        open_ledger(Shared(wrong))
    assert "kanari" not in str(told.value)
    host = sharer(tmp_path / "one", wrong)
    put(host, entry(1))
    assert "kanari" not in host.turn()[0]


def test_before_anybody_has_shared_there_is_nothing_to_read(lake: Lake) -> None:
    with pytest.raises(LedgerUnusable, match="there is no shared ledger in ducklake:postgres://"):
        open_ledger(Shared(lake))


def test_no_file_is_open_to_others(tmp_path: Path, lake: Lake) -> None:
    before = os.umask(0o077)  # as the converter has it
    try:
        host = sharer(tmp_path / "one", lake)
        put(host, *ENTRIES)
        assert host.turn() == []
    finally:
        os.umask(before)
    files = [path for path in Path(str(lake.data)).rglob("*") if path.is_file()]
    assert len(files) >= 3  # the sign, and a file of requests and of attempts
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_parents_are_found_across_journals_and_restarts(tmp_path: Path, lake: Lake) -> None:
    def prompted(number: int, prompt: str) -> Entry:
        links = thinned(chain(b"secret", [letter.encode() * 10 for letter in prompt]))
        request = msgspec.structs.replace(
            entry(number, attempts=0).request,
            received_us=REAL.wall_us() + number,
            prefix_chain=packed(links),
        )
        return Entry(request=request, attempts=())

    put(sharer(tmp_path / "one", lake), prompted(1, "TSab"))
    assert sharer(tmp_path / "one", lake).turn() == []
    again = sharer(tmp_path / "one", lake)
    put(again, prompted(2, "TSabc"), started_us=RECEIVED_US + 1)
    assert again.turn() == []
    found = [one.request for one in recent_requests(Shared(lake), 9)]
    assert [(one.parent_request, one.lcp_chars) for one in found] == [
        (None, 0),
        (request_id(1), 40),
    ]


def test_a_column_and_a_table_that_came_later_are_made(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    put(host, entry(1))
    assert host.turn() == []
    host.let_go()
    with attach(lake, "an older version", writes_near=tmp_path) as older:
        older.execute("ALTER TABLE lake.main.requests DROP COLUMN client_wire")
        older.execute("DROP TABLE lake.main.events")
        older.execute("UPDATE lake.main.about SET schema_version = 1")
    assert recent_requests(Shared(lake), 9) == [entry(1)]  # a reader need not wait for a writer
    put(host, entry(2), started_us=RECEIVED_US + 1)
    assert host.turn() == []
    assert recent_requests(Shared(lake), 9) == [entry(1), entry(2)]
    with open_ledger(Shared(lake)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (0,)
        found = connection.execute("SELECT schema_version FROM lake.main.about").fetchall()
        assert found == [(VERSION,)]


def test_a_later_version_is_left_alone(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    assert host.turn() == []
    host.let_go()
    with attach(lake, "a later version", writes_near=tmp_path) as later:
        later.execute("UPDATE lake.main.about SET schema_version = 99")
    put(host, entry(1))
    assert "has schema 99, of a later version of pointsman" in host.turn()[0]
    with pytest.raises(LedgerUnusable, match="has schema 99"):
        open_ledger(Shared(lake))
    assert recent_requests(tmp_path / "one", 9) == [entry(1)]  # the face at home still has it


def test_files_are_merged_and_old_days_leave_their_rollups(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    assert host.turn() == []  # looks after it, and will not again today
    for number in range(6):
        put(host, on(-(number // 2), number), started_us=RECEIVED_US + number)
    assert host.turn() == []
    shared = Shared(lake, tmp_path / "one")
    rolled = "SELECT sum(requests), sum(attempts), sum(prompt_tokens) FROM rollups"
    with open_ledger(shared) as connection:
        before = connection.execute(rolled).fetchone()
    assert stats(shared).shared_files == 6 + 6 + 3  # of requests, attempts and losses
    with upkeep.looked_after(shared) as connection:
        upkeep.merge(connection)
        assert upkeep.prune_lake(connection, Keep(days=1), DAY, only_say=True).requests == 2
        gone = upkeep.prune_lake(connection, Keep(days=1), DAY)
    first = today(RECEIVED_US - 2 * 86_400_000_000)
    assert (gone.first, gone.last, gone.requests) == (first, first, 2)
    with open_ledger(shared) as connection:
        assert connection.execute(rolled).fetchone() == before
    assert counted(lake) == (4, 8, 2, 6)
    assert stats(shared).shared_files < 15
    assert list(problems(shared)) == []


def test_hosts_may_begin_at_once(tmp_path: Path, lake: Lake) -> None:
    hosts = [sharer(tmp_path / name, lake) for name in ("one", "two", "three")]
    for number, host in enumerate(hosts):
        put(host, entry(number), started_us=RECEIVED_US + number)

    def until_handed_over(host: Sharer) -> None:
        wait_until(lambda: host.turn() == [])

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(until_handed_over, hosts))
    assert counted(lake) == (3, 6, 0, 3)
    with open_ledger(Shared(lake)) as connection:
        assert connection.execute("SELECT count(*) FROM lake.main.about").fetchone() == (1,)
    assert list(problems(Shared(lake))) == []


def test_one_host_a_day_looks_after_it(tmp_path: Path, lake: Lake) -> None:
    hosts = [sharer(tmp_path / name, lake) for name in ("one", "other")]
    assert [host.turn() for host in hosts] == [[], []]
    with open_ledger(Shared(lake)) as connection:
        found = connection.execute("SELECT day FROM lake.main.upkeeps").fetchall()
    assert found == [(today(REAL.wall_us()),)]


def test_two_that_prune_at_once_make_one_rollup(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    put(host, on(-5, 1), on(0, 2))
    assert host.turn() == []
    shared = Shared(lake)
    with upkeep.looked_after(shared) as one, attach(lake, "x", writes_near=tmp_path) as other:
        other.execute("BEGIN")
        upkeep._drop(other, DAY - timedelta(days=1))
        assert upkeep.prune_lake(one, Keep(days=1), DAY).requests == 1
        with pytest.raises(duckdb.Error, match="conflict"):
            other.execute("COMMIT")
    with open_ledger(shared) as connection:
        assert connection.execute("SELECT sum(requests) FROM rollups").fetchone() == (2,)


def test_a_snapshot_and_what_verify_says(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    put(host, entry(1))
    assert host.turn() == []
    put(host, entry(2), started_us=RECEIVED_US + 1)  # not handed over yet
    shared = Shared(lake, tmp_path / "one")
    target = tmp_path / "out.duckdb"
    assert snapshot(shared, target, Wanted(REAL.wall_us())) == 2
    with duckdb.connect(target, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone() == (4,)
    found = stats(shared)
    assert (found.requests, found.shared, found.journals) == (2, lake.catalog.shown, 1)
    assert found.hosts[0].requests == 1
    assert found.holds is not None
    assert "once they have been handed over" in found.holds
    shutil.rmtree(Path(str(lake.data)) / "main" / "attempts")
    assert any("attempts of the shared ledger cannot be read" in one for one in problems(shared))


def test_the_doctor_looks_at_it(tmp_path: Path, lake: Lake, postgres: Postgres) -> None:
    root = tmp_path / "one"
    host = sharer(root, lake)
    root.chmod(0o700)
    put(host, entry(1))
    assert host.turn() == []
    (found,) = folders.ledger(root, lake)
    assert (found.level, found.says) == ("ok", f"{shown(Shared(lake))} is whole")
    host.let_go()
    postgres.stop()
    try:
        (found,) = folders.ledger(root, lake)
    finally:
        postgres.start()
    assert found.level == "problem"
    assert "Connection refused" in found.says


def test_what_is_changed_by_hand_fails_in_words(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    assert host.turn() == []
    with (
        pytest.raises(LedgerRefused, match=r"the shared ledger .* was not changed: "),
        upkeep.looked_after(Shared(lake)) as connection,
    ):
        connection.execute("SELECT * FROM lake.main.nothing")


def test_a_host_waits_for_its_turn(tmp_path: Path, lake: Lake) -> None:
    host = sharer(tmp_path / "one", lake)
    host.apart_s = 0.2
    started_us = REAL.tick_us()
    for number in range(3):
        put(host, entry(number), started_us=RECEIVED_US + number)
        assert host.turn() == []
    assert REAL.tick_us() - started_us >= 400_000
    assert sharing.APART_S >= 1.0
