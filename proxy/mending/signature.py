"""Thinking that the provider did not sign, or cannot find: `thinking_signature`.

It comes with a conversation that moved: from another provider, model or account, or behind a
changed prompt. What the model thought is lost then, what it said and did stays. Claude Code has no
cure of its own for these words, and a session that meets them is stuck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from proxy.canonical.request import Loss
from proxy.mending.gemini_signature import sign_chat, sign_gemini
from proxy.mending.rule import Rule, any_of
from proxy.mending.thoughts import THINKING_BLOCKS, drop_thinking, is_left_without, switch_off
from proxy.mending.tree import Json, JsonObject, as_object, as_text, each_object

WHY = "the provider does not take it"
REASONING = "reasoning"
UNSAID = "the turn that goes on began without it"

# Each with a thread that quotes it in whole.
_NOT_SIGNED = (
    # anthropics/claude-code#10627, also "... The block is bound to a different conversation":
    # anomalyco/opencode#48637
    r"invalid\W{1,6}signature\W{1,6}in\W{1,6}thinking\W{1,6}block",
    # anthropics/claude-code#56708
    r"invalid\W{1,6}data\W{1,6}in\W{1,6}redacted_thinking\W{1,6}block",
    # anthropics/claude-code#63404
    r"thinking\b[^\n]{0,60} blocks in the latest assistant message cannot be modified",
    # agentforce314/clawcodex#862, diegosouzapw/OmniRoute#2191
    r"thinking\.(?:signature|data): field required",
    # the same one, of DeepSeek
    r"unknown variant\W{1,3}(?:redacted_)?thinking\W",
    # openai/codex#8145; of an account that was changed: Wei-Shaw/sub2api#2863
    r"invalid_encrypted_content",
    r"encrypted content\b[^\n]{0,200} could not be (?:verified|decrypted)",
    # vercel/ai#7099
    r"of type 'reasoning' was provided without its required following item",
    # continuedev/continue#10018
    r"was provided without its required 'reasoning' item",
    # can1357/oh-my-pi#41
    r"item with id 'rs_[^\n]{0,120} not found",
    # lbjlaq/Antigravity-Manager#3342, google-gemini/gemini-cli#13467
    r"(?:invalid|corrupted) thought.?signature",
    # Vertex, of one that another model made
    r"thought.?signature is not valid",
    r"thought_?signature\b[^\n]{0,120}base64 decoding failed",
)
_NOT_FOUND = (
    # lbjlaq/Antigravity-Manager#139
    r"expected\W{1,4}thinking\W{1,4}or\W{1,4}redacted_thinking\W{1,4}but found",
    r"must start with a thinking block",
    # google's: Antigravity-Manager#938; Vertex': danny-avila/LibreChat#11826
    r"missing an?\W{0,3}thought_signature",
)
_DEMANDED = (
    # DeepSeek's: earendil-works/pi#3636; on the Anthropic wire: decolua/9router#2397
    r"in the thinking mode must be passed back",
    # Moonshot's, also through SiliconFlow: agentscope-ai/QwenPaw#433
    r"reasoning_content is missing",
    # DeepSeek V3.2's: Sylinko/Everywhere#287
    r"missing\W{1,3}reasoning_content",
)
_MUST_THINK = any_of(*_DEMANDED)
_BEGAN_WITHOUT = any_of(*_NOT_FOUND)
_OF_CALLS = any_of(r"thought.?signature")
_ENCRYPTED_SUMMARY = any_of(r"encrypted content for item cmp_")
# What is read as reasoning, by who reads it: DeepSeek and its likes, OpenRouter, litellm, Copilot.
_CHAT_FIELDS = (
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "reasoning_text",
    "reasoning_opaque",
    "thinking_blocks",
)
# Tried with the vendor, who refuses an empty text: NousResearch/hermes-agent#17341.
_NO_THOUGHT = " "
_LINKED_ITEMS = {"message", "function_call", "custom_tool_call"}


def _anthropic(body: JsonObject, words: str) -> list[Loss]:
    losses = drop_thinking(body, WHY)
    if _MUST_THINK.search(words) or is_left_without(body):
        losses += switch_off(body, UNSAID)
    return losses


def _responses(body: JsonObject, words: str) -> list[Loss]:
    return [] if _ENCRYPTED_SUMMARY.search(words) else drop_reasoning(body, WHY)


def drop_reasoning(body: JsonObject, why: str) -> list[Loss]:
    """Take out the reasoning of Responses, and the ids by which the API finds that it is missing.

    Not the encrypted summary of a compacted conversation: it is all there is of it.
    """
    items = body.get("input")
    if not isinstance(items, list):
        return []
    gone = {n for n, item in each_object(items) if _is_reasoning(item)}
    losses = [Loss(f"input[{n}]", REASONING, why) for n in sorted(gone)]
    for n, item in each_object(items):
        kind, role = as_text(item.get("type")), item.get("role", "assistant")
        if kind in _LINKED_ITEMS and role == "assistant" and item.pop("id", None) is not None:
            losses.append(Loss(f"input[{n}].id", "id", "it is linked to reasoning"))
    body["input"] = [item for n, item in enumerate(items) if n not in gone]
    return losses


def _is_reasoning(item: JsonObject) -> bool:
    if item.get("type") == "item_reference":
        return as_text(item.get("id")).startswith("rs_")
    return item.get("type") == "reasoning"


def _chat(body: JsonObject, words: str) -> list[Loss]:
    """Take the reasoning out, or, where it must be there, say that there was none."""
    if _OF_CALLS.search(words):
        return sign_chat(body)
    if _MUST_THINK.search(words):
        return _filled(body)
    losses = drop_thoughts(body, _CHAT_FIELDS, WHY)
    if _BEGAN_WITHOUT.search(words) and as_object(body.get("thinking")) is not None:
        losses += switch_off(body, UNSAID)
    return losses


def drop_thoughts(body: JsonObject, names: Sequence[str], why: str) -> list[Loss]:
    """Take what is under these `names` out of Chat's messages, and thinking among their parts."""
    losses: list[Loss] = []
    kept: list[Json] = []
    messages = body.get("messages")
    taking = _Taking(names, why, losses)
    for n, item in enumerate(messages if isinstance(messages, list) else []):
        message = as_object(item)
        if message is None or not taking.empties(message, f"messages[{n}]"):
            kept.append(item)
    if losses:
        body["messages"] = kept
    return losses


def _filled(body: JsonObject) -> list[Loss]:
    losses: list[Loss] = []
    for n, message in each_object(body.get("messages")):
        if message.get("role") == "assistant" and not message.get("reasoning_content"):
            message["reasoning_content"] = _NO_THOUGHT
            name = "reasoning_content"
            losses.append(Loss(f"messages[{n}].{name}", name, "not known any more"))
    return losses


@dataclass(frozen=True, slots=True)
class _Taking:
    names: Sequence[str]
    why: str
    losses: list[Loss]

    def empties(self, message: JsonObject, path: str) -> bool:
        """Take the reasoning out of one message; say whether nothing is left of it."""
        if message.get("role") != "assistant":
            return False
        named = [name for name in self.names if message.pop(name, None) is not None]
        self.losses.extend(Loss(f"{path}.{name}", name, self.why) for name in named)
        content = message.get("content")
        if not isinstance(content, list):
            return False
        kept = [part for part in content if not _is_thought(part)]
        if len(kept) == len(content):
            return False
        self.losses.append(Loss(f"{path}.content", "thinking", self.why))
        message["content"] = kept or None
        return not kept and not message.get("tool_calls")


def _is_thought(part: Json) -> bool:
    named = as_object(part)
    return named is not None and as_text(named.get("type")) in THINKING_BLOCKS


THINKING_SIGNATURE = Rule(
    statuses=frozenset({400, 404, 422}),
    words=any_of(*_NOT_SIGNED, *_NOT_FOUND, *_DEMANDED),
    repairs={
        "anthropic": _anthropic,
        "chat": _chat,
        "responses": _responses,
        "gemini": sign_gemini,
    },
)
