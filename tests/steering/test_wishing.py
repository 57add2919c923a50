"""What a request wants of routing, as the exchange has it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Session
from proxy.errors import ClientError
from proxy.routing.asked import Bond
from proxy.routing.network import Network
from proxy.routing.pins import PinKey
from proxy.routing.types import App, Credential, Provider
from proxy.steering.wish import Wish
from proxy.steering.wishing import Posed, bonds, wish
from proxy.wire import Location
from proxy.wires import WIRES

SECRET, SEED = b"of this installation", b"of this request"
RELAY = Provider("relay", "https://relay.test", ("anthropic",))
NETWORK = Network(providers={"relay": RELAY}, credentials={"relay/team": Credential("team", "k")})
APPS: dict[str, App] = {
    "anthropic": "claude",
    "chat": "openai",
    "responses": "codex",
    "gemini": "gemini",
}
HEADER = {b"x-claude-code-session-id": b"s"}
MESSAGES = [{"role": "user", "content": "hi"}]


def posed(wire: str = "anthropic", said: dict[str, Any] | None = None, **more: Any) -> Posed:
    body = b"" if said is None else json.dumps(said).encode()
    place = Location("/v1beta/models/gemini-3:generateContent", {})
    ask = WIRES[wire].read_ask(body or b'{"model":"m"}', place)
    return Posed(app=APPS[wire], wire=WIRES[wire], ask=ask, body=body, **more)


def wanted(one: Posed) -> Wish:
    return wish(one, NETWORK, SECRET, SEED)


def test_all_of_a_request() -> None:
    said = {"model": "relay/claude-opus-4-6-20260101", "messages": MESSAGES}
    wires = frozenset({"anthropic"})
    one = posed(said=said, headers=HEADER, client_key="laptop", wires=wires)
    session = Session("s", "header x-claude-code-session-id")
    assert wanted(one) == Wish(
        app="claude",
        model="claude-opus-4-6-20260101",
        provider="relay",
        session=session,
        key=PinKey("laptop", "claude", "s", "claude-opus-4-6"),
        wires=wires,
        headers=HEADER,
        client_key="laptop",
        prompt_tokens=len(one.body) // 4,
        seed=SEED,
    )


@pytest.mark.parametrize(
    ("name", "selected"),
    [
        pytest.param(b"relay", ("relay", None), id="a provider"),
        pytest.param(b"relay/team", ("relay", "team"), id="one of its keys"),
        pytest.param(b"", (None, None), id="nobody"),
    ],
)
def test_a_header_names_who_is_to_serve(
    name: bytes, selected: tuple[str | None, str | None]
) -> None:
    found = wanted(posed(headers={b"x-provider-name": name}))
    assert (found.provider, found.credential) == selected


def test_a_provider_that_is_not_there_is_refused() -> None:
    with pytest.raises(ClientError, match="'realy', which is not one of: relay") as refused:
        wanted(posed(headers={b"x-provider-name": b"realy"}))
    assert refused.value.status == 400


def test_a_name_that_is_no_models_is_refused() -> None:
    assert wanted(posed(said={"model": "m" * 500})).model == "m" * 500
    with pytest.raises(ClientError, match="500 characters"):
        wanted(posed(said={"model": "m" * 501}))


CHAT = {"model": "gpt-5", "messages": MESSAGES}
GEMINI = {"contents": [{"parts": [{"text": "hi"}]}]}


@pytest.mark.parametrize(
    ("wire", "said", "headers"),
    [
        pytest.param("chat", CHAT, {}, id="a plain SDK"),
        pytest.param("gemini", GEMINI, {}, id="Gemini CLI"),
    ],
)
def test_a_session_that_nobody_names_is_told_by_how_it_began(
    wire: str, said: dict[str, Any], headers: dict[bytes, bytes]
) -> None:
    found = wanted(posed(wire, said, headers=headers))
    longer = wanted(posed(wire, {**said, "temperature": 1}, headers=headers))
    other = wish(posed(wire, said, headers=headers), NETWORK, b"of another one", SEED)
    assert found.session is not None
    assert found.session.source == "hash of system prompt and first message"
    assert found.key == longer.key
    assert found.key != other.key


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(posed(), id="no body"),
        pytest.param(posed("chat", {"model": "m", "messages": []}), id="nothing is said"),
        pytest.param(posed("responses", {"input": "hi"}, headers=HEADER), id="no model"),
    ],
)
def test_without_a_session_or_a_model_there_is_no_key(one: Posed) -> None:
    assert wanted(one).key is None


@pytest.mark.parametrize(
    ("wire", "body", "found"),
    [
        pytest.param("anthropic", b'{"signature":"x"}', {"signature"}, id="signed thinking"),
        pytest.param("anthropic", b'{"type":"redacted_thinking"}', {"signature"}, id="redacted"),
        pytest.param(
            "anthropic", b'{"encrypted_content":"x"}', {"encrypted_reasoning"}, id="pages"
        ),
        pytest.param(
            "anthropic", b'{"encrypted_index":"x"}', {"encrypted_reasoning"}, id="where cited"
        ),
        pytest.param(
            "responses", b'{"encrypted_content":"x"}', {"encrypted_reasoning"}, id="encrypted"
        ),
        pytest.param(
            "responses",
            b'{"include":["reasoning.encrypted_content"]}',
            set(),
            id="asking for them is not having them",
        ),
        pytest.param(
            "responses",
            b'{"previous_response_id" :\n"r"}',
            {"previous_response_id"},
            id="it goes on with what the provider has",
        ),
        pytest.param("responses", b'{"previous_response_id": null}', set(), id="with nothing"),
        pytest.param(
            "chat",
            b'{"extra_content":{"google":{"thought_signature":"x"}}}',
            {"signature"},
            id="Google's signatures on Chat",
        ),
        pytest.param("gemini", b'{"thoughtSignature":"x"}', {"signature"}, id="in camelCase"),
        pytest.param("gemini", b'{"thought_signature":"x"}', {"signature"}, id="in snake_case"),
        pytest.param("gemini", b'{"text":"\\"thoughtSignature\\":"}', set(), id="in a text"),
        pytest.param("anthropic", b'{"thoughtSignature":"x"}', set(), id="another wire's"),
        pytest.param("gemini", b"", set(), id="no body"),
    ],
)
def test_bonds(wire: str, body: bytes, found: set[Bond]) -> None:
    assert bonds(wire, body) == found


@given(st.text())
def test_texts_do_not_deceive(said: str) -> None:
    text = f'{said} "signature" "encrypted_content": "previous_response_id":"r" {said}'
    for wire in WIRES:
        assert bonds(wire, json.dumps({"text": text}).encode()) == frozenset()
