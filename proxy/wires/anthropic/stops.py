"""Why an answer ended, both ways."""

from proxy.canonical.answer import StopReason
from proxy.canonical.request import Loss

_READ: dict[str, StopReason] = {
    "end_turn": "end",
    "tool_use": "tool_call",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "context_full",
    "stop_sequence": "stop_sequence",
    "refusal": "refusal",
    "pause_turn": "paused",
    "compaction": "paused",
}
_WRITTEN: dict[StopReason, str] = {
    "end": "end_turn",
    "tool_call": "tool_use",
    "max_tokens": "max_tokens",
    "context_full": "model_context_window_exceeded",
    "stop_sequence": "stop_sequence",
    "refusal": "refusal",
    "paused": "pause_turn",
}


def read_stop(reason: str | None, *, calls: bool) -> StopReason:
    """Return why it ended; compatible servers forget to say that tools are called."""
    stop = _READ.get(reason or "", "end")
    return "tool_call" if calls and stop == "end" else stop


def write_stop_reason(stop: StopReason, *, calls: bool, losses: list[Loss]) -> str:
    """Return the word for it: clients run tools only if it says so, and only if there are any."""
    if stop in {"end", "tool_call"}:
        return "tool_use" if calls else "end_turn"
    if stop == "broken":
        losses.append(Loss("stop_reason", "broken", "no word for it in Anthropic Messages"))
    return _WRITTEN.get(stop, "end_turn")
