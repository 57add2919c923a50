"""A portable copy: what is in it, what was taken out, and how it comes into being."""

import stat
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from proxy import VERSION
from proxy.errors import LedgerRefused
from proxy.ledger import snapshot as module
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import folder_at
from proxy.ledger.keep import Keep
from proxy.ledger.prune import prune
from proxy.ledger.schema import TABLES
from proxy.ledger.snapshot import Wanted, snapshot
from proxy.ledger.views import open_ledger, prepare
from proxy.record import Entry, LossRow
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal

NOW_US = RECEIVED_US + 1_000_000
SECRETS = ["c1a5-session", "My-Agent/1", "laptop-key", "a host", "up-77"]
WORDS = ["you said no", "because-of-x", "/v1/messages", "nested", "one.example"]


CHAIN = "AAAAAAAAAAAAAAAA"


def telling(number: int) -> Entry:
    """Return an exchange with everything in it that could be secret."""
    plain = entry(number)
    request = msgspec.structs.replace(
        plain.request,
        session_id="c1a5-session",
        user_agent="My-Agent/1",
        client_key="laptop-key",
        error_message="you said no",
        decision='{"why": "because-of-x"}',
        prefix_chain=CHAIN,
        parent_request=plain.request.request_id,
    )
    attempts = tuple(
        msgspec.structs.replace(one, upstream_request_id="up-77", error_message="you said no")
        for one in plain.attempts
    )
    loss = LossRow(
        request_id=request.request_id, attempt_no=1, path="messages[0]", what="x", why="y"
    )
    return Entry(request=request, attempts=attempts, losses=(loss,))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A ledger with two requests in Parquet and two in a journal."""
    root = tmp_path / "ledger"
    prepare(root)
    for numbers in ((1, 2), (3, 4)):
        log = journal(root, started_us=RECEIVED_US + numbers[0])
        for number in numbers:
            log.write(telling(number))
        log.close()
        if numbers == (1, 2):
            convert_sealed(folder_at(root), before_the_fence)
    return root


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(file, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_it_has_the_same_rows(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    assert snapshot(root, out, Wanted(NOW_US)) == 4
    for table in TABLES:
        query = f"FROM {table.name} ORDER BY ALL"
        with open_ledger(root) as connection:
            assert rows(out, query) == connection.execute(query).fetchall()
    kinds = rows(out, "SELECT table_name, table_type FROM information_schema.tables ORDER BY ALL")
    names = ("attempts", "events", "losses", "meta", "requests", "rollups")
    assert kinds == [(name, "BASE TABLE") for name in names]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"ledger", "out.duckdb"}


def test_a_range_takes_what_belongs_to_its_requests(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    wanted = Wanted(NOW_US, RECEIVED_US + 2, RECEIVED_US + 4, "none")
    assert snapshot(root, out, wanted) == 2
    assert rows(out, "SELECT count(*), count(DISTINCT request_id) FROM attempts") == [(4, 2)]
    assert rows(out, "SELECT count(*) FROM losses") == [(2,)]
    made = "SELECT schema_version, proxy_version, epoch_us(made_at), redaction FROM meta"
    assert rows(out, made) == [(2, VERSION, NOW_US, "none")]
    bounds = "SELECT epoch_us(since_at), epoch_us(until_at) FROM meta"
    assert rows(out, bounds) == [(RECEIVED_US + 2, RECEIVED_US + 4)]


def test_ids_become_hashes_that_are_the_same_for_the_same(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    snapshot(root, out, Wanted(NOW_US, redaction="ids"))
    every = str([rows(out, f"FROM {table.name}") for table in TABLES])
    assert CHAIN not in every
    linked = "SELECT count(*) FROM requests WHERE parent_request = request_id"
    assert rows(out, linked) == [(2,)]  # of the others none was found when they were converted
    assert [one for one in SECRETS if one in every] == []
    assert [one for one in WORDS if one not in every] == []
    assert str(entry(1).request.request_id) not in every
    assert rows(out, "SELECT count(DISTINCT session_id), count(session_id) FROM requests") == [
        (1, 4)
    ]
    assert rows(out, "SELECT count(*) FROM attempts JOIN requests USING (request_id)") == [(8,)]
    assert rows(out, "SELECT count(*) FROM losses JOIN requests USING (request_id)") == [(4,)]
    another = tmp_path / "another.duckdb"
    snapshot(root, another, Wanted(NOW_US, redaction="ids"))
    assert rows(out, "SELECT session_id FROM requests") != rows(
        another, "SELECT session_id FROM requests"
    )


def test_texts_are_gone(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    snapshot(root, out, Wanted(NOW_US, redaction="texts"))
    content = out.read_bytes()
    assert [one for one in SECRETS + WORDS if one.encode() in content] == []
    assert rows(out, "SELECT DISTINCT path, what, why FROM losses") == [("messages[0]", "x", "y")]


def test_a_file_that_is_there_is_not_replaced_unasked(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    out.write_bytes(b"precious")
    with pytest.raises(LedgerRefused, match="is there already: take another name, or --force"):
        snapshot(root, out, Wanted(NOW_US))
    assert out.read_bytes() == b"precious"
    assert snapshot(root, out, Wanted(NOW_US), replaces=True) == 4
    assert rows(out, "SELECT count(*) FROM requests") == [(4,)]


def test_what_fails_leaves_nothing_behind(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LedgerRefused, match=r"cannot be written \(No such file or directory\)"):
        snapshot(root, tmp_path / "none" / "out.duckdb", Wanted(NOW_US))
    monkeypatch.setattr(module, "_meta", lambda _: ("SELECT nope", []))
    with pytest.raises(LedgerRefused, match="cannot be made: Binder Error"):
        snapshot(root, tmp_path / "out.duckdb", Wanted(NOW_US), replaces=True)
    assert {path.name for path in tmp_path.iterdir()} == {"ledger"}


def test_what_looks_like_an_id_in_a_message_is_struck_out(tmp_path: Path) -> None:
    root, out = tmp_path / "ledger", tmp_path / "out.duckdb"
    prepare(root)
    plain = entry(1, attempts=1)
    said = (
        "Rate limit reached for gpt-5.5 in organization org-Ab12Cd34Ef on tokens: see "
        "req_011CUabcdEFGH, 0b5c0e7e-93e5-4c4e-a7a2-5d5bb3d0a111, someone@example.org"
    )
    attempt = msgspec.structs.replace(plain.attempts[0], error_message=said)
    log = journal(root)
    log.write(msgspec.structs.replace(plain, attempts=(attempt,)))
    log.close()
    snapshot(root, out, Wanted(NOW_US, redaction="ids"))
    assert rows(out, "SELECT error_message FROM attempts") == [
        ("Rate limit reached for gpt-5.5 in organization *** on tokens: see ***, ***, ***",)
    ]


def test_a_copy_has_what_stays_of_days_that_are_gone(root: Path, tmp_path: Path) -> None:
    folder = folder_at(root)
    convert_sealed(folder, before_the_fence)
    later_us = RECEIVED_US + 3 * 86_400_000_000
    before = [(4, 4, 8)]
    sums = "SELECT sum(requests), sum(whole), sum(attempts) FROM rollups"
    out = tmp_path / "out.duckdb"
    snapshot(root, out, Wanted(NOW_US))
    assert rows(out, sums) == before
    pruned = prune(folder, Keep(days=1), lambda: later_us)
    assert pruned.problems == ()
    with open_ledger(root) as connection:
        assert connection.execute("SELECT count(*) FROM requests").fetchone() == (0,)
    snapshot(root, out, Wanted(NOW_US), replaces=True)
    assert rows(out, sums) == before
    snapshot(root, out, Wanted(NOW_US, since_us=RECEIVED_US), replaces=True)
    assert rows(out, sums) == [(None, None, None)]  # of that day only a part was wanted
