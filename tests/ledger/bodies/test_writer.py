"""Bodies of exchanges are stored beside them, and nothing about that reaches a request."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import zstandard

from fixtures.engine import FakeProvider
from proxy.clock import REAL
from proxy.ledger.bodies import writer as writing
from proxy.ledger.bodies.reading import shelves
from proxy.ledger.bodies.writer import BodyWriter
from proxy.ledger.folder import folder_at
from proxy.ledger.storing import Storing
from proxy.ledger.views import open_ledger, prepare
from proxy.ledger.writing import Rotation
from proxy.record.bodies import Level
from tests.asgi import asking, proxy
from tests.ledger.entries import WRITER, entry, request_id

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)


@contextmanager
def storing(root: Path, level: Level = "full", max_kib: int = 64) -> Iterator[BodyWriter]:
    prepare(root)
    bodies = BodyWriter(root, WRITER, Storing(level, max_kib), b"secret")
    try:
        yield bodies
    finally:
        bodies.close()


def found(root: Path) -> dict[str, bytes]:
    """Return every body by what it is."""
    return {
        row.which if row.attempt_no is None else f"{row.which} {row.attempt_no}": content
        for shelf in shelves(folder_at(root))
        for row in shelf.rows
        for content in [shelf.content(row.hash)]
    }


async def test_an_untouched_exchange_is_stored_once(tmp_path: Path) -> None:
    with storing(tmp_path) as bodies, proxy(FakeProvider("main"), bodies=bodies) as here:
        seen = await here.call(PATH, BODY)
    assert found(tmp_path) == {
        "client_request": json.dumps(BODY).encode(),
        "provider_answer 1": seen.body,
    }
    assert bodies.dropped == 0


async def test_a_converted_exchange_is_stored_on_both_sides(tmp_path: Path) -> None:
    main = FakeProvider("main", wires=("chat",))
    with storing(tmp_path) as bodies, proxy(main, bodies=bodies) as here:
        seen = await here.call(PATH, BODY)
    stored = found(tmp_path)
    assert set(stored) == {
        "client_request",
        "provider_request 1",
        "provider_answer 1",
        "client_answer",
    }
    assert stored["client_answer"] == seen.body
    assert b"[DONE]" in stored["provider_answer 1"]


async def test_with_errors_only_what_failed_is_stored(tmp_path: Path) -> None:
    providers = FakeProvider("main", faults=["status:529"]), FakeProvider("relay")
    with storing(tmp_path, "errors") as bodies:
        with proxy(FakeProvider("main"), bodies=bodies) as here:
            await here.call(PATH, BODY)
        with proxy(*providers, bodies=bodies) as here:
            await here.call(PATH, BODY)
    assert set(found(tmp_path)) == {"client_request", "provider_answer 1", "provider_answer 2"}
    assert {row.request_id for shelf in shelves(folder_at(tmp_path)) for row in shelf.rows} == {
        here.rows.only.request.request_id
    }


async def test_keys_are_not_stored(tmp_path: Path) -> None:
    with storing(tmp_path) as bodies, proxy(FakeProvider("main"), bodies=bodies) as here:
        bodies.strike(["key-of-main", "and-another"])
        await here.call(PATH, {**BODY, "metadata": {"user_id": "key-of-main", "x": "and-another"}})
    every = b"".join(found(tmp_path).values())
    assert b"key-of-main" not in every
    assert b"and-another" not in every
    for path in (tmp_path / "bodies").iterdir():
        assert b"key-of" not in path.read_bytes()


async def test_the_view_says_what_there_is(tmp_path: Path) -> None:
    with storing(tmp_path, max_kib=1) as bodies:
        kept = bodies.begin()
        kept.request = b"x" * 1500
        kept.attempt(kept.request).add(b"yes")
        for number in (1, 2):
            bodies.offer(entry(number), kept)
    with open_ledger(tmp_path) as connection:
        rows = connection.execute(
            "SELECT request_id::VARCHAR, attempt_no, which, bytes, cut_bytes, stored_bytes > 0, "
            "stored_at > '2026-01-01' FROM bodies ORDER BY ALL"
        ).fetchall()
    assert rows == [
        (request_id(1), 1, "provider_answer", 3, 0, True, True),
        (request_id(1), None, "client_request", 1500, 476, True, True),
        (request_id(2), 1, "provider_answer", 3, 0, False, True),
        (request_id(2), None, "client_request", 1500, 476, False, True),
    ]


async def test_too_much_at_once_is_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MAX_WAITING_BYTES", 2500)
    gate = threading.Event()
    with storing(tmp_path) as bodies:
        store = bodies._store
        monkeypatch.setattr(bodies, "_store", lambda handed: (gate.wait(), store(handed)))
        for number in range(4):
            kept = bodies.begin()
            kept.request = b"%d" % number * 1000
            bodies.offer(entry(number), kept)
        gate.set()
    assert (bodies.dropped, bodies.last_error) == (
        2,
        "bodies came faster than they could be stored",
    )
    assert len([row for shelf in shelves(folder_at(tmp_path)) for row in shelf.rows]) == 2


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param(OSError(28, "No space left on device"), id="a full disk"),
        pytest.param(RuntimeError("a defect"), id="a defect"),
        pytest.param(zstandard.ZstdError("a defect"), id="of a library"),
    ],
)
async def test_no_failure_reaches_a_request_and_the_next_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: Exception
) -> None:
    def fails(*_: object) -> None:
        raise failing

    with storing(tmp_path) as bodies, proxy(FakeProvider("main"), bodies=bodies) as here:
        with monkeypatch.context() as patch:
            patch.setattr(writing, "bodies", fails)
            seen = await here.call(PATH, BODY)
            while not bodies.dropped:  # a thread
                pass
        await here.call(PATH, BODY)
    assert seen.status == 200
    assert bodies.dropped == 1
    assert bodies.last_error is not None
    assert set(found(tmp_path)) == {"client_request", "provider_answer 1"}


async def test_room_on_the_disk_is_for_rows_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LEAST_FREE_BYTES", 1 << 60)
    with storing(tmp_path) as bodies:
        kept = bodies.begin()
        kept.request = b"asked"
        bodies.offer(entry(1), kept)
    assert bodies.dropped == 1
    assert not list((tmp_path / "bodies").glob("*.frames"))


async def test_a_segment_ends_by_its_age(tmp_path: Path) -> None:
    prepare(tmp_path)
    ticks = iter(range(0, 10**9, 10_000_000))
    world = replace(REAL, tick_us=lambda: next(ticks))
    bodies = BodyWriter(tmp_path, WRITER, Storing("full"), b"secret", world, Rotation(max_age_s=5))
    for number in range(3):
        kept = bodies.begin()
        kept.request = b"asked"
        bodies.offer(entry(number), kept)
    bodies.close()
    assert [len(shelf.rows) for shelf in shelves(folder_at(tmp_path))] == [1, 1, 1]


async def test_without_bodies_there_is_nothing_to_read(tmp_path: Path) -> None:
    prepare(tmp_path)
    with open_ledger(tmp_path) as connection:
        assert connection.execute("SELECT count(*) FROM bodies").fetchone() == (0,)
        assert isinstance(connection, duckdb.DuckDBPyConnection)
