"""Ask for a prompt cache where a provider wants to be asked, for clients that never had to.

Some wires cache by themselves, one only what is marked. Without a mark an agent's whole transcript
is paid in full with each request. Source: `facts/wires.md`, section 2, "cache".
"""

import msgspec

from proxy.canonical.marks import is_marked, with_last_marked
from proxy.canonical.parts import Lifetime
from proxy.canonical.request import Request

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
        turns[place] = with_last_marked(turns[place], _LIFETIME)
    return msgspec.structs.replace(request, turns=tuple(turns))


def _is_conversation(request: Request) -> bool:
    """Say whether there is a session, an agent's tools, or a turn that was answered."""
    if request.counts_only or not request.turns:
        return False
    answered = any(turn.role == "assistant" for turn in request.turns)
    return request.cache_key is not None or bool(request.tools) or answered
