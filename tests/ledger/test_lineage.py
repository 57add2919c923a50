"""Which earlier request a prompt shares most with, as the converter finds it."""

from pathlib import Path

import duckdb
import msgspec
import pytest

from proxy.clock import REAL
from proxy.ledger import commits, converter
from proxy.ledger.converter import convert_sealed
from proxy.ledger.folder import Folder, folder_at
from proxy.ledger.line import Ended
from proxy.ledger.lineage import HORIZON_US, Lineage, Parent
from proxy.ledger.views import prepare, recent_requests
from proxy.record import Entry
from proxy.record.chain import chain, packed, thinned
from tests.ledger.entries import RECEIVED_US, before_the_fence, entry, journal, request_id

HEAD = "TS"  # tools and a system prompt


def ended(number: int, prompt: str, app: str = "claude", key: str | None = None) -> Ended:
    """Return a request whose prompt has a piece of ten characters for each letter."""
    links = chain(b"secret", [letter.encode() * 10 for letter in prompt])
    text = packed(thinned(links))
    return Ended(request_id(number), RECEIVED_US + number, app, key, text)


def parent(number: int, of: int | None, lcp_chars: int) -> Parent:
    return Parent(request_id(number), None if of is None else request_id(of), lcp_chars)


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        pytest.param(
            [ended(1, HEAD + "a"), ended(2, HEAD + "abc"), ended(3, HEAD + "abcde")],
            [parent(1, None, 0), parent(2, 1, 30), parent(3, 2, 50)],
            id="a conversation grows",
        ),
        pytest.param(
            [ended(1, HEAD + "abc"), ended(2, HEAD + "abcde"), ended(3, HEAD + "abcxy")],
            [parent(1, None, 0), parent(2, 1, 50), parent(3, 1, 50)],
            id="it branches",
        ),
        pytest.param(
            [ended(1, HEAD + "abcdef"), ended(2, HEAD + "z"), ended(3, HEAD + "zy")],
            [parent(1, None, 0), parent(2, 1, 20), parent(3, 2, 30)],
            id="it is compacted: tools and system stay",
        ),
        pytest.param(
            [ended(1, HEAD + "ab"), ended(2, HEAD + "ab"), ended(3, HEAD + "ab")],
            [parent(1, None, 0), parent(2, 1, 40), parent(3, 1, 40)],
            id="of several that share as much, the first",
        ),
        pytest.param(
            [ended(3, HEAD + "abc"), ended(1, HEAD + "a"), ended(2, HEAD + "ab")],
            [parent(1, None, 0), parent(2, 1, 30), parent(3, 2, 40)],
            id="the order of their ends does not matter",
        ),
        pytest.param(
            [ended(1, "ab"), ended(2, "ab", app="codex"), ended(3, "ab", key="other")],
            [parent(1, None, 0), parent(2, None, 0), parent(3, None, 0)],
            id="apps and client keys share nothing",
        ),
        pytest.param(
            [ended(1, "a" * 200), ended(2, "a" * 202)],
            [parent(1, None, 0), parent(2, 1, 2000)],
            id="a long one",
        ),
        pytest.param([ended(1, "")], [], id="not known"),
    ],
)
def test_parents(requests: list[Ended], expected: list[Parent]) -> None:
    assert Lineage().parents(requests) == expected


def test_the_journals_of_two_workers_may_come_in_any_order() -> None:
    lineage = Lineage()
    lineage.parents([ended(1, "a"), ended(3, "abc")])
    assert lineage.parents([ended(2, "ab"), ended(4, "abcd")]) == [
        parent(2, 1, 10),
        parent(4, 3, 30),
    ]


def test_again_gives_the_same() -> None:
    lineage, requests = Lineage(), [ended(1, "a"), ended(2, "ab")]
    assert lineage.parents(requests) == lineage.parents(requests)


def test_it_remembers_only_so_much() -> None:
    lineage = Lineage(max_links=2)
    lineage.parents([ended(1, "ab")])
    lineage.parents([ended(2, "xy")])
    assert lineage.parents([ended(3, "ab")]) == [parent(3, None, 0)]
    assert len(lineage._first) == 2


def test_what_is_no_chain_has_no_parent() -> None:
    broken = [msgspec.structs.replace(ended(1, "a"), prefix_chain=text) for text in ("AAAA", "é?")]
    assert Lineage().parents(broken) == []


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    prepare(tmp_path)
    return folder_at(tmp_path)


def written(folder: Folder, *requests: Ended) -> list[Entry]:
    """Put requests into a journal of their own; return what is in it."""
    log = journal(folder.root, started_us=REAL.wall_us())
    entries = []
    for one in requests:
        known = msgspec.structs.asdict(one)
        row = msgspec.structs.replace(entry(1).request, **known, prompt_chars=7)
        entries.append(Entry(request=row, attempts=()))
        log.write(entries[-1])
    log.close()
    return entries


def parents(folder: Folder) -> list[tuple[str | None, int | None]]:
    rows = [one.request for one in recent_requests(folder.root, last=99)]
    return [(row.parent_request, row.lcp_chars) for row in rows]


def test_the_converter_finds_them(folder: Folder) -> None:
    entries = written(folder, ended(1, "a"), ended(2, "ab"), ended(3, ""))
    assert recent_requests(folder.root, last=9) == entries  # in the journal they are not known
    convert_sealed(folder, before_the_fence)
    assert parents(folder) == [(None, 0), (request_id(1), 10), (None, None)]


def now(number: int, prompt: str, *, ago_us: int = 0) -> Ended:
    received_us = REAL.wall_us() - ago_us
    return msgspec.structs.replace(ended(number, prompt), received_us=received_us)


def test_it_remembers_what_was_converted_before(folder: Folder) -> None:
    written(folder, now(1, "zz", ago_us=2 * HORIZON_US), now(2, "a", ago_us=9_000_000))
    convert_sealed(folder, before_the_fence)
    written(folder, now(3, "ab"), now(4, "zz"))
    convert_sealed(folder, before_the_fence)
    assert parents(folder) == [(None, 0), (None, 0), (request_id(2), 10), (None, 0)]


def test_files_from_before_there_were_chains_are_read(folder: Folder) -> None:
    written(folder, ended(1, "a"))
    convert_sealed(folder, before_the_fence)
    (path,) = (one for one in folder.data.glob("requests-*.parquet") if "-0." not in one.name)
    table = duckdb.read_parquet(str(path))
    new = {"prefix_chain", "prompt_chars", "parent_request", "lcp_chars"}
    older = table.select(*(name for name in table.columns if name not in new))
    older.write_parquet(f"{path}.tmp")
    Path(f"{path}.tmp").rename(path)
    written(folder, ended(2, "ab"))
    assert convert_sealed(folder, before_the_fence) == []
    assert parents(folder) == [(None, None), (None, 0)]


def test_a_file_that_cannot_be_read_holds_nothing_up(
    folder: Folder, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = folder.parquet("requests", "bad")
    bad.write_bytes(b"not Parquet")
    commits.append(folder.commits, commits.Commit(REAL.wall_us(), add=(bad.name,)))
    assert converter._remembered(folder, REAL.wall_us()).parents([ended(1, "a")]) == [
        parent(1, None, 0)
    ]
    assert "among new requests only" in capfd.readouterr().err
