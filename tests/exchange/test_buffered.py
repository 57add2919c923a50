"""A queue that holds streams until they are whole: what breaks off midway is answered elsewhere."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from fixtures.engine import FakeProvider
from fixtures.heard import hear
from fixtures.speech.types import Reply, WireName
from proxy.record import AttemptRow
from proxy.routing.network import Network
from proxy.routing.types import Limits
from proxy.wires import WIRES
from tests.asgi import APPS, Proxy, asking, network_of, proxy, target

pytestmark = pytest.mark.anyio
WORDS = tuple(f"hello:{number}" for number in range(6))
FAULTS = {
    "cut_at:5": ("reset", {"stream_fault"}),
    "reset_at:5": ("reset", {"stream_fault"}),
    "stall_at:5": ("stalled", {"late"}),
    "no_terminal": ("truncated", {"stream_fault"}),
    "bad_json:5": ("reset", {"stream_fault"}),
    "error_event:5": ("error_event", {"stream_fault", "overloaded"}),  # as the wire's words say
}
PAIRS = [*product(WIRES, repeat=2)]


def buffered(*providers: FakeProvider, limits: Limits, **more: Any) -> Network:
    queue = tuple(map(target, providers))
    network = network_of(dict.fromkeys(APPS, queue), limits)
    held = {name: replace(one, delivery="buffered", **more) for name, one in network.queues.items()}
    return replace(network, queues=held)


def behind(*providers: FakeProvider, keepalive_s: float = 15, **more: Any) -> Any:
    limits = Limits(
        first_byte_s=1, first_content_s=1, idle_s=0.1, total_s=5, keepalive_s=keepalive_s
    )
    return proxy(*providers, network=buffered(*providers, limits=limits, **more))


def provider(name: str, wire: str, *faults: str, **more: Any) -> FakeProvider:
    known: tuple[WireName, ...] = (wire,)  # type: ignore[assignment]  # one of WIRES
    return FakeProvider(name, wires=known, faults=faults, **{"events": 6, **more})


def held(here: Proxy) -> list[tuple[str, bool, str | None]]:
    rows: tuple[AttemptRow, ...] = here.rows.only.attempts
    return [(row.outcome, row.committed, row.held) for row in rows]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("client", "wire"), PAIRS, ids=[f"{client} on {other}" for client, other in PAIRS]
)
async def test_another_provider_takes_over_in_the_middle(
    client: WireName, wire: str, fault: str
) -> None:
    outcome, failures = FAULTS[fault]
    path, body = asking(client, stream=True)
    main, relay = provider("main", wire, fault), provider("relay", wire)
    with behind(main, relay) as here:
        seen = await here.call(path, body)
    heard = hear(client, seen.body)
    assert (heard.words, heard.terminal, heard.error) == (WORDS, True, False)
    assert len(heard.ids) <= 1
    assert held(here) == [(outcome, False, "dropped"), ("whole", True, "whole")]
    entry = here.rows.only
    assert (entry.request.outcome, entry.request.delivery) == ("whole", "buffered")
    first = entry.attempts[0]
    assert first.failure in failures
    assert first.first_content_us is not None
    assert seen.headers[b"content-type"].startswith(b"text/event-stream")


async def test_signs_of_life_go_out_while_it_is_held() -> None:
    path, body = asking("anthropic", stream=True)
    main = provider("main", "anthropic", "drip:0.03")
    with behind(main, keepalive_s=0.05) as here:
        seen = await here.call(path, body)
    request = here.rows.only.request
    assert (request.keepalives or 0) >= 2
    assert hear("anthropic", seen.body).words == WORDS
    assert (request.first_content_us or 0) > 150_000  # the price: nothing until it is whole
    assert (request.overhead_out_us or 0) < 100_000  # which is no overhead of ours
    assert held(here) == [("whole", True, "whole")]


async def test_what_is_too_long_goes_out_as_it_comes_and_binds_us() -> None:
    path, body = asking("anthropic", stream=True)
    long = Reply(texts=("x" * 2000 + " ",) * 1000)
    main = provider("main", "anthropic", "cut_at:900", replies=lambda _: long)
    with behind(main, provider("relay", "anthropic"), held_max_mib=1) as here:
        seen = await here.call(path, body)
    assert held(here) == [("reset", True, "too_long")]
    assert hear("anthropic", seen.body).error
    assert here.rows.only.request.outcome == "reset"


async def test_nothing_of_what_is_dropped_reaches_a_client_whom_nobody_can_answer() -> None:
    path, body = asking("anthropic", stream=True)
    with behind(provider("main", "anthropic", "cut_at:5")) as here:
        seen = await here.call(path, body)
    assert (seen.status, here.rows.story) == (503, ["main reset", "exhausted"])
    assert b"hello" not in seen.body


async def test_an_end_after_which_the_connection_stays_open_is_waited_for_a_second_at_most() -> (
    None
):
    path, body = asking("anthropic", stream=True)
    with behind(provider("main", "anthropic", "no_done")) as here:
        seen = await here.call(path, body)
    assert hear("anthropic", seen.body).words == WORDS
    assert held(here) == [("whole", True, "whole")]


@pytest.mark.parametrize("stream", [True, False])
async def test_a_whole_answer_is_no_stream_to_hold(stream: bool) -> None:
    path, body = asking("chat", stream=stream)
    with behind(provider("main", "chat", answers_in="whole")) as here:
        await here.call(path, body)
    assert held(here) == [("whole", True, None)]
    assert here.rows.only.request.delivery == ("buffered" if stream else None)
