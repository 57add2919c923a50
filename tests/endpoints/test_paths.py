"""Every spelling of every path; an empty last column means that it is the canonical one."""

import pytest

from proxy.endpoints.paths import resolve

A = {b"anthropic-version": b"2023-06-01"}
G = {b"x-goog-api-key": b"k"}
COUNT = "/v1/messages/count_tokens"
G_COUNT = "/v1beta/models/m:countTokens"
GENERATE = "/v1beta/models/m:generateContent"


@pytest.mark.parametrize(
    ("path", "headers", "app", "wire", "endpoint", "canonical"),
    [
        ("/v1/messages", A, "claude", "anthropic", "generate", ""),
        ("/messages", {}, "claude", "anthropic", "generate", "/v1/messages"),
        ("/claude/v1/messages", A, "claude", "anthropic", "generate", "/v1/messages"),
        ("/api/v1/messages/count_tokens", A, "claude", "anthropic", "count_tokens", COUNT),
        ("/openai/v1/messages", A, "openai", "anthropic", "generate", "/v1/messages"),
        ("/responses", {}, "codex", "responses", "generate", "/v1/responses"),
        ("/v1/responses", {}, "codex", "responses", "generate", ""),
        ("/v1/v1/responses", {}, "codex", "responses", "generate", "/v1/responses"),
        ("/codex/v1/responses", {}, "codex", "responses", "generate", "/v1/responses"),
        ("/openai/responses", {}, "openai", "responses", "generate", "/v1/responses"),
        ("/chat/completions", {}, "openai", "chat", "generate", "/v1/chat/completions"),
        ("/codex/v1/chat/completions", {}, "codex", "chat", "generate", "/v1/chat/completions"),
        ("/v1beta/models/m:generateContent", G, "gemini", "gemini", "generate", ""),
        ("/v1/models/m:streamGenerateContent", G, "gemini", "gemini", "generate", ""),
        ("/models/m:countTokens", G, "gemini", "gemini", "count_tokens", G_COUNT),
        ("/gemini/v1beta/models/m:generateContent", {}, "gemini", "gemini", "generate", GENERATE),
        ("/v1beta/v1beta/models/m:generateContent", {}, "gemini", "gemini", "generate", GENERATE),
        ("/v1/models", A, "claude", "anthropic", "models", ""),
        ("/v1/models", G, "gemini", "gemini", "models", ""),
        ("/v1/models", {}, "openai", "chat", "models", ""),
        ("/v1beta/models", {}, "gemini", "gemini", "models", ""),
        ("/models", {}, "openai", "chat", "models", "/v1/models"),
        ("/codex/v1/models", {}, "codex", "responses", "models", "/v1/models"),
        ("/claude/v1/models/claude-x", {}, "claude", "anthropic", "models", "/v1/models/claude-x"),
        ("/v1/models/org/name", {}, "openai", "chat", "models", ""),
        ("/v1/nothing", A, "claude", "anthropic", "none", ""),
        ("/v1beta/nothing", {}, "gemini", "gemini", "none", ""),
        ("/v1/messages/", {}, "openai", "chat", "none", ""),
    ],
)  # fmt: skip
def test_resolve(  # a row of a table
    path: str, headers: dict[bytes, bytes], app: str, wire: str, endpoint: str, canonical: str
) -> None:
    route, found = resolve(path, headers, {})
    seen = (route.app, route.wire.name, route.endpoint, found)
    assert seen == (app, wire, endpoint, canonical or path)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/../../admin/keys",
        "/v1/models/%2e%2e/x",
        "/v1/models/.%2E/x",
        "/v1/models//x",
        "/v1beta/models/..:generateContent/..",
        "/v1beta/models/a\nb:generateContent",
        "/v1/models/é",
        "/v1/models/x?y",
        "/v1beta/models/x#y:generateContent",
    ],
)
def test_no_path_leads_astray(path: str) -> None:
    assert resolve(path, {}, {}).route.endpoint == "none"


def test_escapes_stay_as_they_are() -> None:
    path = "/v1beta/models/org%2Fm%3Fkey=x:generateContent"
    resolved = resolve(path, {}, {})
    assert (resolved.route.endpoint, resolved.path) == ("generate", path)


def test_a_key_in_the_query_is_geminis() -> None:
    assert resolve("/v1/models", {}, {"key": "k"}).route.wire.name == "gemini"
