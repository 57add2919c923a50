"""Who may ask."""

import pytest

from proxy.auth import guard, identify
from proxy.errors import ClientError

KEYS = {"laptop": "key-1", "desk": "key-2"}
ALLOWED = frozenset({"localhost", "box.lan"})


@pytest.mark.parametrize(
    ("headers", "query", "label"),
    [
        pytest.param({b"authorization": b"Bearer key-1"}, {}, "laptop", id="bearer"),
        pytest.param({b"authorization": b"bearer key-2"}, {}, "desk", id="in any case"),
        pytest.param({b"x-api-key": b"key-2"}, {}, "desk", id="Anthropic's header"),
        pytest.param({b"x-goog-api-key": b"key-1"}, {}, "laptop", id="Gemini's header"),
        pytest.param({}, {"key": "key-1"}, "laptop", id="Gemini's query"),
        pytest.param(
            {b"authorization": b"Bearer other", b"x-api-key": b"key-1"}, {}, "laptop", id="any one"
        ),
    ],
)
def test_a_known_key_is_taken_where_clients_put_it(
    headers: dict[bytes, bytes], query: dict[str, str], label: str
) -> None:
    assert identify(headers, query, KEYS) == label


@pytest.mark.parametrize(
    "headers", [{}, {b"authorization": b"Basic key-1"}, {b"x-api-key": b"KEY-1"}]
)
def test_without_a_known_key_nobody_gets_in(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(ClientError) as caught:
        identify(headers, {}, KEYS)
    assert caught.value.status == 401


def test_without_keys_everybody_does() -> None:
    assert identify({b"x-api-key": b"any"}, {}, {}) is None


@pytest.mark.parametrize(
    "host", [b"127.0.0.1:15721", b"localhost", b"LOCALHOST:1", b"[::1]:80", b"box.lan", b"10.0.0.7"]
)
def test_hosts_that_are_ours(host: bytes) -> None:
    guard({b"host": host}, ALLOWED)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({b"host": b"evil.test:15721"}, id="a rebound name"),
        pytest.param({}, id="none"),
        pytest.param({b"host": b"127.0.0.1.evil.test"}, id="a name that begins like an address"),
        pytest.param({b"host": b"localhost", b"origin": b"https://evil.test"}, id="a web page"),
        pytest.param({b"host": b"localhost", b"origin": b"null"}, id="a sandboxed page"),
    ],
)
def test_web_pages_are_refused(headers: dict[bytes, bytes]) -> None:
    with pytest.raises(ClientError) as caught:
        guard(headers, ALLOWED)
    assert caught.value.status == 403
