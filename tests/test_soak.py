"""A thousand streams through the real proxy, a fifth of them with a fault: nothing is lost.

The clients' answers, the ledger's rows and the fake providers' logs are three accounts of the
same traffic; `fixtures.checkers` holds them against each other.
"""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import msgspec
import pytest

from fixtures.checkers import disagreements
from fixtures.engine import FakeProvider
from fixtures.load import Came, ask_all
from fixtures.question import Question
from fixtures.serving import Served
from fixtures.speech import SPEECH
from fixtures.stage import Stage, stage
from proxy.ledger import views
from proxy.record import Entry
from proxy.routing.types import Limits
from tests.fixtures.test_drivers import NO_TLS

pytestmark = pytest.mark.anyio

REQUESTS, AT_A_TIME = 1000, 64
LIMITS = Limits(first_byte_s=30.0, first_content_s=30.0, idle_s=3.0, total_s=60.0)
FAULTS = (
    *("status:529", "status:429:1", "status:500", "reset", "close", "html", "error_200"),
    *("error_event", "error_event:6", "bad_chunk", "bad_chunk:6", "no_terminal"),
    *("cut_at:1", "cut_at:6", "cut_mid:2", "cut_mid:7", "reset_at:1", "reset_at:6"),
    *("stall_at:1", "stall_at:6"),
)
HANDSHAKE = {"anthropic": 3, "chat": 1, "responses": 4, "gemini": 0}  # events before content


class Ledger(msgspec.Struct):
    """As much of /status as says whether the ledger has everything."""

    dropped: int
    last_error: str | None


class Status(msgspec.Struct):
    """As much of /status as is looked at."""

    active: int
    total: int
    ledger: Ledger


def questions() -> list[Question]:
    """Ask on all wires in turn, for answers of different lengths."""
    wires = tuple(SPEECH)
    return [
        Question(wires[number % 4], f"m{number}", events=8 + number % 7)
        for number in range(REQUESTS)
    ]


def providers() -> tuple[FakeProvider, FakeProvider]:
    """Return one that fails a fifth of the requests, and one that fails a few."""
    return (
        FakeProvider("main", fault_rate=0.2, rate_faults=FAULTS, pace_s=0.001, seed=1),
        FakeProvider("relay", fault_rate=0.05, rate_faults=FAULTS, pace_s=0.001, seed=1),
    )


async def status(here: Stage) -> Status:
    async with httpx.AsyncClient(base_url=here.url, verify=NO_TLS) as client:
        return msgspec.json.decode((await client.get("/status")).content, type=Status)


def count_rows(here: Stage) -> tuple[int, int]:
    """Count the rows of requests and of attempts, without reading them as such."""
    with views.open_ledger(here.ledger) as ledger:
        counts = "SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM attempts)"
        row = ledger.execute(counts).fetchone()
    assert row is not None
    return row[0], row[1]


async def test_every_stream_has_its_rows_and_none_is_mixed(tmp_path: Path) -> None:
    behind = providers()
    async with asyncio.timeout(120), stage(tmp_path, behind, limits=LIMITS) as here:
        here.hold_no_grudge()
        came = await ask_all(here.url, questions(), AT_A_TIME)
        await here.quiet()
        at_the_end = await status(here)
        entries = views.recent_requests(here.ledger, REQUESTS * 2)
        counts = count_rows(here)
    served = [line for provider in behind for line in provider.log]
    assert disagreements(came, entries, served) == []
    assert at_the_end == Status(active=0, total=REQUESTS, ledger=Ledger(0, None))
    assert counts == (REQUESTS, len(served))
    expect_faults(behind[0].log)
    expect_failover_before_content_only(came, entries, served)


def expect_faults(log: list[Served]) -> None:
    """Be sure that the run was worth something: a fifth has failed, in every way there is."""
    met = Counter(line.fault for line in log)
    assert 0.15 < 1 - met["ok"] / REQUESTS < 0.25
    assert set(met) == {"ok", *FAULTS}


def expect_failover_before_content_only(
    came: list[Came], entries: list[Entry], served: list[Served]
) -> None:
    """Tell from what main has sent whether relay had to be asked, and how it must have ended."""
    sent = {(line.marker, line.provider): line for line in served}
    rows = {entry.request.request_id: entry.request for entry in entries}
    ways: Counter[str] = Counter()
    for one in came:
        marker = one.question.marker
        main, relay = sent[marker, "main"], sent.get((marker, "relay"))
        assert (relay is not None) == is_before_content(main), marker
        last = main if relay is None else relay
        ways["full" if last.fault == "ok" else "cut"] += 1
        ways["rescued"] += relay is not None and last.fault == "ok"
        ways["exhausted"] += is_before_content(last)
        assert one.is_full == (last.fault == "ok"), marker
        outcome = rows[one.request_id or ""].outcome
        assert (outcome == "exhausted") == is_before_content(last) == (one.status == 503), marker
    assert min(ways["full"], ways["cut"], ways["rescued"], ways["exhausted"]) > 0


def is_before_content(line: Served) -> bool:
    """Say whether a provider failed before it had sent content."""
    return line.fault != "ok" and line.sent_events <= HANDSHAKE[line.wire or ""]
