"""How a conversation began: the same at each of its turns, however a client spells it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.wire import Beginning
from proxy.wires import WIRES
from tests.nested import nested

NOTHING = Beginning()
HI = Beginning((b"Be kind.",), (b"hi",))


def text(said: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"type": kind, "text": said, **more}


def turn(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def told(role: str | None, *parts: Any) -> dict[str, Any]:
    return {"parts": [*parts]} | ({} if role is None else {"role": role})


CACHED = {"cache_control": {"type": "ephemeral"}}
REPLY = turn("assistant", "yes?")


@pytest.mark.parametrize(
    ("wire", "body", "began"),
    [
        pytest.param(
            "anthropic",
            {"system": "Be kind.", "messages": [turn("user", "hi"), REPLY, turn("user", "more")]},
            HI,
            id="texts, and only the first of the user",
        ),
        pytest.param(
            "anthropic",
            {
                "system": [text("Be kind.", **CACHED)],
                "messages": [turn("user", [text("hi", **CACHED)])],
            },
            HI,
            id="blocks, whose marks do not count",
        ),
        pytest.param(
            "anthropic",
            {
                "system": [text("a"), text("b")],
                "messages": [
                    turn("user", [{"type": "image", "source": {}}, text("c"), text(""), text("é")])
                ],
            },
            Beginning((b"a", b"b"), (b"c", "é".encode())),
            id="each text for itself, and nothing else",
        ),
        pytest.param(
            "anthropic",
            {"messages": [turn("user", [{"type": "image"}]), turn("user", "hi")]},
            NOTHING,
            id="a first message without a text",
        ),
        pytest.param(
            "chat",
            {"messages": [turn("system", "Be kind."), turn("user", "hi"), turn("system", "new")]},
            HI,
            id="what the system says first, not what it says later",
        ),
        pytest.param(
            "chat",
            {"messages": [turn("developer", [text("Be kind.")]), turn("user", [text("hi")])]},
            HI,
            id="a developer's message, in parts",
        ),
        pytest.param("chat", {"messages": [REPLY]}, NOTHING, id="nothing of the user"),
        pytest.param(
            "responses", {"instructions": "Be kind.", "input": "hi"}, HI, id="an input that is text"
        ),
        pytest.param(
            "responses",
            {
                "instructions": None,
                "input": [
                    {"type": "message", **turn("developer", [text("Be kind.", "input_text")])},
                    turn("user", [text("hi", "input_text"), {"type": "input_image"}]),
                    turn("user", "more"),
                ],
            },
            HI,
            id="items",
        ),
        pytest.param(
            "responses",
            {"instructions": "a", "input": [turn("system", "b"), turn("user", "c")]},
            Beginning((b"a", b"b"), (b"c",)),
            id="instructions come before items",
        ),
        pytest.param(
            "responses",
            {"input": "more", "previous_response_id": "r"},
            NOTHING,
            id="the beginning lies with the provider",
        ),
        pytest.param(
            "responses", {"input": "more", "conversation": {"id": "c"}}, NOTHING, id="there as well"
        ),
        pytest.param(
            "gemini",
            {
                "systemInstruction": told("user", {"text": "Be kind."}),
                "contents": [told("user", {"text": "hi"}), told("model", {"text": "yes?"})],
            },
            HI,
            id="in camelCase",
        ),
        pytest.param(
            "gemini",
            {
                "system_instruction": told(None, {"text": "Be kind."}),
                "contents": [told(None, {"text": "hi"}, {"inlineData": {}})],
            },
            HI,
            id="in snake_case, without a role",
        ),
        pytest.param(
            "gemini",
            {
                "generateContentRequest": {
                    "systemInstruction": {"parts": {"text": "Be kind."}},
                    "contents": [told("user", {"text": "hi"})],
                }
            },
            HI,
            id="a count of a request, one part that is no list",
        ),
        pytest.param(
            "gemini",
            {"systemInstruction": "Be kind.", "contents": [told("user", "hi")]},
            HI,
            id="bare texts",
        ),
    ],
)
def test_beginning(wire: str, body: dict[str, Any], began: Beginning) -> None:
    assert WIRES[wire].beginning(json.dumps(body).encode()) == began


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"{}", b'{"messages":[[[[', b"null"])
def test_what_cannot_be_read_has_no_beginning(wire: str, body: bytes) -> None:
    assert WIRES[wire].beginning(body) == NOTHING


KEYS = ["messages", "system", "input", "instructions", "contents", "parts", "content", "text"]
values = nested(
    st.none() | st.integers() | st.sampled_from(["user", "developer", "hi"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, "role", "systemInstruction"]), inner, max_size=4)
    ),
)


@given(st.sampled_from(list(WIRES)), values)
def test_it_never_raises(wire: str, said: Any) -> None:
    assert isinstance(WIRES[wire].beginning(json.dumps(said).encode()), Beginning)


@pytest.mark.parametrize(
    ("wire", "body", "more"),
    [
        ("anthropic", {"system": "s", "messages": [turn("user", "hi")]}, "messages"),
        ("chat", {"messages": [turn("system", "s"), turn("user", "hi")]}, "messages"),
        ("responses", {"input": [turn("developer", "s"), turn("user", "hi")]}, "input"),
        ("gemini", {"contents": [told("user", {"text": "hi"})]}, "contents"),
    ],
)
@given(st.lists(values, max_size=3))
def test_it_is_the_same_at_every_turn(
    wire: str, body: dict[str, Any], more: str, later: list[Any]
) -> None:
    longer = {**body, more: [*body[more], *later]}
    began = WIRES[wire].beginning
    assert began(json.dumps(longer).encode()) == began(json.dumps(body).encode())
