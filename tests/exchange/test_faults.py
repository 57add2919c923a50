"""Every fault, on every wire, streamed and whole: who is asked, what is seen, what is logged."""

import pytest

from fixtures.engine import FakeProvider
from proxy.wires import WIRES
from tests.asgi import CLIENT_KEY, asking, proxy, two

pytestmark = pytest.mark.anyio
each_wire = pytest.mark.parametrize("wire", WIRES)

BEFORE_CONTENT = {
    "status:401": "refused",
    "status:402": "refused",
    "status:403": "refused",
    "status:429:7": "refused",
    "status:500": "refused",
    "status:503": "refused",
    "status:529": "refused",
    "refuse": "unreachable",
    "reset": "unreachable",
    "close": "unreachable",
    "no_headers": "late",
    "html": "malformed",
    "error_200": "error_event",
    "error_event": "error_event",
    "reset_at:1": "reset",
    "cut_at:1": "reset",
    "stall_at:1": "stalled",
}


@each_wire
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("fault", BEFORE_CONTENT)
async def test_before_content_another_provider_answers(
    wire: str, fault: str, *, stream: bool
) -> None:
    path, body = asking(wire, stream=stream)
    if wire == "gemini":
        fault = fault.replace("_at:1", "_at:0")  # its first event is content already
    with proxy(*two(fault)) as here:
        seen = await here.call(path, body)
    with proxy(FakeProvider("relay", events=4)) as direct:
        healthy = await direct.call(path, body)
    assert seen.status == 200
    assert seen.ended
    assert len(seen.body) == len(healthy.body)  # ids differ, and nothing of the first came through
    tried, rescued, whole = here.rows.story
    expected = BEFORE_CONTENT[fault.replace("_at:0", "_at:1")]
    if fault == "stall_at:0" and stream:
        expected = "late"  # not a byte of the body came
    assert tried == f"main {expected}"
    assert (rescued, whole) == ("relay whole", "whole")


@each_wire
@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("reset_at:6", "reset"),
        ("cut_at:6", "reset"),
        ("cut_mid:6", "reset"),
        ("bad_chunk:6", "reset"),
        ("stall_at:6", "stalled"),
        ("no_terminal", "truncated"),
        ("error_event:6", "error_event"),
    ],
)
async def test_after_content_the_client_is_told_and_nobody_else_is_asked(
    wire: str, fault: str, outcome: str
) -> None:
    path, body = asking(wire, stream=True)
    main, relay = FakeProvider("main", faults=[fault], events=9), FakeProvider("relay")
    with proxy(main, relay) as here:
        seen = await here.call(path, body)
    assert here.rows.story == [f"main {outcome}", outcome]
    assert relay.log == []
    assert seen.status == 200
    assert seen.ended
    assert b"hello" in seen.body
    last = seen.body.rstrip().rpartition(b"\n\n")[2]
    match wire:
        case "anthropic":
            assert last.startswith(b'event: error\ndata: {"type":"error"')
            assert b"message_stop" not in seen.body
        case "chat":
            assert last.startswith(b'data: {"error"')
            assert b"[DONE]" not in seen.body
        case "responses":
            assert b'"type":"response.failed"' in last or b'"type":"error"' in last
            assert b"response.completed" not in seen.body
        case _:
            assert last.startswith(b'data: {"error":{"code":')
            assert b"STOP" not in seen.body


@each_wire
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("status", [400, 405, 413, 422])
async def test_the_callers_own_fault_passes_untouched(
    wire: str, status: int, *, stream: bool
) -> None:
    path, body = asking(wire, stream=stream)
    main, relay = two(f"status:{status}")
    with proxy(main, relay) as here:
        seen = await here.call(path, body)
    assert here.rows.story == ["main refused", "caller_fault"]
    assert relay.log == []
    assert seen.status == status
    told = WIRES[wire].read_refusal(seen.body)
    assert told.error_message == here.rows.only.attempts[0].error_message
    assert seen.headers[b"content-length"] == str(len(seen.body)).encode()


@each_wire
async def test_a_stream_that_ends_without_its_end_is_never_a_success(wire: str) -> None:
    path, body = asking(wire, stream=True)
    for events in range(1, 9):
        main = FakeProvider("main", faults=[f"cut_at:{events}"], events=5)
        with proxy(main) as here:
            seen = await here.call(path, body)
        row = here.rows.only.attempts[0]
        if row.saw_terminal:
            continue  # after its last event a stream may end as it likes
        assert here.rows.only.request.outcome != "whole"
        reader = WIRES[wire].reader
        assert seen.status == 503 or reader().error_event("x")[:12] in seen.body


@each_wire
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
async def test_when_nobody_is_left_the_client_may_come_again(wire: str, *, stream: bool) -> None:
    path, body = asking(wire, stream=stream)
    main = FakeProvider("main", faults=["status:429:30"])
    relay = FakeProvider("relay", faults=["status:529:7"])
    with proxy(main, relay) as here:
        seen = await here.call(path, body)
    assert seen.status == 503
    assert seen.headers[b"retry-after"] == b"7"
    assert here.rows.story == ["main refused", "relay refused", "exhausted"]
    assert b"main/key: rate limited (status 429)" in seen.body
    assert b"overloaded_error" not in seen.body
    assert here.rows.only.attempts[0].retry_after_ms == 30_000
    assert here.rows.only.request.error_message is not None


@each_wire
async def test_keys_stay_on_their_side(wire: str) -> None:
    path, body = asking(wire, stream=False)
    main, relay = two("status:401")
    with proxy(main, relay) as here:
        seen = await here.call(path, body, {"x-api-key": CLIENT_KEY, "x-goog-api-key": CLIENT_KEY})
    for provider in (main, relay):
        sent = repr(provider.received[0].headers)
        assert CLIENT_KEY not in sent
        assert f"key-of-{provider.name}" in sent
    assert "key-of" not in repr(here.rows.entries)
    assert CLIENT_KEY not in repr(here.rows.entries)
    assert b"key-of" not in seen.body


@each_wire
async def test_both_sides_have_the_same_bytes_and_all_is_noted(wire: str) -> None:
    path, body = asking(wire, stream=True)
    main, _ = two()
    with proxy(main) as here:
        seen = await here.call(path, body, {"x-session-id": "s-1", "user-agent": "cli/1"})
    entry = here.rows.only
    attempt, request = entry.attempts[0], entry.request
    served = main.log[0]
    assert attempt.received_bytes == len(seen.body) == served.sent_bytes == request.answer_bytes
    assert request.prompt_tokens == attempt.prompt_tokens == served.usage.prompt
    assert request.output_tokens == served.usage.output
    assert (request.session_id, request.session_source) == ("s-1", "header x-session-id")
    assert (request.provider, request.credential, request.user_agent) == ("main", "key", "cli/1")
    assert (request.status, request.n_attempts, request.is_stream) == (200, 1, True)
    assert attempt.usage_source == "reported"
    assert attempt.saw_terminal is True
    assert attempt.committed is True
    for earlier, later in [
        (attempt.headers_us, attempt.first_byte_us),
        (attempt.first_byte_us, attempt.first_content_us),
        (attempt.first_content_us, attempt.last_byte_us),
        (attempt.last_byte_us, attempt.total_us),
        (request.body_us, request.first_byte_us),
        (request.first_content_us, request.last_byte_us),
        (request.last_byte_us, request.total_us),
    ]:
        assert earlier is not None
        assert later is not None
        assert 0 <= earlier <= later
