"""What another provider issued leaves a request before a provider of equal wire sees it."""

from typing import Any

import msgspec
import pytest

from proxy.canonical.envelope import carried
from proxy.canonical.parts import Opaque
from proxy.mending import without_foreign
from proxy.steering.wishing import bonds

FOREIGN = carried(Opaque("gemini", "c2lnbmVk"), "anthropic")
OWN = "EqQBCkYIBxgCKkB"
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": OWN}
STRANGE = {"type": "thinking", "thinking": "Hm.", "signature": FOREIGN}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
RESULT = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}
BUDGET = {"type": "enabled", "budget_tokens": 2048}
ASK = {"role": "user", "content": "hi"}


def said(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": [*blocks]}


def text(*indexes: str) -> dict[str, Any]:
    cited = [{"type": "web_search_result_location", "encrypted_index": index} for index in indexes]
    return {"type": "text", "text": "yes", "citations": cited}


@pytest.mark.parametrize(
    ("wire", "body", "left", "paths"),
    [
        pytest.param(
            "anthropic",
            {"messages": [ASK, said(STRANGE, CALL), RESULT, said(THOUGHT, CALL), RESULT]},
            {"messages": [ASK, said(CALL), RESULT, said(THOUGHT, CALL), RESULT]},
            ["messages[1].content[0]"],
            id="thinking of another provider goes, the provider's own stays",
        ),
        pytest.param(
            "anthropic",
            {"messages": [ASK, said(STRANGE, CALL), RESULT], "thinking": BUDGET},
            {"messages": [ASK, said(CALL), RESULT], "thinking": {"type": "disabled"}},
            ["messages[1].content[0]", "thinking"],
            id="a turn that goes on without its thinking has it switched off",
        ),
        pytest.param(
            "anthropic",
            {"messages": [said({"type": "redacted_thinking", "data": FOREIGN}), ASK]},
            {"messages": [ASK]},
            ["messages[0].content[0]"],
            id="a turn of which nothing is left goes as well",
        ),
        pytest.param(
            "anthropic",
            {"messages": [said(text("pm1.", "Eo8B"))]},
            {"messages": [said(text("Eo8B"))]},
            ["messages[0].content[0]"],
            id="a citation of ours goes, the provider's own stays",
        ),
        pytest.param(
            "responses",
            {"input": [{"type": "reasoning", "encrypted_content": FOREIGN}, {"role": "user"}]},
            {"input": [{"role": "user"}]},
            ["input[0]"],
            id="reasoning of another provider goes",
        ),
        pytest.param(
            "gemini",
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "hi"}]},
                    {
                        "role": "model",
                        "parts": [
                            {"functionCall": {"name": "f"}, "thoughtSignature": FOREIGN},
                            {"functionCall": {"name": "g"}},
                        ],
                    },
                ]
            },
            {
                "contents": [
                    {"role": "user", "parts": [{"text": "hi"}]},
                    {
                        "role": "model",
                        "parts": [
                            {
                                "functionCall": {"name": "f"},
                                "thoughtSignature": "skip_thought_signature_validator",
                            },
                            {"functionCall": {"name": "g"}},
                        ],
                    },
                ]
            },
            ["contents[1].parts[0].thoughtSignature"],
            id="a call of the turn under way gets the documented dummy",
        ),
    ],
)
def test_what_is_foreign_goes(
    wire: str, body: dict[str, Any], left: dict[str, Any], paths: list[str]
) -> None:
    assert bonds(wire, msgspec.json.encode(body))  # else nobody would look for it
    found = without_foreign(wire, msgspec.json.encode(body))
    assert found is not None
    assert msgspec.json.decode(found.body) == left
    assert [loss.path for loss in found.losses] == paths
    assert without_foreign(wire, found.body) is None


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        pytest.param("anthropic", {"messages": [said(THOUGHT)]}, id="nothing is foreign"),
        pytest.param("anthropic", {"messages": [{"content": "pm1.x"}]}, id="the mark is a text"),
        pytest.param("chat", {"messages": [{"content": "pm1.x"}]}, id="a wire without tokens"),
        pytest.param("anthropic", ["pm1."], id="no object"),
    ],
)
def test_all_else_keeps_its_bytes(wire: str, body: object) -> None:
    assert without_foreign(wire, msgspec.json.encode(body)) is None
