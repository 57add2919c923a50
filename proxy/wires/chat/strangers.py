"""What an answer holds that no other wire has a place for, key by key."""

import msgspec
from msgspec import Raw

from proxy.canonical.skipped import Skipped
from proxy.wire import decoded, note_others

_CHOICE_KEYS = {
    *("index", "finish_reason", "message", "delta"),
    *("native_finish_reason", "stop_reason"),  # OpenRouter's and vLLM's, of the same reason
}
_MESSAGE_KEYS = {
    *("role", "name", "content", "refusal", "tool_calls", "function_call", "annotations"),
    *("reasoning_content", "reasoning"),
}
MESSAGE, CHOICE = "choices[0].message", "choices[0]"


class _Spoken(msgspec.Struct):
    choices: list[Raw] | None = None


class _Choice(msgspec.Struct):
    index: int | None = None
    message: Raw = Raw()
    delta: Raw = Raw()


_spoken = msgspec.json.Decoder(_Spoken)
_choice = msgspec.json.Decoder(_Choice)


def note_strangers(data: bytes, skipped: Skipped) -> None:
    """Note what `data`, an answer or a chunk, holds in the choice that is carried."""
    spoken = decoded(_spoken, data)
    for raw in (spoken and spoken.choices) or ():
        choice = decoded(_choice, raw)
        if choice is not None and not choice.index:
            note_others(raw, _CHOICE_KEYS, CHOICE, skipped)
            note_others(choice.delta or choice.message, _MESSAGE_KEYS, MESSAGE, skipped)
