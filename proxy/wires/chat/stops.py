"""Why an answer ended, in this wire's words and in ours.

The word alone is not to be trusted: servers say "stop" where they call tools.
"""

from collections.abc import Mapping

from proxy.canonical.answer import StopReason

_READ: Mapping[str, StopReason] = {
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "content_filter": "refusal",
    "error": "broken",  # OpenRouter's
    "insufficient_system_resource": "broken",  # DeepSeek's
}
_WRITTEN: Mapping[StopReason, str] = {
    "max_tokens": "length",
    "context_full": "length",
    "refusal": "content_filter",
}


def read_stop(reason: str | None, *, called: bool, refused: bool) -> StopReason:
    """Return why it ended, where it `called` tools or `refused` in the place for that."""
    known = _READ.get(reason or "")
    if known is not None:
        return known
    if called:
        return "tool_call"
    return "refusal" if refused else "end"


def write_stop(stop: StopReason, *, called: bool, refused: bool) -> str:
    """Return the `finish_reason`; a refusal in its own place ends like any text."""
    if stop in {"end", "tool_call", "paused"} and called:
        return "tool_calls"
    if stop == "refusal" and refused:
        return "stop"
    return _WRITTEN.get(stop, "stop")
