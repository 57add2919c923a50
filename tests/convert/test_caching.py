"""Marks of prompt caches, for clients whose own wire needs none."""

import json
from typing import Any

import pytest

from proxy.canonical.parts import Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Request, Tool, Turn
from proxy.convert.caching import with_marks
from proxy.convert.request import convert_request
from proxy.wire import Location
from proxy.wires import CODECS

SYSTEM = Turn(role="system", parts=(Text(text="Be brief."), Text(text="Be kind.")))
HI = Turn(role="user", parts=(Text(text="hi"),))
SAID = Turn(role="assistant", parts=(Text(text="yes"), Thinking(text="Hm.")))
CALLED = Turn(role="assistant", parts=(ToolCall(id="c", name="f", arguments="{}"),))
RESULT = Turn(role="user", parts=(ToolResult(call_id="c", parts=(Text(text="ok"),)),))
TOOL = Tool(name="f", schema="{}")


def asking(*turns: Turn, **more: Any) -> Request:
    return Request(model="m", turns=turns, **more)


def marks(request: Request) -> list[tuple[int, int]]:
    """Return the places of the marks: turn and part."""
    return [
        (n, place)
        for n, turn in enumerate(request.turns)
        for place, part in enumerate(turn.parts)
        if getattr(part, "cache_until", None)
    ]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(asking(SYSTEM, HI, cache_key="k"), [(0, 1), (1, 0)], id="a session"),
        pytest.param(asking(SYSTEM, HI, tools=(TOOL,)), [(0, 1), (1, 0)], id="an agent"),
        pytest.param(asking(HI, SAID, HI), [(2, 0)], id="a conversation"),
        pytest.param(asking(HI, CALLED, RESULT), [(2, 0)], id="behind a result"),
        pytest.param(asking(HI, SAID), [(1, 0)], id="thinking cannot be marked"),
        pytest.param(asking(SYSTEM, HI), [], id="a single question"),
        pytest.param(asking(HI, SAID, HI, counts_only=True), [], id="a count"),
        pytest.param(asking(), [], id="nothing"),
        pytest.param(
            asking(Turn(role="user", parts=(Text(text="a", cache_until="1h"),)), SAID, HI),
            [(0, 0)],
            id="the client's own marks stay alone",
        ),
    ],
)
def test_where_marks_stand(request_: Request, expected: list[tuple[int, int]]) -> None:
    assert marks(with_marks(request_)) == expected


@pytest.mark.parametrize("provider", ["anthropic", "chat", "gemini"])
def test_only_a_provider_that_wants_to_be_asked_is_asked(provider: str) -> None:
    items = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
    body = json.dumps({"model": "m", "input": [*items, items[0]]}).encode()
    here = Location("/v1/responses", {})
    conversion = convert_request(CODECS["responses"], CODECS[provider], body, here)
    assert (b"cache_control" in conversion.written.body) is (provider == "anthropic")
    assert not [loss for loss in conversion.losses if "cache" in loss.path]
