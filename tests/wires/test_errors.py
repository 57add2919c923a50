"""Errors of any shape are errors, wherever they come: nobody's answer, and never content."""

import msgspec
import pytest

from proxy.canonical import Told
from proxy.relay import Relay
from proxy.wires import WIRES

DEEP = b"[" * 100_000 + b"]" * 100_000

SHAPES = [
    pytest.param("chat", {"error": "busy"}, None, "busy", id="chat: a text"),
    pytest.param("chat", {"error": {"message": "busy"}}, None, "busy", id="chat: no type"),
    pytest.param(
        "chat", {"error": {"code": 529.5, "message": ["busy"]}}, "529.5", '["busy"]', id="chat: odd"
    ),
    pytest.param("chat", {"error": True}, None, "true", id="chat: true"),
    pytest.param(
        "chat",
        {"object": "error", "message": "busy", "type": "NotFoundError", "code": None},
        "NotFoundError",
        "busy",
        id="chat: as vLLM says it",
    ),
    pytest.param("gemini", {"error": "busy"}, None, "busy", id="gemini: a text"),
    pytest.param(
        "gemini",
        {"error": {"code": "503", "message": "busy", "status": "UNAVAILABLE"}},
        "UNAVAILABLE",
        "busy",
        id="gemini: a code in words",
    ),
    pytest.param("anthropic", {"type": "error", "error": "busy"}, None, "busy", id="a text"),
    pytest.param(
        "anthropic", {"error": {"type": "e", "message": "busy"}}, "e", "busy", id="no type outside"
    ),
    pytest.param("anthropic", {"type": "error", "message": "busy"}, "error", "busy", id="bare"),
    pytest.param("responses", {"error": "busy"}, None, "busy", id="responses: a text"),
    pytest.param(
        "responses", {"type": "error", "error": "busy"}, None, "busy", id="responses: typed"
    ),
    pytest.param(
        "responses",
        {"type": "error", "code": "e", "message": "busy"},
        "e",
        "busy",
        id="responses: bare",
    ),
]


@pytest.mark.parametrize(("wire", "error", "kind", "message"), SHAPES)
def test_an_error_of_another_shape_is_an_error(
    wire: str, error: object, kind: str | None, message: str
) -> None:
    body = msgspec.json.encode(error)
    told = Told(error_type=kind or "error", error_message=message)
    assert WIRES[wire].read_whole(body) == told
    # A type that nobody named is unknown, and says nothing of what an error status means.
    assert WIRES[wire].read_refusal(body) == Told(error_type=kind, error_message=message)
    relay = Relay(WIRES[wire].reader())
    assert relay.feed(b"data: " + body + b"\n\n") == b""
    assert (relay.committed, relay.fault) == (False, True)
    assert relay.told() == told


@pytest.mark.parametrize("wire", ["anthropic", "responses"])
@pytest.mark.parametrize("data", [b"busy", b'{"message":"busy"}', b'"busy"'])
def test_an_event_called_error_is_one_whatever_it_holds(wire: str, data: bytes) -> None:
    relay = Relay(WIRES[wire].reader())
    assert relay.feed(b"event: error\ndata: " + data + b"\n\n") == b""
    assert relay.fault
    assert relay.told() == Told(error_type="error", error_message="busy")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (b'data: {"type":"response.failed","response":{"error":"busy"}}', "busy"),
        (b'data: {"type":"response.failed"}', None),
        (b"event: response.failed\ndata: busy", None),
    ],
)
def test_a_response_that_failed_need_not_say_why(event: bytes, message: str | None) -> None:
    relay = Relay(WIRES["responses"].reader())
    assert relay.feed(event + b"\n\n") == b""
    assert relay.fault
    assert relay.told() == Told(error_type="error", error_message=message)


@pytest.mark.parametrize("wire", WIRES)
def test_an_error_that_is_null_is_none(wire: str) -> None:
    relay = Relay(WIRES[wire].reader())
    relay.feed(b'data: {"type":"x","error":null,"choices":[]}\n\n')
    assert not relay.fault


@pytest.mark.parametrize("wire", WIRES)
def test_an_answer_that_is_nested_too_deep_is_no_answer(wire: str) -> None:
    for body in (DEEP, b'{"type":"message","error":%b}' % DEEP, b'{"usage":%b}' % DEEP):
        assert WIRES[wire].read_whole(body) is None
        assert WIRES[wire].read_refusal(body) == Told()
        relay = Relay(WIRES[wire].reader())
        event = b"data: " + body + b"\n\n"
        assert relay.feed(event) == event
    relay = Relay(WIRES[wire].reader())
    assert relay.feed(b"data: " + DEEP) + relay.end() == b""


BAD_TEXT = {
    "anthropic": b'{"type":"message","usage":{"input_tokens":1,"x":"\xff"}}',
    "chat": b'{"choices":[],"usage":{"prompt_tokens":1,"x":"\xff"}}',
    "responses": b'{"object":"response","usage":{"input_tokens":1,"x":"\xff"}}',
    "gemini": b'{"candidates":[{}],"usageMetadata":{"promptTokenCount":1,"x":"\xff"}}',
}


@pytest.mark.parametrize("wire", WIRES)
def test_bad_text_beside_the_counts_does_not_hide_them(wire: str) -> None:
    told = WIRES[wire].read_whole(BAD_TEXT[wire])
    assert told is not None
    assert told.usage.prompt == 1
    assert told.usage_raw is not None
    assert "\ufffd" in told.usage_raw
