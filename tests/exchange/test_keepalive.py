"""A client whose content is late hears of us, and still gets its answer, or why there is none."""

import asyncio
from dataclasses import replace

import anyio
import pytest

from fixtures.engine import FakeProvider
from proxy.errors import ClientLeft
from proxy.exchange.keepalive import COMMENT, OF_CODEX, KeepAlive
from proxy.routing.types import Limits
from proxy.wires import WIRES
from tests.asgi import asking, proxy, until_asked

pytestmark = pytest.mark.anyio
LIMITS = Limits(first_byte_s=5, first_content_s=5, idle_s=5, keepalive_s=0.05, total_s=9)
SIGNS = {
    "anthropic": COMMENT,
    "chat": COMMENT,
    "responses": COMMENT,
    "gemini": b"\n",
}
each_wire = pytest.mark.parametrize("wire", WIRES)


def late(*faults: str, **more: object) -> FakeProvider:
    return FakeProvider("main", faults=faults, events=3, **more)  # type: ignore[arg-type]  # settings


@each_wire
async def test_signs_of_life_come_before_the_answer_and_change_nothing_of_it(wire: str) -> None:
    path, body = asking(wire, stream=True)
    with proxy(late("slow_head:0.18"), limits=LIMITS) as here:
        seen = await here.call(path, body)
    with proxy(late(), limits=LIMITS) as direct:
        healthy = await direct.call(path, body)
    request = here.rows.only.request
    signs = request.keepalives or 0
    assert 2 <= signs <= 4
    assert seen.body == SIGNS[wire] * signs + seen.body[len(SIGNS[wire]) * signs :]
    assert len(seen.body) - len(SIGNS[wire]) * signs == len(healthy.body)
    assert here.rows.story == ["main whole", "whole"]
    assert request.answer_bytes == len(seen.body)
    assert (request.first_byte_us or 0) > 150_000  # a sign of life is no byte of the answer
    assert seen.headers[b"content-type"].startswith(b"text/event-stream")


async def test_codex_gets_signs_that_its_timer_knows() -> None:
    path, body = asking("responses", stream=True)
    agent = {"user-agent": "codex_exec/0.169.0 (Debian; x86_64)"}
    with proxy(late("slow_head:0.12"), limits=LIMITS) as here:
        seen = await here.call(path, body, agent)
    assert seen.body.startswith(OF_CODEX + OF_CODEX)


async def test_a_client_that_has_left_is_told_nothing_while_all_is_put_away() -> None:
    wrong: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    keep_alive = KeepAlive(None, WIRES["anthropic"], COMMENT, 0.01)  # type: ignore[arg-type]

    async def leaves() -> None:
        raise ClientLeft

    async def served() -> None:
        async with asyncio.TaskGroup() as group:
            keep_alive.watch(group)
            group.create_task(leaves())
            try:
                await asyncio.sleep(1)
            finally:
                await asyncio.sleep(0.03)  # as a connection that is slow to close
                keep_alive.stop()

    with pytest.raises(ExceptionGroup):
        await served()
    assert wrong == []


async def test_content_in_time_needs_none() -> None:
    path, body = asking("anthropic", stream=True)
    with proxy(late(), limits=LIMITS) as here:
        seen = await here.call(path, body)
        await anyio.sleep(0.1)
    assert here.rows.only.request.keepalives == 0
    assert not seen.body.startswith(COMMENT)


async def test_what_is_not_streamed_needs_none() -> None:
    path, body = asking("anthropic", stream=False)
    with proxy(late("slow_head:0.12"), limits=LIMITS) as here:
        seen = await here.call(path, body)
    assert seen.json()["type"] == "message"
    assert here.rows.only.request.keepalives == 0


@each_wire
async def test_the_provider_may_still_change(wire: str) -> None:
    path, body = asking(wire, stream=True)
    limits = replace(LIMITS, first_byte_s=0.15)
    with proxy(late("no_headers"), FakeProvider("relay", events=3), limits=limits) as here:
        seen = await here.call(path, body)
    assert here.rows.story == ["main late", "relay whole", "whole"]
    assert (here.rows.only.request.keepalives or 0) >= 2
    assert WIRES[wire].error(503, "").split(b'"')[1] not in seen.body[:9]


@each_wire
@pytest.mark.parametrize(
    ("fault", "story"),
    [
        ("no_headers", ["main late", "exhausted"]),
        ("slow_head:0.1", ["main whole", "whole"]),
    ],
)
async def test_a_failure_after_the_head_is_told_by_an_event(
    wire: str, fault: str, story: list[str]
) -> None:
    path, body = asking(wire, stream=True)
    with proxy(late(fault), limits=replace(LIMITS, first_byte_s=0.15)) as here:
        seen = await here.call(path, body)
    assert here.rows.story == story
    assert (seen.status, seen.ended) == (200, True)
    assert (b"No provider could answer" in seen.body) == (story[-1] == "exhausted")


async def test_a_callers_fault_after_the_head_is_told_in_the_providers_words() -> None:
    path, body = asking("anthropic", stream=True)
    relay = FakeProvider("relay", faults=["status:400"])
    with proxy(late("no_headers"), relay, limits=replace(LIMITS, first_byte_s=0.15)) as here:
        seen = await here.call(path, body)
    assert here.rows.story == ["main late", "relay refused", "caller_fault"]
    assert b"event: error" in seen.body
    assert b"fails as it was told" in seen.body


async def test_a_request_that_cannot_be_converted_is_told_by_an_event() -> None:
    body = {"model": "m", "stream": True, "max_tokens": 9, "messages": "not for us"}
    main, chat = FakeProvider("main"), FakeProvider("chat", wires=("chat",))
    with proxy(main, chat, limits=replace(LIMITS, first_byte_s=0.15)) as here:
        here.router.clear()
        here.router.post("https://main.test/v1/messages").mock(side_effect=_silence)
        with anyio.fail_after(4):
            seen = await here.call("/v1/messages", body)
    assert here.rows.story == ["main late", "rejected"]
    assert (seen.status, seen.ended) == (200, True)
    assert b"event: error" in seen.body


async def _silence(_: object) -> None:
    await anyio.sleep_forever()


async def test_an_answer_that_comes_whole_follows_the_signs() -> None:
    path, body = asking("chat", stream=True)
    main = FakeProvider("main", faults=["slow_head:0.12"], events=3, answers_in="whole")
    with proxy(main, limits=LIMITS) as here:
        seen = await here.call(path, body)
    assert seen.body.startswith(COMMENT)
    assert seen.body.endswith(b"data: [DONE]\n\n")
    assert here.rows.story == ["main whole", "whole"]


async def test_a_hang_up_while_waiting_is_noticed() -> None:
    path, body = asking("anthropic", stream=True)
    main = late("no_headers")
    with proxy(main, limits=LIMITS) as here, anyio.fail_after(4):
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, path, body)
            await until_asked(main)
            await anyio.sleep(0.12)
            here.left.set()
    assert here.rows.story == ["main client_left", "client_left"]
    assert here.app.exchange.tally.active == 0


async def test_a_client_that_does_not_take_them_meets_the_deadline() -> None:
    path, body = asking("anthropic", stream=True)
    limits = replace(LIMITS, total_s=0.4)
    with proxy(late("slow_head:0.15"), limits=limits) as here, anyio.fail_after(5):
        here.reads = 2  # the head; the first sign of life is never taken
        await here.call(path, body)
    assert here.rows.only.request.outcome == "client_left"


async def test_a_stop_while_waiting_is_told() -> None:
    path, body = asking("anthropic", stream=True)
    main = late("no_headers")
    with proxy(main, limits=LIMITS) as here:
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, path, body)
            await until_asked(main)
            await anyio.sleep(0.12)
            group.cancel_scope.cancel()
    assert here.rows.story == ["main stopped", "stopped"]
    assert here.last.body.rstrip().endswith(b'Ask again."}}')
