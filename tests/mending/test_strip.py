"""What only its issuer can read leaves a request before another provider sees it."""

from typing import Any

import msgspec
import pytest

from proxy.mending import without_thinking
from tests.mending.test_signature import (
    BUDGET,
    CALL,
    CASES,
    DUMMY,
    HIDDEN,
    OFF,
    RESULT,
    TEXT,
    THOUGHT,
    USER,
    chat,
    gemini,
    hears,
    model,
    says,
)

REASONED = {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA"}
SUMMARY = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA"}
ANSWER = {"type": "message", "role": "assistant", "content": "yes"}
SIGNED = {"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"}
PLAIN = {"functionCall": {"name": "g"}}
ASKED = {"role": "user", "parts": [{"text": "hi"}]}
RETURNED = {"role": "user", "parts": [{"functionResponse": {"name": "f"}}]}


def called(signature: str | None) -> dict[str, Any]:
    google = {} if signature is None else {"thought_signature": signature}
    return {"id": "c", "function": {"name": "f"}, "extra_content": {"google": google}}


@pytest.mark.parametrize(
    ("wire", "body", "left", "paths"),
    [
        pytest.param(
            "anthropic",
            {"messages": [USER, says(THOUGHT, HIDDEN, TEXT, CALL), hears(RESULT)]},
            {"messages": [USER, says(TEXT, CALL), hears(RESULT)]},
            ["messages[1].content[0]", "messages[1].content[1]"],
            id="thinking, open or not: its signature is the issuer's",
        ),
        pytest.param(
            "anthropic",
            {"messages": [USER, says(THOUGHT, CALL), hears(RESULT)], "thinking": BUDGET},
            {"messages": [USER, says(CALL), hears(RESULT)], "thinking": OFF},
            ["messages[1].content[0]", "thinking"],
            id="a turn that goes on without it has thinking switched off",
        ),
        pytest.param(
            "responses",
            {"input": [USER, REASONED, {**ANSWER, "id": "msg_1"}, SUMMARY]},
            {"input": [USER, ANSWER, SUMMARY]},
            ["input[1]", "input[2].id"],
            id="reasoning and the ids that hang on it, but not an encrypted summary",
        ),
        pytest.param(
            "chat",
            chat(
                USER,
                {
                    "role": "assistant",
                    "content": "yes",
                    "reasoning_content": "hm",
                    "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}],
                    "thinking_blocks": [THOUGHT],
                },
            ),
            chat(USER, {"role": "assistant", "content": "yes", "reasoning_content": "hm"}),
            ["messages[1].reasoning_details", "messages[1].thinking_blocks"],
            id="what has a token, but not a text that stands open",
        ),
        pytest.param(
            "chat",
            chat(
                USER,
                {"role": "assistant", "tool_calls": [called("old")]},
                USER,
                {"role": "assistant", "tool_calls": [called("new"), called(None)]},
                {"role": "tool", "tool_call_id": "c", "content": "ok"},
                {"role": "assistant", "tool_calls": [called(None)]},
            ),
            chat(
                USER,
                {"role": "assistant", "tool_calls": [called(None)]},
                USER,
                {"role": "assistant", "tool_calls": [called(DUMMY), called(None)]},
                {"role": "tool", "tool_call_id": "c", "content": "ok"},
                {"role": "assistant", "tool_calls": [called(None)]},
            ),
            [
                "messages[1].tool_calls[0].extra_content.google.thought_signature",
                "messages[3].tool_calls[0].extra_content.google.thought_signature",
            ],
            id="Google's signatures on Chat; where there was none, there is none",
        ),
        pytest.param(
            "gemini",
            gemini(
                ASKED, model({"text": "a", "thoughtSignature": "s"}), ASKED, model(SIGNED, PLAIN)
            ),
            gemini(
                ASKED,
                model({"text": "a"}),
                ASKED,
                model({**SIGNED, "thoughtSignature": DUMMY}, PLAIN),
            ),
            ["contents[1].parts[0].thoughtSignature", "contents[3].parts[0].thoughtSignature"],
            id="signatures, with the documented dummy in the turn under way",
        ),
    ],
)
def test_tokens_go(wire: str, body: dict[str, Any], left: dict[str, Any], paths: list[str]) -> None:
    found = without_thinking(wire, msgspec.json.encode(body))
    assert found is not None
    assert msgspec.json.decode(found.body) == left
    assert [loss.path for loss in found.losses] == paths
    assert without_thinking(wire, found.body) is None


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        pytest.param("anthropic", {"messages": [USER], "thinking": BUDGET}, id="no thinking yet"),
        pytest.param("responses", {"input": [{**ANSWER, "id": "msg_1"}]}, id="ids alone"),
        pytest.param("responses", {"input": "hi"}, id="an input that is text"),
        pytest.param(
            "chat", chat({"role": "assistant", "content": "yes", "reasoning": "hm"}), id="open text"
        ),
        pytest.param("chat", chat({"role": "assistant", "tool_calls": [called(None)]}), id="call"),
        pytest.param("gemini", gemini(ASKED, model(PLAIN), RETURNED), id="unsigned calls"),
        pytest.param("gemini", [], id="no object"),
        pytest.param("other", {}, id="a wire that nobody knows"),
    ],
)
def test_all_else_keeps_its_bytes(wire: str, body: object) -> None:
    assert without_thinking(wire, msgspec.json.encode(body)) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.means}")
def test_whatever_was_refused_is_stripped_once(case: Any) -> None:
    once = without_thinking(case.wire, msgspec.json.encode(case.body))
    assert once is None or without_thinking(case.wire, once.body) is None
