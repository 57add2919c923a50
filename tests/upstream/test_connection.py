"""Whether an answer came over a new connection, and when that was there."""

import pytest

from fixtures.drivers.sockets import serve
from fixtures.engine import FakeProvider
from proxy.clock import REAL
from proxy.upstream import Answer, Order
from proxy.upstream.httpx_lane import HttpxLane
from tests.asgi import asking

pytestmark = pytest.mark.anyio


async def read(lane: HttpxLane, order: Order) -> Answer:
    answer = await lane.open(order)
    async for _ in answer.chunks():
        pass
    await answer.aclose()
    return answer


async def test_the_first_opens_one_and_the_next_takes_it() -> None:
    path, _ = asking("anthropic", stream=False)
    lane, before_us = HttpxLane(), REAL.tick_us()
    async with serve(FakeProvider("main")) as server:
        headers = [(b"content-type", b"application/json")]
        body = b'{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}'
        order = Order("main", "POST", server.url + path, headers, body, connect_s=5)
        first, second = await read(lane, order), await read(lane, order)
        await lane.aclose()
    assert first.reused is False
    assert first.connected_us is not None
    assert before_us <= first.connected_us <= REAL.tick_us()
    assert (second.reused, second.connected_us) == (True, None)
