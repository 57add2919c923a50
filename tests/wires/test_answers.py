"""What each wire's requests, whole answers and errors say."""

import json

import msgspec
import pytest

from proxy.canonical import Ask, Session, Told, Usage
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires import WIRES

DEEP = b'{"model":"m","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HERE = Location("/v1/x", {})
GEMINI_STREAM = Location(
    "/v1beta/models/gemini-3.8-flash:streamGenerateContent", {"alt": "sse", "key": "k"}
)
CLAUDE_CODE = json.dumps(
    {"user_id": json.dumps({"device_id": "d", "account_uuid": "", "session_id": "s-1"})}
)


@pytest.mark.parametrize(
    ("wire", "body", "location", "ask"),
    [
        pytest.param(
            "anthropic",
            '{"model":"m","stream":true,"metadata":' + CLAUDE_CODE + "}",
            HERE,
            Ask(model="m", stream=True, session=Session("s-1", "body metadata.user_id")),
            id="Claude Code's session is JSON in a text",
        ),
        pytest.param(
            "anthropic",
            '{"model":"m","metadata":{"user_id":"user_ab_account__session_s-2"}}',
            HERE,
            Ask(model="m", session=Session("s-2", "body metadata.user_id")),
            id="older Claude Code's session is a suffix",
        ),
        pytest.param(
            "anthropic",
            '{"model":"m","stream":null,"metadata":{"user_id":7}}',
            HERE,
            Ask(model="m"),
            id="odd metadata is the provider's to judge",
        ),
        pytest.param(
            "chat",
            '{"model":"m","stream":true,"messages":[{"content":[{"a":1}]}],"prompt_cache_key":"k"}',
            HERE,
            Ask(model="m", stream=True, session=Session("k", "body prompt_cache_key")),
            id="chat",
        ),
        pytest.param(
            "responses",
            '{"model":"m","stream":true,"prompt_cache_key":["k"]}',
            HERE,
            Ask(model="m", stream=True),
            id="responses, with a key that is none",
        ),
        pytest.param("responses", '{"prompt":{"id":"p"}}', HERE, Ask(), id="a stored prompt"),
        pytest.param(
            "gemini",
            '{"contents":[]}',
            GEMINI_STREAM,
            Ask(model="gemini-3.8-flash", stream=True),
            id="gemini says it in the path",
        ),
        pytest.param(
            "gemini",
            "{}",
            Location("/v1beta/models/x:streamGenerateContent", {}),
            Ask(model="x", stream=False),
            id="without alt=sse it is one array",
        ),
        pytest.param(
            "anthropic",
            '{"model":"m","max_tokens":32000}',
            HERE,
            Ask(model="m", max_tokens=32000),
            id="how much may be answered",
        ),
        pytest.param(
            "chat",
            '{"model":"m","max_tokens":7,"max_completion_tokens":9}',
            HERE,
            Ask(model="m", max_tokens=9),
            id="in chat the newer name of it counts",
        ),
        pytest.param(
            "chat",
            '{"model":"m","max_tokens":"7"}',
            HERE,
            Ask(model="m"),
            id="a bound that is none",
        ),
        pytest.param(
            "responses",
            '{"model":"m","max_output_tokens":9}',
            HERE,
            Ask(model="m", max_tokens=9),
            id="and in responses",
        ),
        pytest.param(
            "gemini",
            '{"generationConfig":{"maxOutputTokens":9}}',
            GEMINI_STREAM,
            Ask(model="gemini-3.8-flash", stream=True, max_tokens=9),
            id="and in gemini's configuration",
        ),
        pytest.param(
            "gemini",
            '{"generation_config":{"max_output_tokens":9}}',
            GEMINI_STREAM,
            Ask(model="gemini-3.8-flash", stream=True, max_tokens=9),
            id="in either spelling",
        ),
    ],
)
def test_read_ask(wire: str, body: str, location: Location, ask: Ask) -> None:
    assert WIRES[wire].read_ask(body.encode(), location) == ask


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":1}x', b"\xff", b'"text"', DEEP])
def test_a_body_that_is_no_json_object_is_refused(wire: str, body: bytes) -> None:
    with pytest.raises(ClientError, match="cannot be used") as caught:
        WIRES[wire].read_ask(body, HERE)
    assert caught.value.status == 400


@pytest.mark.parametrize("wire", ["anthropic", "chat", "responses"])
def test_a_model_in_bad_text_is_refused(wire: str) -> None:
    with pytest.raises(ClientError, match="cannot be used") as caught:
        WIRES[wire].read_ask(b'{"model":"m\xff"}', HERE)
    assert caught.value.status == 400


@pytest.mark.parametrize("wire", ["anthropic", "chat", "responses"])
@pytest.mark.parametrize("value", [b'"\xff"', b"[" * 900 + b"]" * 900])
def test_a_session_that_cannot_be_read_is_none(wire: str, value: bytes) -> None:
    field = b'"metadata":{"user_id":%b}' if wire == "anthropic" else b'"prompt_cache_key":%b'
    body = b'{"model":"m",%b}' % (field % value)
    assert WIRES[wire].read_ask(body, HERE) == Ask(model="m")


CHAT_USAGE = {
    "prompt_tokens": 140,
    "completion_tokens": 15,
    "prompt_tokens_details": {"cached_tokens": 100},
}


@pytest.mark.parametrize(
    ("wire", "body", "usage"),
    [
        pytest.param(
            "anthropic",
            {"type": "message", "usage": {"input_tokens": 10, "output_tokens": 5}},
            Usage(prompt=10, uncached_input=10, output=5),
            id="anthropic without cache fields: unknown, not zero",
        ),
        pytest.param(
            "anthropic",
            {
                "type": "message",
                "usage": {
                    "input_tokens": 1,
                    "cache_read_input_tokens": 0,
                    "cache_creation_input_tokens": 9,
                    "output_tokens": 5,
                },
            },
            Usage(prompt=10, uncached_input=1, cache_read=0, cache_write=9, output=5),
            id="anthropic, older, does not split its writes",
        ),
        pytest.param(
            "chat",
            {"choices": [], "usage": CHAT_USAGE},
            Usage(prompt=140, uncached_input=40, cache_read=100, output=15),
            id="chat includes the cached part",
        ),
        pytest.param(
            "chat",
            {"choices": [], "usage": {"prompt_tokens": 140, "completion_tokens": 15}},
            Usage(prompt=140, output=15),
            id="chat without details: the split is unknown",
        ),
        pytest.param(
            "chat",
            {
                "choices": [],
                "usage": {**CHAT_USAGE, "prompt_tokens": 40},
            },
            Usage(prompt=140, uncached_input=40, cache_read=100, output=15),
            id="a server that counts the prompt without the cached part",
        ),
        pytest.param(
            "chat",
            {
                "choices": [],
                "usage": {"prompt_tokens": 140, "prompt_cache_hit_tokens": 100},
            },
            Usage(prompt=140, uncached_input=40, cache_read=100),
            id="DeepSeek's spelling",
        ),
        pytest.param(
            "responses",
            {
                "object": "response",
                "usage": {
                    "input_tokens": 140,
                    "output_tokens": 15,
                    "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 30},
                    "output_tokens_details": {"reasoning_tokens": 5},
                },
            },
            Usage(
                prompt=140,
                uncached_input=10,
                cache_read=100,
                cache_write=30,
                output=15,
                reasoning=5,
            ),
            id="responses",
        ),
        pytest.param(
            "gemini",
            {
                "candidates": [{}],
                "usageMetadata": {
                    "promptTokenCount": 100,
                    "toolUsePromptTokenCount": 10,
                    "candidatesTokenCount": 7,
                    "thoughtsTokenCount": 3,
                },
            },
            Usage(prompt=110, uncached_input=110, cache_read=0, output=10, reasoning=3),
            id="gemini leaves out what is zero, and counts thoughts apart",
        ),
        pytest.param(
            "gemini",
            [{"candidates": [{}]}, {"candidates": [{}], "usageMetadata": {"promptTokenCount": 1}}],
            Usage(prompt=1, uncached_input=1, cache_read=0),
            id="gemini's stream as one array",
        ),
    ],
)
def test_usage_of_a_whole_answer(wire: str, body: object, usage: Usage) -> None:
    told = WIRES[wire].read_whole(json.dumps(body).encode())
    assert told is not None
    assert told.usage == usage
    assert told.source == "reported"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(
    "body",
    [b"<!doctype html><title>502</title>", b"", b"null", b"[]", b'{"hello":1}', b'{"usage":{}}'],
)
def test_what_is_no_answer_is_none(wire: str, body: bytes) -> None:
    assert WIRES[wire].read_whole(body) is None


ERRORS = {
    "anthropic": {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}},
    "chat": {"error": {"message": "busy", "type": "server_error", "code": "overloaded_error"}},
    "responses": {"error": {"message": "busy", "type": "overloaded_error", "code": None}},
    "gemini": {"error": {"code": 503, "message": "busy", "status": "overloaded_error"}},
}


@pytest.mark.parametrize("wire", WIRES)
def test_errors_are_read_with_any_status(wire: str) -> None:
    body = json.dumps(ERRORS[wire]).encode()
    told = Told(error_type="overloaded_error", error_message="busy")
    assert WIRES[wire].read_refusal(body) == told
    whole = WIRES[wire].read_whole(body)
    assert whole is not None
    assert (whole.error_type, whole.error_message) == ("overloaded_error", "busy")


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"detail":"Not Found"}'])
def test_an_error_of_another_shape_tells_nothing(wire: str, body: bytes) -> None:
    assert WIRES[wire].read_refusal(body) == Told()


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504])
def test_our_own_errors_can_be_read_back(wire: str, status: int) -> None:
    told = WIRES[wire].read_refusal(WIRES[wire].error(status, "why"))
    assert told.error_message == "why"
    # Claude Code gives up early on this one, whatever the status is.
    assert told.error_type not in {None, "overloaded_error"}


def test_gemini_errors_have_a_number_first() -> None:
    body = WIRES["gemini"].error(503, "why")
    assert body.startswith(b'{"error":{"code":503')
    assert msgspec.json.decode(body)["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("wire", "key", "headers"),
    [
        ("anthropic", "k", [(b"x-api-key", b"k"), (b"authorization", b"Bearer k")]),
        ("anthropic", "sk-ant-oat01-x", [(b"authorization", b"Bearer sk-ant-oat01-x")]),
        ("chat", "k", [(b"authorization", b"Bearer k")]),
        ("responses", "k", [(b"authorization", b"Bearer k")]),
        ("gemini", "k", [(b"x-goog-api-key", b"k")]),
    ],
)
def test_credentials(wire: str, key: str, headers: list[tuple[bytes, bytes]]) -> None:
    assert WIRES[wire].credentials(key) == headers
