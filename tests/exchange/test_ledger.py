"""What the ledger decides of an exchange: that it is not served, and when its answer ends."""

import pytest

from fixtures.engine import FakeProvider
from tests.asgi import asking, proxy, two

pytestmark = pytest.mark.anyio

WHY = "There is no room for your row."
WIRES = ("anthropic", "chat", "responses", "gemini")
END = {
    "anthropic": b"message_stop",
    "chat": b"[DONE]",
    "responses": b"response.completed",
    "gemini": b"finishReason",
}


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("wire", WIRES)
async def test_refused_before_anybody_is_asked(wire: str, *, stream: bool) -> None:
    main, relay = two()
    with proxy(main, relay) as here:
        here.rows.refuses = WHY
        path, body = asking(wire, stream=stream)
        seen = await here.call(path, body)
        assert seen.status == 503
        assert seen.headers[b"x-should-retry"] == b"false"
        assert seen.json()["error"]["message"] == WHY
        assert (main.log, relay.log) == ([], [])
        assert (here.rows.begun, here.rows.entries) == ([], [])


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("wire", WIRES)
async def test_an_end_that_was_held_is_the_same_answer(wire: str, *, stream: bool) -> None:
    path, body = asking(wire, stream=stream)
    answers = []
    for holds in (False, True):
        with proxy(FakeProvider("main", wires=(wire,), events=4)) as here:
            here.rows.holds_ends = holds
            seen = await here.call(path, body)
            assert here.rows.only.request.outcome == "whole"
            answers.append((seen.status, seen.ended, seen.body))
    assert answers[0] == answers[1]
    assert END[wire] in answers[1][2] or not stream


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_does_not_end_before_its_row_is_kept(wire: str) -> None:
    path, body = asking(wire, stream=True)
    with proxy(FakeProvider("main", wires=(wire,), events=4)) as here:
        here.rows.holds_ends = True
        seen_then: list[bytes] = []

        async def kept(*, is_written: bool) -> str | None:
            assert is_written
            assert here.rows.only.request.outcome == "whole"
            seen_then.append(here.last.body)
            return None

        here.rows.kept = kept  # type: ignore[method-assign]
        seen = await here.call(path, body)
    assert len(seen_then) == 1
    assert END[wire] not in seen_then[0]
    assert END[wire] in seen.body
    assert seen.ended


@pytest.mark.parametrize("wire", WIRES)
async def test_a_stream_whose_row_is_not_kept_ends_in_an_error(wire: str) -> None:
    path, body = asking(wire, stream=True)
    with proxy(FakeProvider("main", wires=(wire,), events=4)) as here:
        here.rows.holds_ends, here.rows.instead = True, WHY
        seen = await here.call(path, body)
    assert seen.status == 200
    assert END[wire] not in seen.body
    assert WHY.encode() in seen.body
    assert seen.ended


@pytest.mark.parametrize("wire", WIRES)
async def test_a_whole_answer_whose_row_is_not_kept_is_an_error(wire: str) -> None:
    path, body = asking(wire, stream=False)
    with proxy(FakeProvider("main", wires=(wire,), events=4)) as here:
        here.rows.holds_ends, here.rows.instead = True, WHY
        seen = await here.call(path, body)
    assert (seen.status, seen.ended) == (503, True)
    assert seen.json()["error"]["message"] == WHY
