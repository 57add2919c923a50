"""Requests of real clients: what of them reaches the middle, what is lost, and what is refused."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.envelope import carried
from proxy.canonical.parts import Opaque, Text, Thinking
from proxy.canonical.request import Loss, Reasoning, Request, Turn
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC as CODEC
from tests.nested import nested

HERE = Location("/v1/messages", {})
MODEL = "claude-sonnet-5-5"
HI = Turn(role="user", parts=(Text(text="hi"),))

LINE = "x-anthropic-billing-header: cc_version=2.1.329; cc_entrypoint=cli; cch=ab12c;"


def read(body: dict[str, object], location: Location = HERE) -> tuple[Request, list[Loss]]:
    got = CODEC.read_request(msgspec.json.encode({"model": MODEL, **body}), location)
    return got.request, list(got.losses)


LOSSY = [
    pytest.param(
        {"context_management": {"edits": []}, "safeguards": 1, "speed": None},
        ["context_management", "safeguards"],
        id="unknown fields of the request",
    ),
    pytest.param(
        {"system": [{"type": "text", "text": "x-anthropic-billing-header: cc_version=2"}]},
        ["system[0]"],
        id="the line that changes",
    ),
    pytest.param(
        {"tools": [{"name": "t", "input_schema": {"type": "object"}, "defer_loading": True}]},
        ["tools[0].defer_loading"],
        id="a deferred tool",
    ),
    pytest.param(
        {"messages": [{"role": "system", "content": "x", "output_config": {"effort": "low"}}]},
        ["messages[0].output_config"],
        id="an effort for one turn",
    ),
    pytest.param(
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "t",
                            "content": [{"type": "tool_reference", "tool_name": "x"}],
                        },
                        {"type": "container_upload", "file_id": 3},
                        {"type": "image", "source": {"type": "file", "file_id": "f"}},
                        {"type": "text", "text": "x", "citations": [1]},
                    ],
                }
            ]
        },
        [
            "messages[0].content[0].content[0]",
            "messages[0].content[1]",
            "messages[0].content[2].source",
            "messages[0].content[3].citations",
        ],
        id="blocks of this vendor alone",
    ),
    pytest.param({"thinking": {"type": "between_tools"}}, ["thinking.type"], id="a way to think"),
    pytest.param({"tool_choice": {"type": "any_of"}}, ["tool_choice"], id="an unknown choice"),
]


@pytest.mark.parametrize(("body", "paths"), LOSSY)
def test_what_no_other_wire_has_is_a_loss(body: dict[str, object], paths: list[str]) -> None:
    asked, losses = read({"messages": [], **body})
    assert [loss.path for loss in losses] == paths
    assert asked.model == MODEL


WRONG = [
    pytest.param({"messages": 3}, "messages", id="messages are no list"),
    pytest.param({"messages": [3]}, "messages[0]", id="a message is no object"),
    pytest.param({"messages": [{"role": "x", "content": ""}]}, "messages[0].role", id="a role"),
    pytest.param(
        {"messages": [{"role": "user", "content": [{"type": "text", "text": 3}]}]},
        "messages[0].content[0]",
        id="text is no text",
    ),
    pytest.param({"messages": [], "tools": [{"name": 1}]}, "tools[0]", id="a tool's name"),
]


@pytest.mark.parametrize(("body", "path"), WRONG)
def test_a_wrong_shape_is_named_by_its_place(body: dict[str, object], path: str) -> None:
    with pytest.raises(ClientError) as caught:
        read(body)
    assert caught.value.status == 400
    assert path in caught.value.message


def test_claude_code_s_specials() -> None:
    user_id = '{"device_id":"d","account_uuid":"","session_id":"s"}'
    asked, losses = read(
        {
            "model": "claude-opus-5-5",
            "metadata": {"user_id": user_id},
            "thinking": {"type": "adaptive", "display": "omitted"},
            "output_config": {"effort": "high"},
            "cache_control": {"type": "ephemeral"},
            "messages": [{"role": "user", "content": "hi"}, {"role": "system", "content": "b"}],
        }
    )
    assert losses == []
    assert asked == Request(
        model="claude-opus-5-5",
        turns=(HI, Turn(role="system", parts=(Text(text="b", cache_until="5m"),))),
        reasoning=Reasoning(effort="high", budget_tokens=-1, shown=False),
        user="d",
        cache_key="s",
    )


@pytest.mark.parametrize(
    ("system", "kept"),
    [
        pytest.param([{"type": "text", "text": LINE}, {"type": "text", "text": "be"}], "be"),
        pytest.param(f"{LINE}\nbe", "be", id="in one text with the instructions"),
        pytest.param(LINE, None, id="alone"),
    ],
)
def test_the_line_that_changes_is_cut_off(system: object, kept: str | None) -> None:
    body = {"messages": [{"role": "user", "content": "hi"}], "system": system}
    asked, losses = read(body)
    first = () if kept is None else (Turn(role="system", parts=(Text(text=kept),)),)
    assert asked.turns == (*first, HI)
    assert [(loss.path, loss.what) for loss in losses] == [
        ("system[0]", "x-anthropic-billing-header")
    ]


def test_a_foreign_token_comes_home() -> None:
    home = Opaque("gemini", "sig+/=")
    block = {"type": "thinking", "thinking": "", "signature": carried(home, "anthropic")}
    asked, _ = read({"messages": [{"role": "assistant", "content": [block]}]})
    assert asked.turns == (Turn(role="assistant", parts=(Thinking(opaque=home),)),)
    sent = CODEC.write_request(asked)
    assert [loss.path for loss in sent.losses] == ["turns[0].parts[0]"]
    assert msgspec.json.decode(sent.body)["messages"] == []


keys = st.sampled_from(
    [
        *("type", "text", "role", "content", "name", "input", "source", "system", "messages"),
        *("tools", "thinking", "metadata", "user_id", "tool_use_id", "id", "cache_control"),
    ]
)
words = st.sampled_from(["text", "image", "tool_use", "tool_result", "user", "document", "base64"])
values = nested(
    st.none() | st.integers() | words | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
)
messages = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant", "system"]),
            "content": st.lists(st.dictionaries(keys, values) | values) | values,
        }
    )
    | values,
    max_size=3,
)
bodies = st.dictionaries(keys, values).flatmap(
    lambda said: messages.map(lambda turns: {"model": "m", **said, "messages": turns})
)


@given(bodies.map(msgspec.json.encode) | st.binary(max_size=30))
def test_anything_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(ClientError):
        CODEC.write_request(CODEC.read_request(body, HERE).request)


def test_bad_bytes_are_refused() -> None:
    body = b'{"model":"m","messages":[],"tools":[{"name":"x","input_schema":{"a":"\xff"}}]}'
    with pytest.raises(ClientError):
        CODEC.read_request(body, HERE)
