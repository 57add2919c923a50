"""Thinking in a request of the Anthropic wire: the blocks of it, and the switch.

Source: extended thinking in the vendor's API reference, read 2026-11. With a budget, a turn that
goes on after a tool's result must have begun with a thinking block; adaptive thinking asks for
none.
"""

from collections.abc import Callable
from dataclasses import dataclass

from proxy.canonical.request import Loss
from proxy.mending.tree import Json, JsonObject, as_object, as_text, each_object

THINKING_BLOCKS = {"thinking", "redacted_thinking"}
_CLEARING = "clear_thinking"


def is_thinking(block: JsonObject) -> bool:
    """Say whether `block` is thinking."""
    return as_text(block.get("type")) in THINKING_BLOCKS


Chosen = Callable[[JsonObject], bool]


def drop_thinking(body: JsonObject, why: str, chosen: Chosen = is_thinking) -> list[Loss]:
    """Take the `chosen` blocks out of the messages of `body`: all thinking, or some of it.

    A message of which nothing is left goes as well; its neighbours, of one role then, become one:
    not every provider takes two in a row.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return []
    losses: list[Loss] = []
    kept: list[Json] = []
    gap = False
    taking = _Taking(chosen, why, losses)
    for place, message in enumerate(messages):
        said = as_object(message)
        if said is not None and taking.empties(said, f"messages[{place}]"):
            gap = True
            continue
        if not (gap and said is not None and kept and _joined(kept[-1], said)):
            kept.append(message)
        gap = False
    body["messages"] = kept
    return losses


def began_without(body: JsonObject) -> bool:
    """Say whether a turn goes on that did not begin with thinking."""
    began: JsonObject | None = None
    for _, message in each_object(body.get("messages")):
        if message.get("role") == "assistant":
            began = began or message
        elif not _has(message, {"tool_result"}):
            began = None
    if began is None:
        return False
    blocks = [block for _, block in each_object(began.get("content"))]
    return not blocks or as_text(blocks[0].get("type")) not in THINKING_BLOCKS


def is_left_without(body: JsonObject) -> bool:
    """Say whether thinking is on, with a budget, in a turn that goes on and began without any."""
    thinking = as_object(body.get("thinking"))
    budgeted = thinking is not None and thinking.get("type") == "enabled"
    return budgeted and began_without(body)


def switch_off(body: JsonObject, why: str) -> list[Loss]:
    """Turn thinking off, in so many words: some providers think where nothing is said."""
    thinking = as_object(body.get("thinking"))
    if thinking is not None and thinking.get("type") == "disabled":
        return []
    body["thinking"] = {"type": "disabled"}
    return [Loss("thinking", "thinking", why), *drop_clearing(body)]


def drop_clearing(body: JsonObject) -> list[Loss]:
    """Take out the edit of the context that the API refuses where thinking is off.

    It says: "`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive".
    """
    management = as_object(body.get("context_management"))
    edits = management.get("edits") if management is not None else None
    if management is None or not isinstance(edits, list):
        return []
    kept = [edit for edit in edits if not _clears(edit)]
    if len(kept) == len(edits):
        return []
    management["edits"] = kept
    if not kept:
        del body["context_management"]
    return [Loss("context_management", _CLEARING, "thinking is off")]


@dataclass(frozen=True, slots=True)
class _Taking:
    chosen: Chosen
    why: str
    losses: list[Loss]

    def empties(self, message: JsonObject, path: str) -> bool:
        """Take the chosen blocks out of one message; say whether nothing is left of it."""
        content = message.get("content")
        if not isinstance(content, list):
            return False
        gone = {n for n, block in each_object(content) if self.chosen(block)}
        self.losses.extend(Loss(f"{path}.content[{n}]", "thinking", self.why) for n in sorted(gone))
        message["content"] = [block for n, block in enumerate(content) if n not in gone]
        return bool(gone) and len(gone) == len(content)


def _joined(before: Json, message: JsonObject) -> bool:
    earlier = as_object(before)
    if earlier is None or earlier.get("role") != message.get("role"):
        return False
    earlier["content"] = [*_blocks(earlier), *_blocks(message)]
    return True


def _blocks(message: JsonObject) -> list[Json]:
    content = message.get("content")
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []


def _has(message: JsonObject, kinds: set[str]) -> bool:
    return any(
        as_text(block.get("type")) in kinds for _, block in each_object(message.get("content"))
    )


def _clears(edit: Json) -> bool:
    named = as_object(edit)
    return named is not None and as_text(named.get("type")).startswith(_CLEARING)
