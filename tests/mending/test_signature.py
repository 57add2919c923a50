"""Thinking that the provider does not take."""

from typing import Any

import pytest

from tests.mending.case import Case, check

USER = {"role": "user", "content": "hi"}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
HIDDEN = {"type": "redacted_thinking", "data": "eHg="}
TEXT = {"type": "text", "text": "yes"}
CALL = {"type": "tool_use", "id": "t1", "name": "ls", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
OFF = {"type": "disabled"}
BUDGET = {"type": "enabled", "budget_tokens": 4096}
BAD = "messages.1.content.0: Invalid `signature` in `thinking` block"
BOUND = (
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a "
    "different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
)
UNTHOUGHT = (
    "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. "
    "When `thinking` is enabled, a final `assistant` message must start with a thinking block "
    "(preceeding the lastmost set of `tool_use` and `tool_result` blocks)."
)
WRAPPED = (
    '{"type":"error","error":{"type":"invalid_request_error","message":"***.***.content.0: '
    'Invalid `signature` in `thinking` block"},"request_id":"req_1"}'
)
MUST_PASS_BACK = "The `reasoning_content` in the thinking mode must be passed back to the API."
NOT_VERIFIED = "The encrypted content gAAA...DQ== could not be verified."
MISSING = (
    "Function call is missing a thought_signature in functionCall parts. This is required for "
    "tools to work correctly. Additional data, function call `default_api:ls` , position 2. "
    "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
)
DUMMY = "skip_thought_signature_validator"


def says(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def hears(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **more}


def gemini(*contents: dict[str, Any]) -> dict[str, Any]:
    return {"contents": list(contents)}


def model(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


RUN = {"functionCall": {"name": "ls", "args": {}}}
RAN = {"functionResponse": {"name": "ls", "response": {"output": "ok"}}}
CALLED = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}

ANTHROPIC = [
    Case(
        "of a turn that is over, it is taken out and thinking stays on",
        "anthropic",
        BAD,
        chat(USER, says(THOUGHT, HIDDEN, TEXT), USER, thinking=BUDGET, max_tokens=9000),
        chat(USER, says(TEXT), USER, thinking=BUDGET, max_tokens=9000),
        ["messages[1].content[0]", "messages[1].content[1]"],
    ),
    Case(
        "of a turn that goes on, thinking is off for this request",
        "anthropic",
        BAD,
        chat(USER, says(THOUGHT, CALL), hears(RESULT, TEXT), thinking=BUDGET),
        chat(USER, says(CALL), hears(RESULT, TEXT), thinking=OFF),
        ["messages[1].content[0]", "thinking"],
    ),
    Case(
        "adaptive thinking needs no beginning",
        "anthropic",
        BOUND,
        chat(USER, says(THOUGHT, CALL), hears(RESULT), thinking={"type": "adaptive"}),
        chat(USER, says(CALL), hears(RESULT), thinking={"type": "adaptive"}),
        ["messages[1].content[0]"],
    ),
    Case(
        "an edit that needs thinking goes with it",
        "anthropic",
        UNTHOUGHT,
        chat(
            USER,
            says(CALL),
            hears(RESULT),
            thinking=BUDGET,
            context_management={"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        ),
        chat(USER, says(CALL), hears(RESULT), thinking=OFF),
        ["thinking", "context_management"],
    ),
    Case(
        "other edits stay",
        "anthropic",
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
        chat(
            USER,
            says(HIDDEN, CALL),
            hears(RESULT),
            thinking=BUDGET,
            context_management={
                "edits": [{"type": "clear_thinking_20251015"}, {"type": "clear_tool_uses_20250919"}]
            },
        ),
        chat(
            USER,
            says(CALL),
            hears(RESULT),
            thinking=OFF,
            context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
        ),
        ["messages[1].content[0]", "thinking", "context_management"],
    ),
    Case(
        "a message that was thinking alone goes, and its neighbours become one",
        "anthropic",
        "messages.1.content.0.thinking.signature: Field required",
        chat(USER, says(THOUGHT), hears(TEXT), says(TEXT)),
        chat(hears({"type": "text", "text": "hi"}, TEXT), says(TEXT)),
        ["messages[1].content[0]"],
    ),
    Case(
        "a last message that was thinking alone goes",
        "anthropic",
        "messages.3.content.9: `thinking` or `redacted_thinking` blocks in the latest assistant "
        "message cannot be modified. These blocks must remain as they were.",
        chat(USER, says(HIDDEN)),
        chat(USER),
        ["messages[1].content[0]"],
    ),
    Case(
        "the words of a gateway that wraps an error in a text",
        "anthropic",
        WRAPPED,
        chat(USER, says(THOUGHT, TEXT)),
        chat(USER, says(TEXT)),
        ["messages[1].content[0]"],
    ),
    Case(
        "who thinks by default must be told not to",
        "anthropic",
        "The `content[].thinking` in the thinking mode must be passed back to the API.",
        chat(USER, says(CALL), hears(RESULT)),
        chat(USER, says(CALL), hears(RESULT), thinking=OFF),
        ["thinking"],
    ),
]
CHAT = [
    Case(
        "reasoning in any of its fields is taken out",
        "chat",
        WRAPPED,
        chat(
            USER,
            {"role": "assistant", "content": "a", "reasoning_content": "r", "thinking_blocks": []},
            {"role": "assistant", "content": "b", "reasoning_details": [{"type": "x"}]},
            {"role": "user", "content": "c", "reasoning": "a word of the user"},
        ),
        chat(
            USER,
            {"role": "assistant", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c", "reasoning": "a word of the user"},
        ),
        [
            "messages[1].reasoning_content",
            "messages[1].thinking_blocks",
            "messages[2].reasoning_details",
        ],
    ),
    Case(
        "parts that are thinking too, and a message of nothing else",
        "chat",
        "Failed to deserialize the JSON body into the target type: messages[2]: unknown variant "
        "`thinking`, expected `text` at line 1 column 80",
        chat(USER, says(THOUGHT, TEXT), USER, says(THOUGHT), {**says(THOUGHT), "tool_calls": [1]}),
        chat(USER, says(TEXT), USER, {"role": "assistant", "content": None, "tool_calls": [1]}),
        ["messages[1].content", "messages[3].content", "messages[4].content"],
    ),
    Case(
        "where it must be there, a space says that there was none",
        "chat",
        MUST_PASS_BACK,
        chat(
            USER,
            {"role": "assistant", "content": "a"},
            {"role": "assistant", "content": None, "tool_calls": [CALLED]},
            {"role": "assistant", "content": "c", "reasoning_content": "r"},
        ),
        chat(
            USER,
            {"role": "assistant", "content": "a", "reasoning_content": " "},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [CALLED],
                "reasoning_content": " ",
            },
            {"role": "assistant", "content": "c", "reasoning_content": "r"},
        ),
        ["messages[1].reasoning_content", "messages[2].reasoning_content"],
    ),
    Case(
        "the same of another vendor",
        "chat",
        "thinking is enabled but reasoning_content is missing in assistant tool call message at "
        "index 1",
        chat(USER, {"role": "assistant", "reasoning_content": "", "tool_calls": [CALLED]}),
        chat(USER, {"role": "assistant", "reasoning_content": " ", "tool_calls": [CALLED]}),
        ["messages[1].reasoning_content"],
    ),
    Case(
        "a gateway to a budget of thinking",
        "chat",
        UNTHOUGHT,
        chat(USER, {"role": "assistant", "tool_calls": [CALLED]}, thinking=BUDGET),
        chat(USER, {"role": "assistant", "tool_calls": [CALLED]}, thinking=OFF),
        ["thinking"],
    ),
    Case(
        "calls of a Gemini model are signed with the dummy, the first of each step in this turn",
        "chat",
        MISSING,
        chat(
            USER,
            {"role": "assistant", "tool_calls": [CALLED]},
            USER,
            {"role": "assistant", "tool_calls": [CALLED, CALLED]},
            {"role": "tool", "tool_call_id": "c1", "content": "ok"},
        ),
        chat(
            USER,
            {"role": "assistant", "tool_calls": [CALLED]},
            USER,
            {
                "role": "assistant",
                "tool_calls": [
                    {**CALLED, "extra_content": {"google": {"thought_signature": DUMMY}}},
                    CALLED,
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "ok"},
        ),
        ["messages[3].tool_calls[0].extra_content.google.thought_signature"],
    ),
]
REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
SAID = {"type": "message", "role": "assistant", "id": "msg_1", "content": []}
ASKED = {"type": "message", "role": "user", "id": "msg_0", "content": []}
FUNCTION = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "id": "fco_1", "call_id": "c1", "output": "ok"}


def items(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "input": list(listed), "include": ["reasoning.encrypted_content"]}


def without_id(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key != "id"}


RESPONSES = [
    Case(
        "reasoning that cannot be decrypted goes, with the ids that are linked to it",
        "responses",
        NOT_VERIFIED,
        items(ASKED, REASONING, FUNCTION, OUTPUT, REASONING, SAID),
        items(ASKED, without_id(FUNCTION), OUTPUT, without_id(SAID)),
        ["input[1]", "input[4]", "input[2].id", "input[5].id"],
    ),
    Case(
        "known by its code alone",
        "responses",
        "Bad request.",
        items(ASKED, REASONING),
        items(ASKED),
        ["input[1]"],
        error_type="invalid_encrypted_content",
    ),
    Case(
        "reasoning that nothing follows",
        "responses",
        "Item 'rs_05fc' of type 'reasoning' was provided without its required following item.",
        items(ASKED, REASONING),
        items(ASKED),
        ["input[1]"],
    ),
    Case(
        "a call whose reasoning is missing",
        "responses",
        "Item 'fc_07b2' of type 'function_call' was provided without its required 'reasoning' "
        "item: 'rs_07b2'.",
        items(ASKED, FUNCTION, OUTPUT),
        items(ASKED, without_id(FUNCTION), OUTPUT),
        ["input[1].id"],
    ),
    Case(
        "a reference to reasoning that was not stored",
        "responses",
        "Item with id 'rs_0496' not found. Items are not persisted when `store` is set to false. "
        "Try again with `store` set to true, or remove this item from your input.",
        items(ASKED, {"type": "item_reference", "id": "rs_0496"}),
        items(ASKED),
        ["input[1]"],
        status=404,
    ),
]
GEMINI = [
    Case(
        "a call of this turn gets the dummy, one of an older turn nothing",
        "gemini",
        MISSING,
        gemini(user({"text": "a"}), model(RUN), user(RAN), user({"text": "b"}), model(RUN, RUN)),
        gemini(
            user({"text": "a"}),
            model(RUN),
            user(RAN),
            user({"text": "b"}),
            model({**RUN, "thoughtSignature": DUMMY}, RUN),
        ),
        ["contents[4].parts[0].thoughtSignature"],
    ),
    Case(
        "each step of a turn has its own",
        "gemini",
        "Unable to submit request because function call `f` in the 2. content block is missing a "
        "`thought_signature`.",
        gemini(user({"text": "a"}), model(RUN), user(RAN), model(RUN), user(RAN)),
        gemini(
            user({"text": "a"}),
            model({**RUN, "thoughtSignature": DUMMY}),
            user(RAN),
            model({**RUN, "thoughtSignature": DUMMY}),
            user(RAN),
        ),
        ["contents[1].parts[0].thoughtSignature", "contents[3].parts[0].thoughtSignature"],
    ),
    Case(
        "what another model signed is replaced, or dropped, also in snake_case",
        "gemini",
        "Corrupted thought signature.",
        gemini(
            user({"text": "a"}),
            model({"text": "t", "thoughtSignature": "eA=="}, {"text": "", "thoughtSignature": "e"}),
            user({"text": "b"}),
            model({"function_call": {"name": "ls"}, "thought_signature": "eA=="}),
        ),
        gemini(
            user({"text": "a"}),
            model({"text": "t"}),
            user({"text": "b"}),
            model({"function_call": {"name": "ls"}, "thoughtSignature": DUMMY}),
        ),
        [
            "contents[1].parts[0].thoughtSignature",
            "contents[1].parts[1].thoughtSignature",
            "contents[3].parts[0].thoughtSignature",
        ],
    ),
    Case(
        "the words of Vertex",
        "gemini",
        "Unable to submit request because Thought signature is not valid.. Learn more: "
        "https://example.com/help",
        gemini(model({"text": "t", "thoughtSignature": "eA=="})),
        gemini(model({"text": "t"})),
        ["contents[0].parts[0].thoughtSignature"],
    ),
]
CASES = [*ANTHROPIC, *CHAT, *RESPONSES, *GEMINI]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.means}")
def test_thinking_signature(case: Case) -> None:
    check(case, "thinking_signature")
