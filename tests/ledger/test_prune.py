"""What goes when only so much is kept, and what stays of it."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.ledger import prune
from proxy.ledger.compact import compact
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.keep import EVERYTHING, Keep
from proxy.ledger.parts import Part
from proxy.ledger.prune import Pruned, doomed
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, prepare
from proxy.record import Entry
from tests.ledger.entries import RECEIVED_US, before_the_fence, convert_after_the_grace
from tests.ledger.test_compact import DAY, DAY_US, live, on, put, seen

TODAY = date(2026, 11, 30)


def part(folder: Path, first: int, last: int, kib: int) -> Part:
    """Return a part that is `first` to `last` days old."""
    path = folder / f"requests-{first}-{last}-{len(list(folder.iterdir()))}"
    path.write_bytes(bytes(kib << 10))
    ends = (TODAY - timedelta(days=first), TODAY - timedelta(days=last))
    return Part({"requests": path}, {"requests": 1}, *ends)


@pytest.mark.parametrize(
    ("keep", "gone"),
    [
        pytest.param(EVERYTHING, [], id="nothing unasked"),
        pytest.param(Keep(days=3), [4], id="what is older than that many days"),
        pytest.param(Keep(days=9), [], id="nothing is that old"),
        pytest.param(Keep(mib=3), [], id="nothing while there is room"),
        pytest.param(Keep(mib=2), [4], id="the oldest until it fits"),
        pytest.param(Keep(mib=1), [4, 3, 2], id="never today, however large"),
        pytest.param(Keep(days=2, mib=2), [4, 3], id="whichever takes more"),
    ],
)
def test_what_goes(tmp_path: Path, keep: Keep, gone: list[int]) -> None:
    parts = [part(tmp_path, days, days, 512) for days in (4, 0, 3, 2)]
    found = doomed(parts, keep, TODAY, other_bytes=512 << 10)
    assert sorted((TODAY - one.last).days for one in found) == sorted(gone)


def test_what_reaches_into_a_day_that_is_kept_stays(tmp_path: Path) -> None:
    parts = [part(tmp_path, 5, 5, 1), part(tmp_path, 5, 2, 1), part(tmp_path, 1, 0, 1)]
    assert doomed(parts, Keep(days=3), TODAY, 0) == parts[:1]
    assert doomed(parts, Keep(days=1), TODAY, 0) == parts[:2]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A ledger with two requests in each of three days, the last in files of their own."""
    prepare(tmp_path)
    folder = folder_at(tmp_path)
    put(folder, *(told(day, 10 * day + n) for day in (0, 1) for n in (1, 2)))
    compact(folder, before_the_fence)
    put(folder, told(2, 21))
    put(folder, told(2, 22))
    return folder


def told(day: int, number: int) -> Entry:
    """Return an exchange whose first attempt failed and whose second is known in numbers."""
    plain = on(day, number)
    request = msgspec.structs.replace(
        plain.request, provider="provider-2", model_sent="m", first_content_us=7
    )
    failed, whole = plain.attempts
    failed = msgspec.structs.replace(failed, failure="overloaded", prompt_tokens=None)
    whole = msgspec.structs.replace(whole, model_sent="m", output_tokens=3)
    return Entry(request=request, attempts=(failed, whole), losses=plain.losses)


def at(day: int, keep: Keep, folder: Folder) -> Pruned:
    """Prune on that day, long enough ago for every reader to know."""
    real = before_the_fence

    class Clock:
        asked = 0

        def __call__(self) -> int:
            self.asked += 1  # first what day it is, then when it is committed
            return RECEIVED_US + day * DAY_US if self.asked == 1 else real()

    return prune.prune(folder, keep, Clock())


ROLLED = """SELECT day::VARCHAR, provider, model, failure, sum(requests), sum(whole), sum(attempts),
sum(first_content_requests), sum(first_content_sum_us), sum(total_requests), sum(prompt_tokens),
sum(output_tokens) FROM rollups GROUP BY ALL ORDER BY ALL"""


def rolled(folder: Folder) -> list[tuple[object, ...]]:
    with open_ledger(folder.root) as connection:
        return connection.execute(ROLLED).fetchall()


def test_days_go_and_what_they_came_to_stays(folder: Folder) -> None:
    before, rows = rolled(folder), seen(folder)
    assert before[:2] == [
        ("2026-11-18", "provider-1", None, "overloaded", 0, 0, 2, 0, None, 0, None, None),
        ("2026-11-18", "provider-2", "m", None, 2, 2, 2, 2, 14, 2, 3, 6),
    ]
    found = at(2, Keep(days=1), folder)
    assert (found.first, found.last, found.requests, found.problems) == (DAY, DAY, 2, ())
    assert found.bytes > 0
    assert rolled(folder) == before
    assert seen(folder) == {id_: one for id_, one in rows.items() if not is_of_first_day(one)}
    assert list(problems(folder.root)) == []


def is_of_first_day(one: Entry) -> bool:
    return one.request.received_us < RECEIVED_US + DAY_US // 2


def test_until_the_fence_the_rows_are_there(folder: Folder) -> None:
    before, rows = rolled(folder), seen(folder)
    prune.prune(folder, Keep(days=1))
    assert any(name.startswith("rollups") for name in live(folder))
    assert seen(folder) == rows
    assert rolled(folder) == before


def test_all_days_can_go_one_after_the_other(folder: Folder) -> None:
    before = rolled(folder)
    for day in (2, 3, 4):
        at(day, Keep(days=1), folder)
        assert rolled(folder) == before
    assert seen(folder) == {}
    convert_after_the_grace(folder)
    left = sorted(path.name for path in folder.data.iterdir() if "-0." not in path.name)
    assert left == [f"rollups-2026-11-{day}.0001.parquet" for day in (18, 19, 20)]


def test_a_row_that_comes_late_to_a_day_that_is_gone_adds_up(folder: Folder) -> None:
    at(2, Keep(days=1), folder)
    put(folder, told(0, 3))
    assert rolled(folder)[1][4] == 3
    at(2, Keep(days=1), folder)
    assert rolled(folder)[1][4] == 3


def test_to_say_what_would_go_changes_nothing(folder: Folder) -> None:
    before = folder.commits.read_bytes()
    now = RECEIVED_US + 3 * DAY_US
    found = prune.prune(folder, Keep(days=1), lambda: now, only_say=True)
    assert (found.first, found.last, found.requests) == (DAY, DAY + timedelta(days=1), 4)
    assert folder.commits.read_bytes() == before
    assert prune.prune(folder, EVERYTHING) == Pruned()


def test_a_day_that_cannot_be_read_is_not_dropped(folder: Folder) -> None:
    before = live(folder)
    path = folder.data / next(name for name in before if name.startswith("attempts-2026-11-18"))
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)  # its end, by which it is known, is whole
    path.write_bytes(content)
    found = at(2, Keep(days=1), folder)
    assert found.problems[0].startswith(f"nothing was pruned in {folder.data}: ")
    assert live(folder) == before


def test_killed_before_the_commit(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rows = rolled(folder), seen(folder)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prune, "sync_folder", dies)
        with pytest.raises(KeyboardInterrupt):
            at(2, Keep(days=1), folder)
    assert (rolled(folder), seen(folder)) == (before, rows)
    assert list(problems(folder.root)) == []
    at(2, Keep(days=1), folder)
    assert rolled(folder) == before


def test_any_client_finds_the_views(folder: Folder) -> None:
    with duckdb.connect(folder.face, read_only=True) as connection:
        names = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal")
        assert {name for (name,) in names.fetchall()} == {
            "requests",
            "attempts",
            "losses",
            "events",
            "rollups",
            "bodies",
        }
