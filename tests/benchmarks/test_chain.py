"""What the chain of a prompt costs, in CPU time of this thread: first, and from then on."""

import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from proxy.canonical import Session
from proxy.exchange.chains import Chains
from proxy.ledger.line import Ended
from proxy.ledger.lineage import Lineage
from proxy.record.chain import chain, packed, thinned
from proxy.steering import Wish
from proxy.wires import WIRES
from tests.benchmarks.bench import Bench
from tests.ledger.entries import request_id

WIRE = WIRES["anthropic"]
WISH = Wish(app="claude", model="m", session=Session("one", "header"))
SECRET = b"s" * 32
PROMPT_BYTES = 500 * 1024
TOOLS_BYTES = 60 * 1024
TEXT = 'say "hi"\n'
CHAINED_ROWS = 2000


def thread_s() -> float:
    return time.thread_time()


def thread_s_per_row() -> float:
    return time.thread_time() / CHAINED_ROWS


def body(turns: int, size: int) -> bytes:
    """Return what Claude Code sends: turns first, the last two marked; a line that changes."""
    said: list[dict[str, Any]] = [_turn(number, size) for number in range(turns)]
    for one in said[-2:]:
        one["content"][0]["cache_control"] = {"type": "ephemeral"}
    billing = {"type": "text", "text": f"x-anthropic-billing-header: cch={turns}"}
    system = [billing, {"type": "text", "text": "s" * 15_000}]
    tools = [{"name": f"t{number}", "description": "d" * 1000} for number in range(60)]
    fields = {"model": "m", "messages": said, "system": system, "tools": tools, "stream": True}
    return json.dumps(fields, separators=(",", ":")).encode()


def _turn(number: int, size: int) -> dict[str, Any]:
    text = f"{number} " + TEXT * (size // len(json.dumps(TEXT)))
    return {"role": "user", "content": [{"type": "text", "text": text}]}


@pytest.mark.benchmark(timer=thread_s, group="chain", max_time=0.5)
@pytest.mark.parametrize("turns", [60, 330])
def test_first_time(turns: int, benchmark: Bench) -> None:
    asked = body(turns, PROMPT_BYTES // turns)
    benchmark.extra_info.update(kind="part", part=f"chain of 500 KB in {turns} turns, first time")
    assert len(benchmark(lambda: Chains().links(WISH, WIRE, asked, SECRET))) == turns + 2


@pytest.mark.benchmark(timer=thread_s, group="chain")
@pytest.mark.parametrize("turns", [60, 330])
def test_two_turns_more(turns: int, benchmark: Bench) -> None:
    size = PROMPT_BYTES // turns
    bodies: Sequence[bytes] = [body(turns, size), body(turns + 2, size)]
    chains = Chains()

    def begin() -> None:
        nonlocal chains
        chains = Chains()
        chains.links(WISH, WIRE, bodies[0], SECRET)

    name = f"chain of 500 KB in {turns} turns, two of them new"
    benchmark.extra_info.update(kind="part", part=name)
    found = benchmark.pedantic(
        lambda: packed(thinned(chains.links(WISH, WIRE, bodies[1], SECRET))),
        setup=begin,
        rounds=200,
        warmup_rounds=5,
    )
    assert found is not None
    assert len(found) == 16 * min(64, turns + 4)


@pytest.mark.benchmark(timer=thread_s_per_row, group="chain", max_time=0.5 / CHAINED_ROWS)
def test_finding_parents(benchmark: Bench) -> None:
    links = chain(SECRET, [b"%d" % number for number in range(100 + CHAINED_ROWS)])
    rows = [
        Ended(request_id(number), number, "claude", None, packed(thinned(links[: 100 + number])))
        for number in range(CHAINED_ROWS)
    ]
    benchmark.extra_info.update(kind="part", part="parent of a request, at conversion")
    assert len(benchmark(lambda: Lineage().parents(rows))) == CHAINED_ROWS
