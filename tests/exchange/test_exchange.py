"""One row per exchange, however it ends; and what is refused before anybody is asked."""

import gzip
import json
from collections.abc import Awaitable
from dataclasses import replace

import anyio
import httpx
import pytest
import zstandard

from fixtures.engine import FakeProvider
from fixtures.speech.types import WireName
from proxy.exchange import delivery, trying
from proxy.routing.types import Limits
from tests.asgi import CLIENT_KEY, SHORT, Seen, asking, proxy, two, until_asked

pytestmark = pytest.mark.anyio
PATH, BODY = asking("anthropic", stream=True)


@pytest.mark.parametrize(
    ("leaves_at", "story"),
    [
        pytest.param(1, ["main client_left", "client_left"], id="at the head"),
        pytest.param(3, ["main client_left", "client_left"], id="in the middle"),
    ],
)
async def test_a_client_that_leaves_is_noted(leaves_at: int, story: list[str]) -> None:
    main = FakeProvider("main", events=50, pace_s=0.005)
    with proxy(main, leaves_at=leaves_at) as here:
        await here.call(PATH, BODY)
    assert here.rows.story == story
    assert main.log[0].ended == "client_left"
    assert here.rows.only.attempts[0].prompt_tokens == main.log[0].usage.prompt  # told at the start
    assert here.rows.only.attempts[0].usage_source == "partial"
    assert here.rows.only.attempts[0].output_tokens is None


async def test_a_client_that_leaves_with_the_last_event_has_a_whole_answer() -> None:
    main = FakeProvider("main", faults=["stall_at:99"])  # keeps the connection after its end
    with proxy(main) as here, anyio.fail_after(3):
        here.leaves_after = b"message_stop"
        await here.call(PATH, BODY)
    assert here.rows.story == ["main whole", "whole"]


async def test_a_provider_that_keeps_the_connection_after_its_end_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "AFTER_THE_END_S", 0.05)
    with proxy(FakeProvider("main", faults=["stall_at:99"]), limits=Limits()) as here:
        with anyio.fail_after(3):
            seen = await here.call(PATH, BODY)
    assert here.rows.story == ["main whole", "whole"]
    assert seen.ended


async def test_a_hang_up_while_waiting_stops_the_wait() -> None:
    main, relay = FakeProvider("main", faults=["no_headers"]), FakeProvider("relay")
    with proxy(main, relay, limits=replace(SHORT, first_byte_s=60)) as here:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(here.call, PATH, BODY)
                await until_asked(main)
                here.left.set()
    assert here.rows.story == ["main client_left", "client_left"]
    assert relay.log == []
    assert here.rows.only.request.status is None


async def test_a_stop_of_the_server_is_noted() -> None:
    main = FakeProvider("main", faults=["no_headers"])
    with proxy(main, limits=replace(SHORT, first_byte_s=60)) as here:
        async with anyio.create_task_group() as group:
            group.start_soon(here.call, PATH, BODY)
            await until_asked(main)
            group.cancel_scope.cancel()
    assert here.rows.story == ["main stopped", "stopped"]
    assert here.app.exchange.tally.active == 0


async def test_a_defect_of_ours_is_logged_raised_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(trying, "errand_for", broken)
    main, _ = two()
    with proxy(main) as here, pytest.raises(ExceptionGroup):
        await here.call(PATH, BODY)
    assert here.rows.story == ["crashed"]
    assert here.rows.only.request.status == 500
    assert here.rows.begun == [here.rows.only.request.request_id]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "words"),
    [
        (PATH, b"{", {}, 400, "cannot be used"),
        (PATH, b'{"stream":true}', {}, 400, "missing required field `model`"),
        (PATH, b'{"model":7}', {}, 400, "Expected `str`, got `int` - at `$.model`"),
        (PATH, BODY, {"content-type": "text/plain"}, 415, "send application/json"),
        (PATH, BODY, {"content-encoding": "br"}, 415, "send gzip, deflate, zstd"),
        (PATH, BODY, {"content-encoding": "gzip"}, 400, "no whole gzip"),
        (PATH, b" " * 3_000_000, {}, 413, "larger than 2 MiB"),
        (PATH, BODY, {"origin": "https://evil.test"}, 403, "Origin"),
        (PATH, BODY, {"host": "evil.test"}, 403, "allowed_hosts"),
        ("/v1/nothing", BODY, {"anthropic-version": "x"}, 404, "no /v1/nothing here"),
        (PATH + "?a=" + "x" * 20_000, BODY, {}, 414, "longer than 16384 bytes"),
    ],
)
async def test_bad_input_is_refused_in_the_clients_words_and_logged(
    path: str, body: bytes | dict[str, object], headers: dict[str, str], status: int, words: str
) -> None:
    main, _ = two()
    with proxy(main, max_body_bytes=2 * 2**20) as here:
        seen = await here.call(path, body, headers)
    assert seen.status == status
    assert seen.json()["type"] == "error"
    assert words in seen.json()["error"]["message"]
    assert here.rows.story == ["rejected"]
    assert here.rows.only.request.error_message == seen.json()["error"]["message"]
    assert here.rows.only.request.status == status
    assert main.log == []


async def test_a_wrong_method_is_refused() -> None:
    with proxy(two()[0]) as here:
        seen = await here.call("/v1/responses", b"", method="GET")
    assert (seen.status, here.rows.story) == (405, ["rejected"])


async def test_client_keys_are_asked_for_when_there_are_some() -> None:
    main, _ = two()
    with proxy(main, client_keys={"laptop": "sesame"}) as here:
        refused = await here.call(PATH, BODY)
        served = await here.call(PATH, BODY, {"authorization": "Bearer sesame"})
    assert (refused.status, served.status) == (401, 200)
    assert [entry.request.client_key for entry in here.rows.entries] == [None, "laptop"]
    assert "sesame" not in repr(here.rows.entries)


@pytest.mark.parametrize(
    ("queues", "words"),
    [
        ({}, "No providers are configured for claude"),
        ({"claude": ()}, "No providers are configured for claude"),
    ],
)
async def test_an_empty_queue_says_what_to_add(queues: dict[str, object], words: str) -> None:
    with proxy(queues=queues) as here:
        seen = await here.call(PATH, BODY)
    assert seen.status == 400
    assert words in seen.json()["error"]["message"]
    assert 'wires = ["anthropic"]' in seen.json()["error"]["message"]


async def test_a_provider_of_another_wire_is_spoken_to_in_its_own() -> None:
    chat, main = FakeProvider("chat", wires=("chat",)), FakeProvider("main")
    with proxy(chat, main) as here:
        seen = await here.call(PATH, BODY, {"anthropic-beta": "a", "x-api-key": CLIENT_KEY})
    assert here.rows.story == ["chat whole", "whole"]
    assert here.rows.only.attempts[0].provider_wire == "chat"
    assert here.rows.only.request.client_wire == "anthropic"
    assert seen.body.count(b"event: message_stop") == 1
    assert seen.headers[b"x-pointsman-losses"] == str(len(here.rows.only.losses)).encode()
    headers = dict(chat.received[0].headers)
    assert "anthropic-beta" not in headers
    assert headers["authorization"] == "Bearer key-of-chat"


@pytest.mark.parametrize("wire", ["chat", "responses", "gemini"])
async def test_a_reset_after_the_end_still_ends_a_converted_answer(wire: WireName) -> None:
    main = FakeProvider("main", wires=(wire,), faults=["reset_at:99"], events=3)
    with proxy(main) as here:
        seen = await here.call(PATH, BODY)
    assert here.rows.story == ["main whole", "whole"]
    assert seen.body.count(b"event: message_stop") == 1
    assert b"event: error" not in seen.body


async def test_a_request_that_cannot_be_converted_is_refused() -> None:
    with proxy(FakeProvider("chat", wires=("chat",))) as here:
        seen = await here.call(PATH, {"model": "m", "messages": "no list"})
    assert (seen.status, here.rows.story) == (400, ["rejected"])


async def test_what_a_conversion_loses_is_in_the_rows() -> None:
    with proxy(FakeProvider("chat", wires=("chat",))) as here:
        await here.call(PATH, {**BODY, "context_management": {"edits": []}})
    losses = here.rows.only.losses
    assert [loss.path for loss in losses if "context" in loss.path] == ["context_management"]
    assert {loss.attempt_no for loss in losses} == {1}


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.compress)]
)
async def test_encoded_bodies_arrive_decoded(encoding: str, pack: object) -> None:
    assert callable(pack)
    sent = pack(json.dumps(BODY).encode())
    main, _ = two()
    with proxy(main) as here:
        seen = await here.call(PATH, sent, {"content-encoding": encoding})
    assert seen.status == 200
    assert main.received[0].body == json.dumps(BODY).encode()
    assert here.rows.only.request.request_bytes == len(sent)


async def test_the_deadline_ends_all_trying() -> None:
    slow = [FakeProvider(name, faults=["no_headers"]) for name in "abcdef"]
    with proxy(*slow, limits=Limits(first_byte_s=0.1, total_s=0.25)) as here, anyio.fail_after(3):
        seen = await here.call(PATH, BODY)
    assert seen.status == 503
    assert here.rows.story == ["a late", "b late", "c late", "exhausted"]


async def test_silence_after_the_handshake_is_allowed_longer_than_before_the_first_byte() -> None:
    main = FakeProvider("main", faults=["slow_content:0.15"], events=3)
    limits = Limits(first_byte_s=0.1, first_content_s=5, idle_s=5)
    with proxy(main, limits=limits) as here:
        await here.call(PATH, BODY)
    assert here.rows.story == ["main whole", "whole"]


async def test_the_small_endpoints() -> None:
    with proxy(two()[0]) as here:
        upgrade = {"upgrade": "websocket", "connection": "upgrade"}
        assert (await here.call("/v1/responses", b"", upgrade, "GET")).status == 426
        assert (await here.call("/", b"", {}, "HEAD")).status == 200
        assert (await here.call("/api/hello", b"", {}, "HEAD")).status == 200
        assert (await here.call("/healthz", b"", {}, "GET")).json() == {"status": "ok"}
        assert (await here.call("/claude/api/hello", b"", {}, "HEAD")).status == 200
        assert (await here.call("/status", b"", {"origin": "x"}, "GET")).status == 403
        page = {**upgrade, "origin": "https://evil.test"}
        assert (await here.call("/v1/responses", b"", page, "GET")).status == 403
        assert here.rows.entries == []
        await here.call(PATH, BODY)
        status = (await here.call("/status", b"", {}, "GET")).json()
    assert status["outcomes"] == {"whole": 1}
    assert (status["total"], status["active"]) == (1, 0)
    assert status["queues"]["claude"] == ["main/key"]


async def test_codex_is_told_to_use_its_own_models() -> None:
    main, _ = two()
    with proxy(main, client_keys={"laptop": "sesame"}) as here:
        path = "/v1/models?client_version=0.169.0"
        assert (await here.call(path, b"", {}, "GET")).status == 401
        seen = await here.call(path, b"", {"authorization": "Bearer sesame"}, "GET")
        assert (await here.call("/status", b"", {}, "GET")).status == 401
        assert (await here.call("/healthz", b"", {}, "GET")).status == 200
    assert seen.json() == {"models": []}
    assert main.log == []
    assert [entry.request.outcome for entry in here.rows.entries] == ["rejected", "whole"]


async def test_a_client_that_never_sends_its_body_is_refused() -> None:
    with proxy(two()[0], limits=replace(SHORT, total_s=0.1)) as here, anyio.fail_after(3):
        here.sends_body = False
        seen = await here.call(PATH, BODY)
    assert (seen.status, here.rows.story) == (408, ["rejected"])


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_does_not_read_meets_the_deadline(*, stream: bool) -> None:
    path, body = asking("anthropic", stream=stream)
    main = FakeProvider("main", events=20)
    limits = replace(SHORT, total_s=0.3)
    with proxy(main, limits=limits) as here, anyio.fail_after(9):
        here.reads = 2  # the head, and a piece of the body, which it never takes
        await here.call(path, body)
    assert here.rows.story[-1] == "client_left"


async def test_an_end_that_never_reached_the_client_is_not_whole_for_it() -> None:
    main = FakeProvider("main", faults=["stall_at:99"])
    with proxy(main, limits=replace(SHORT, total_s=0.3)) as here, anyio.fail_after(9):
        here.stops_reading_at = b"message_stop"
        await here.call(PATH, BODY)
    assert here.rows.story == ["main whole", "client_left"]


async def test_a_stop_tells_the_client_what_is_left_to_tell() -> None:
    main = FakeProvider("main", faults=["stall_at:6"], events=9)
    with proxy(main, limits=replace(SHORT, idle_s=60)) as here:
        async with anyio.create_task_group() as group:
            seen = here.call(PATH, BODY)
            group.start_soon(_keep, seen, result := [])
            await until_asked(main)
            await anyio.sleep(0.1)
            group.cancel_scope.cancel()
    assert here.rows.story == ["main stopped", "stopped"]
    assert result == []
    assert here.last.body.rstrip().endswith(b'Ask again."}}')


async def _keep(asked: Awaitable[Seen], into: list[Seen]) -> None:
    into.append(await asked)


@pytest.mark.parametrize(
    "echo",
    ["error_message", "error_type", "upstream_request_id"],
)
async def test_a_key_that_a_provider_echoes_is_struck_out(echo: str) -> None:
    key = "key-of-main"
    where = {"error_message": ("x", key), "error_type": (key, "x")}.get(echo, ("x", "x"))
    refusal = {"type": "error", "error": {"type": where[0], "message": where[1]}}
    answer = httpx.Response(400, json=refusal, headers={"request-id": f"r-{key}"})
    with proxy(FakeProvider("main")) as here:
        here.router.clear()
        here.router.post("https://main.test/v1/messages").mock(return_value=answer)
        seen = await here.call(PATH, BODY)
    row = here.rows.only.attempts[0]
    assert "***" in str(getattr(row, echo))
    assert key not in repr(here.rows.entries)
    assert key.encode() not in seen.body


async def test_concurrent_streams_do_not_mix() -> None:
    main = FakeProvider("main", events=20, pace_s=0.001)
    seen: dict[str, bytes] = {}

    async def ask(marker: str) -> None:
        seen[marker] = (await here.call(PATH, BODY, {"x-marker": marker})).body

    with proxy(main) as here:
        async with anyio.create_task_group() as group:
            for n in range(20):
                group.start_soon(ask, f"mark{n:02}")
    for marker, body in seen.items():
        assert body.count(b"mark") == body.count(marker.encode()) >= 20
    assert len({entry.request.request_id for entry in here.rows.entries}) == 20
