"""Made-up ledgers: of equal wishes equal, sound, and with something in every column."""

from pathlib import Path

import duckdb
import pytest

from proxy.errors import LedgerUnusable
from proxy.ledger.compact import compact
from proxy.ledger.folder import folder_at
from proxy.ledger.keep import Keep
from proxy.ledger.lineage import remembered
from proxy.ledger.prune import prune
from proxy.ledger.schema import TABLES, Table
from proxy.ledger.stats import stats
from proxy.ledger.synth import MAX_A_DAY, Wish, a_day, drawn, rows_made, synth
from proxy.ledger.verify import problems
from proxy.ledger.views import open_ledger, recent_requests
from proxy.record.chain import unpacked
from tests.ledger.entries import RECEIVED_US, journal

WISH = Wish(requests=6000, days=3)
SQL = "proxy/ledger/synth.sql"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    assert sum(requests for _, requests in synth(root, WISH)) == WISH.requests
    return root


def checksum(root: Path) -> object:
    sums = ", ".join(
        f"(SELECT (count(*), sum(hash(one)::HUGEINT)) FROM {table.name} AS one)"  # noqa: S608  # names of schema.sql
        for table in TABLES
    )
    with open_ledger(root) as connection:
        return connection.execute(f"SELECT {sums}").fetchone()


def test_equal_wishes_give_equal_rows(root: Path, tmp_path: Path) -> None:
    list(synth(tmp_path / "again", WISH))
    list(synth(tmp_path / "other", Wish(requests=6000, days=3, seed=2)))
    assert checksum(tmp_path / "again") == checksum(root)
    assert checksum(tmp_path / "other") != checksum(root)


def test_it_is_sound(root: Path) -> None:
    assert list(problems(root)) == []
    found = stats(root)
    assert (found.requests, found.parquet_files, found.problem) == (6000, 12, None)
    assert (found.attempts or 0) > 6000
    assert (found.losses or 0) > 0
    assert (found.events or 0) > 0


def made_columns(table: Table) -> dict[str, tuple[str, bool, bool]]:
    """Return type, whether some are NULL and whether all are, of each column of what is made."""
    with duckdb.connect() as connection:
        drawn(connection, WISH, day_no=0, requests=4000)
        rows = connection.execute(f"SUMMARIZE SELECT * FROM made_{table.name}").fetchall()  # noqa: S608  # likewise
        names = [column[0] for column in connection.description]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return {
        str(row["column_name"]): (
            str(row["column_type"]),
            row["null_percentage"] > 0,
            row["null_percentage"] == 100,
        )
        for row in found
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_the_schema_is_made(table: Table) -> None:
    try:
        made = made_columns(table)
    except duckdb.CatalogException:
        pytest.fail(f"add a view made_{table.name} to {SQL}: {[c.name for c in table.columns]}")
    wanted = {column.name: column for column in table.columns}
    missing = [
        f"add `… AS {name}` to made_{table.name} in {SQL}" for name in wanted if name not in made
    ]
    assert missing == []
    surplus = [
        f"take {name} out of made_{table.name} in {SQL}" for name in made if name not in wanted
    ]
    assert surplus == []
    nothing = [f"{name} is always NULL" for name, (_, _, all_null) in made.items() if all_null]
    assert nothing == []
    holes = [
        f"{name} may not be NULL"
        for name, (_, some, _) in made.items()
        if some and not wanted[name].nullable
    ]
    assert holes == []
    with duckdb.connect() as connection:
        drawn(connection, WISH, day_no=0, requests=100)
        connection.execute(rows_made(table))  # each can be cast to its type


def test_rows_can_be_read_as_any_other(root: Path) -> None:
    (newest,) = recent_requests(root, last=1)
    assert newest.request.n_attempts == len(newest.attempts)
    assert remembered(folder_at(root), newest.request.received_us) is not None


def test_chains_say_what_the_columns_beside_them_say(root: Path) -> None:
    query = (
        "SELECT prefix_chain, prompt_chars FROM requests WHERE prefix_chain IS NOT NULL LIMIT 500"
    )
    with open_ledger(root) as connection:
        rows = connection.execute(query).fetchall()
    assert [unpacked(chain)[-1].chars for chain, _ in rows] == [chars for _, chars in rows]


LAWS = """
SELECT count(*) FILTER (uncached_input_tokens + cache_read_tokens
         + coalesce(cache_write_tokens, 0) <> prompt_tokens),
       count(*) FILTER (least(uncached_input_tokens, cache_read_tokens, output_tokens) < 0),
       count(*) FILTER (cache_write_5m_tokens + cache_write_1h_tokens <> cache_write_tokens),
       count(*) FILTER (total_us < last_byte_us OR last_byte_us < first_content_us
         OR first_content_us < first_byte_us),
       count(*) FILTER (lcp_chars > prompt_chars),
       count(*) FILTER (n_attempts <>
         (SELECT count(*) FROM attempts AS a WHERE a.request_id = r.request_id))
FROM requests AS r
"""


def test_what_must_hold_holds(root: Path) -> None:
    with open_ledger(root) as connection:
        assert connection.execute(LAWS).fetchone() == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("days", [1, 7, 40])
def test_days_have_all_requests_together(days: int) -> None:
    counts = a_day(Wish(requests=1001, days=days))
    assert (len(counts), sum(counts)) == (days, 1001)


def test_it_can_be_compacted_and_pruned(tmp_path: Path) -> None:
    list(synth(tmp_path, Wish(requests=300, days=3)))
    assert compact(folder_at(tmp_path)) == []
    assert prune(folder_at(tmp_path), Keep(days=1)).problems == ()
    assert list(problems(tmp_path)) == []


def test_what_is_in_use_is_left_alone(tmp_path: Path) -> None:
    journal(tmp_path, started_us=RECEIVED_US).close()
    with pytest.raises(
        LedgerUnusable, match="is in use: made-up rows go into an empty folder only"
    ):
        next(synth(tmp_path, WISH))


def test_more_than_can_be_drawn_at_once_is_refused(tmp_path: Path) -> None:
    wish = Wish(requests=3 * MAX_A_DAY, days=5)
    with pytest.raises(LedgerUnusable, match="take at least --days 6"):
        next(synth(tmp_path / "none", wish))
    assert not (tmp_path / "none").exists()
