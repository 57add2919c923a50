"""Which conversation a request belongs to.

Sources of the header names: `facts/clients.md` sections 1.2, 2.2 and 4, seen on the wire 2026-11.
"""

from collections.abc import Mapping

from proxy.canonical import Session

HEADERS = (
    b"x-claude-code-session-id",
    b"session-id",  # Codex
    b"session_id",  # Codex, older
    b"x-session-id",  # opencode
    b"x-session-affinity",
)
MAX_CHARS = 200


def subagent(headers: Mapping[bytes, bytes]) -> str | None:
    """Return which part of its session asks; `None` if it is the main thread, or not told."""
    named = headers.get(b"x-claude-code-agent-id")
    if not named and (b"x-codex-parent-thread-id" in headers or b"x-openai-subagent" in headers):
        named = headers.get(b"thread-id")
    return named.decode("latin-1")[:MAX_CHARS] if named else None


def identify(headers: Mapping[bytes, bytes], in_body: Session | None) -> Session | None:
    """Return the session that a header names, else the one in the body, else `None`."""
    for name in HEADERS:
        value = headers.get(name)
        if value:
            return Session(value.decode("latin-1")[:MAX_CHARS], f"header {name.decode()}")
    if in_body is None:
        return None
    return Session(in_body.id[:MAX_CHARS], in_body.source)
