"""Ask for a prompt cache where a provider wants to be asked, for clients that never had to.

Some wires cache by themselves, one only what is marked. Without a mark an agent's whole transcript
is paid in full with each request. Source: `facts/wires.md`, section 2, "cache".
"""

from collections.abc import Sequence

import msgspec

from proxy.canonical.marks import is_marked
from proxy.canonical.parts import Lifetime, Media, Part, Text, ToolCall, ToolResult
from proxy.canonical.request import Request, Turn

_LIFETIME: Lifetime = "5m"


def with_marks(request: Request) -> Request:
    """Return `request` with marks behind its instructions and behind its newest turn.

    As it is where the client marks its own, or nothing says that it will ask again with the same
    beginning: marked and not read again, a prompt costs a quarter more.
    """
    if is_marked(request) or not _is_conversation(request):
        return request
    turns = list(request.turns)
    instructions = [place for place, turn in enumerate(turns) if turn.role == "system"]
    for place in {*instructions[-1:], len(turns) - 1}:
        turns[place] = _marked(turns[place])
    return msgspec.structs.replace(request, turns=tuple(turns))


def _is_conversation(request: Request) -> bool:
    """Say whether there is a session, an agent's tools, or a turn that was answered."""
    if request.counts_only or not request.turns:
        return False
    answered = any(turn.role == "assistant" for turn in request.turns)
    return request.cache_key is not None or bool(request.tools) or answered


def _marked(turn: Turn) -> Turn:
    place = _last_markable(turn.parts)
    if place is None:
        return turn
    part = msgspec.structs.replace(turn.parts[place], cache_until=_LIFETIME)
    parts = (*turn.parts[:place], part, *turn.parts[place + 1 :])
    return msgspec.structs.replace(turn, parts=parts)


def _last_markable(parts: Sequence[Part]) -> int | None:
    places = range(len(parts) - 1, -1, -1)
    markable = Text | Media | ToolCall | ToolResult
    return next((place for place in places if isinstance(parts[place], markable)), None)
