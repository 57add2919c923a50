"""What a client says reaches each provider as that one takes it."""

from typing import Any

import msgspec
import pytest

from proxy.codec import Dialect
from proxy.convert.request import Conversion, Wanted, convert_request
from proxy.wire import Location
from proxy.wires import CODECS

PATHS = {"anthropic": "/v1/messages", "chat": "/v1/chat/completions", "responses": "/v1/responses"}
LINE = "x-anthropic-billing-header: cc_version=2.1.329; cch="
MARK = {"cache_control": {"type": "ephemeral"}}
USER_ID = '{"device_id":"d","account_uuid":"","session_id":"s-1"}'


def converted(client: str, provider: str, body: dict[str, Any], **wanted: Any) -> Conversion:
    raw = msgspec.json.encode(body)
    here = Location(PATHS[client], {})
    return convert_request(CODECS[client], CODECS[provider], raw, here, Wanted(**wanted))


def sent(conversion: Conversion) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(conversion.written.body)
    return body


def claude_code(changing: str, *more: dict[str, Any]) -> dict[str, Any]:
    """Return the second request of a session, as Claude Code sends it."""
    return {
        "model": "deepseek-chat",
        "max_tokens": 32000,
        "system": [
            {"type": "text", "text": LINE + changing},
            {"type": "text", "text": "You are Claude Code.", **MARK},
        ],
        "metadata": {"user_id": USER_ID},
        "thinking": {"type": "adaptive"},
        "messages": [
            {"role": "user", "content": "list"},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": ""},
                    {"type": "tool_use", "id": "c1", "name": "ls", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "c1", "content": "a", **MARK}],
            },
            *more,
        ],
        "tools": [{"name": "ls", "input_schema": {"type": "object"}}],
    }


def test_thinking_goes_back_to_providers_that_want_it_only() -> None:
    wants = Dialect(reasoning_content=True, max_tokens_key="max_tokens")
    wanted = converted("anthropic", "chat", claude_code("a"), dialect=wants)
    assert sent(wanted)["messages"][2]["reasoning_content"] == "hm"
    assert sent(wanted)["max_tokens"] == 32000
    others = converted("anthropic", "chat", claude_code("a"))
    assert "reasoning_content" not in sent(others)["messages"][2]
    assert [loss.path for loss in others.losses if loss.what == "thinking"] == ["turns[2].parts[0]"]


@pytest.mark.parametrize("provider", ["chat", "responses"])
def test_a_session_has_one_cache_key_and_one_beginning(provider: str) -> None:
    first = converted("anthropic", provider, claude_code("ab12c"))
    later = converted(
        "anthropic", provider, claude_code("ff00f", {"role": "user", "content": "go on"})
    )
    assert sent(first)["prompt_cache_key"] == sent(later)["prompt_cache_key"] == "s-1"
    turns = "messages" if provider == "chat" else "input"
    begun = sent(first)[turns]
    assert sent(later)[turns][: len(begun)] == begun
    assert sent(first).get("instructions") == sent(later).get("instructions")
    for conversion in (first, later):
        assert b"billing" not in conversion.written.body
        assert "x-anthropic-billing-header" in {loss.what for loss in conversion.losses}


@pytest.mark.parametrize("provider", ["chat", "responses"])
def test_marks_of_claude_code_reach_the_models_that_know_them(provider: str) -> None:
    told = converted("anthropic", provider, claude_code("a"), model="gpt-6").written.body
    untold = converted("anthropic", provider, claude_code("a"), model="gpt-5.5").written.body
    assert told.count(b'"prompt_cache_breakpoint":{"mode":"explicit"}') == 2
    assert b"prompt_cache_breakpoint" not in untold


@pytest.mark.parametrize("client", ["chat", "responses"])
def test_marks_of_openai_clients_reach_anthropic(client: str) -> None:
    mark = {"prompt_cache_breakpoint": {"mode": "explicit"}}
    long = {"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}}
    text, image = ("text", "image_url") if client == "chat" else ("input_text", "input_image")
    url = "https://x.test/a.png"
    said = [
        {"type": text, "text": "a", **long},
        {"type": image, "image_url": {"url": url} if client == "chat" else url, **mark},
        {"type": text, "text": "b"},
    ]
    turns = "messages" if client == "chat" else "input"
    body = {
        "model": "claude-opus-5-5",
        turns: [{"role": "user", "content": said}],
        "prompt_cache_options": {"mode": "explicit"},
        "prompt_cache_key": "k",
    }
    conversion = converted(client, "anthropic", body)
    content = sent(conversion)["messages"][0]["content"]
    assert [block.get("cache_control") for block in content] == [
        {"type": "ephemeral", "ttl": "1h"},
        {"type": "ephemeral"},
        None,
    ]
    assert conversion.losses == ()


def test_a_lifetime_of_all_marks_is_that_of_each() -> None:
    mark = {"prompt_cache_breakpoint": {"mode": "explicit"}}
    file = {"type": "input_file", "file_url": "https://x.test/a.pdf", **mark}
    body = {
        "model": "claude-opus-5-5",
        "input": [{"role": "user", "content": [file]}],
        "prompt_cache_options": {"ttl": "12h"},
    }
    content = sent(converted("responses", "anthropic", body))["messages"][0]["content"]
    assert content[0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


@pytest.mark.parametrize(
    ("client", "options", "paths"),
    [
        pytest.param("chat", {"mode": "explicit"}, ["prompt_cache_options.mode"], id="no cache"),
        pytest.param("chat", {"ttl": "12h"}, ["prompt_cache_options.ttl"], id="a lifetime"),
        pytest.param("chat", {"mode": "implicit", "ttl": "30m"}, [], id="as it is anyway"),
        pytest.param(
            "responses",
            {"mode": "explicit", "prewarm": True, "comparison_response_id": "r"},
            [
                f"prompt_cache_options.{key}"
                for key in ("mode", "prewarm", "comparison_response_id")
            ],
            id="what one wire alone knows",
        ),
    ],
)
def test_what_of_the_cache_cannot_be_said_elsewhere(
    client: str, options: dict[str, Any], paths: list[str]
) -> None:
    turns = "messages" if client == "chat" else "input"
    body = {
        "model": "claude-opus-5-5",
        turns: [{"role": "user", "content": "hi"}],
        "prompt_cache_options": options,
    }
    assert [loss.path for loss in converted(client, "anthropic", body).losses] == paths


@pytest.mark.parametrize("provider", ["anthropic", "responses", "gemini"])
def test_a_long_context_is_asked_for_where_it_must_be(provider: str) -> None:
    body = {"model": "some-model[1M]", "messages": [{"role": "user", "content": "hi"}]}
    conversion = converted("chat", provider, body)
    written = conversion.written
    assert b"1M" not in written.body
    assert "1M" not in written.path
    beta = (b"anthropic-beta", b"context-1m-2025-08-07")
    assert (beta in written.headers) == (provider == "anthropic")
    lost = [] if provider == "anthropic" else ["long_context"]
    assert [loss.path for loss in conversion.losses] == lost
    assert conversion.request.model == "some-model[1M]"
