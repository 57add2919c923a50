"""The ends of prefixes that are worth caching, wherever a request has them."""

from collections.abc import Iterator

import msgspec

from proxy.canonical.parts import Lifetime, Media, Part, Text, ToolCall, ToolResult
from proxy.canonical.request import Request, Turn

_Markable = Text | Media | ToolCall | ToolResult


def is_marked(request: Request) -> bool:
    """Say whether any prefix of `request` ends in a mark."""
    return any(_marks(request))


def unmarked(request: Request) -> Request:
    """Return `request` without any mark."""
    return msgspec.structs.replace(
        request,
        turns=tuple(
            msgspec.structs.replace(turn, parts=tuple(map(_bare, turn.parts)))
            for turn in request.turns
        ),
        tools=tuple(
            msgspec.structs.replace(tool, cache_until=None) if tool.cache_until else tool
            for tool in request.tools
        ),
    )


def with_last_marked(turn: Turn, until: Lifetime) -> Turn:
    """Return `turn` with a mark on the last part that can bear one; one that is there stays."""
    for place in reversed(range(len(turn.parts))):
        part = turn.parts[place]
        if isinstance(part, _Markable):
            marked = msgspec.structs.replace(part, cache_until=part.cache_until or until)
            parts = (*turn.parts[:place], marked, *turn.parts[place + 1 :])
            return msgspec.structs.replace(turn, parts=parts)
    return turn


def _marks(request: Request) -> Iterator[Lifetime | None]:
    for tool in request.tools:
        yield tool.cache_until
    for turn in request.turns:
        for part in turn.parts:
            yield from _marks_of(part)


def _marks_of(part: Part) -> Iterator[Lifetime | None]:
    if isinstance(part, _Markable):
        yield part.cache_until
    if isinstance(part, ToolResult):
        yield from (one.cache_until for one in part.parts)


def _bare(part: Part) -> Part:
    if not any(_marks_of(part)):
        return part
    if isinstance(part, ToolResult):
        inner = tuple(msgspec.structs.replace(one, cache_until=None) for one in part.parts)
        return msgspec.structs.replace(part, parts=inner, cache_until=None)
    return msgspec.structs.replace(part, cache_until=None)
