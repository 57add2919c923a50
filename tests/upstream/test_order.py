"""What goes to a provider: where to, and with which headers."""

import pytest

from proxy.upstream.address import address
from proxy.upstream.headers import to_client, to_provider


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        ("https://a.test", "/v1/messages", "", "https://a.test/v1/messages"),
        ("https://a.test/", "/v1/messages", "beta=true", "https://a.test/v1/messages?beta=true"),
        ("https://a.test/v1", "/v1/responses", "", "https://a.test/v1/responses"),
        ("https://a.test/v1/", "/v1/responses", "", "https://a.test/v1/responses"),
        ("https://a.test/api/paas/v4", "/v1/chat/completions", "", "https://a.test/api/paas/v4/chat/completions"),
        ("https://a.test/api/anthropic", "/v1/messages", "", "https://a.test/api/anthropic/v1/messages"),
        ("https://a.test/v1beta", "/v1/models/m:generateContent", "key=client", "https://a.test/v1beta/models/m:generateContent"),
        ("https://a.test", "/v1beta/models/m:x", "alt=sse&key=c", "https://a.test/v1beta/models/m:x?alt=sse"),
        ("http://127.0.0.1:8000", "/v1/models", "", "http://127.0.0.1:8000/v1/models"),
        ("https://a.test", "/v1/x", "beta&a=1&a=2&b=%20x", "https://a.test/v1/x?beta&a=1&a=2&b=%20x"),
        ("https://a.test", "/v1/x", "k%65y=c&Access_Token=c&a=1", "https://a.test/v1/x?a=1"),
        ("https://a.test", "/v1/models/a%2Fb%3Fc:x", "", "https://a.test/v1/models/a%2Fb%3Fc:x"),
    ],
)  # fmt: skip
def test_address(base: str, path: str, query: str, url: str) -> None:
    assert address(base, path, query) == url


def test_only_the_clients_credentials_and_connection_stay_behind() -> None:
    client = {
        b"host": b"127.0.0.1",
        b"authorization": b"Bearer client",
        b"x-api-key": b"client",
        b"x-goog-api-key": b"client",
        b"cookie": b"a=b",
        b"x-auth-token": b"client",
        b"x-provider-name": b"main",
        b"chatgpt-account-id": b"acc",
        b"connection": b"keep-alive, X-Hop",
        b"x-hop": b"1",
        b"transfer-encoding": b"chunked",
        b"content-length": b"7",
        b"content-encoding": b"zstd",
        b"accept-encoding": b"gzip, br",
        b"anthropic-beta": b"a,b",
        b"user-agent": b"cli",
        b"x-title": b"theirs",
        b"content-type": b"application/json",
    }
    assert to_provider(client, [("X-Title", "mine")], [(b"x-api-key", b"own")]) == [
        (b"anthropic-beta", b"a,b"),
        (b"user-agent", b"cli"),
        (b"content-type", b"application/json"),
        (b"x-title", b"mine"),
        (b"x-api-key", b"own"),
        (b"accept-encoding", b"identity"),
    ]


def test_only_the_providers_connection_and_cookies_stay_behind() -> None:
    provider = [
        (b"content-type", b"text/event-stream"),
        (b"transfer-encoding", b"chunked"),
        (b"content-encoding", b"gzip"),
        (b"set-cookie", b"a=b"),
        (b"access-control-allow-origin", b"*"),
        (b"request-id", b"r"),
        (b"anthropic-ratelimit-requests-remaining", b"9"),
    ]
    assert to_client(provider) == [provider[0], *provider[5:]]
