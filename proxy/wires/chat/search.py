"""The search of the web, both ways: no tool here, but options of the request.

Source: the types of OpenAI's SDK, `chat/completion_create_params.py`, `WebSearchOptions`.
"""

import msgspec
from msgspec import Raw

from proxy.canonical.request import Loss, Request, Tool
from proxy.canonical.search import ContextSize, Place, WebSearch
from proxy.wire import ABSENT, decoded, others

WIRE = "chat"
_NAME = "web_search"
_KEYS = {"search_context_size", "user_location"}


class _Located(msgspec.Struct):
    approximate: Place | None = None


class _Said(msgspec.Struct):
    search_context_size: ContextSize | None = None
    user_location: _Located | None = None


class _LocatedOut(msgspec.Struct, tag="approximate"):
    approximate: Place


class SearchOut(msgspec.Struct, omit_defaults=True):
    """What a search keeps to."""

    search_context_size: ContextSize | None = None
    user_location: _LocatedOut | None = None


_said = msgspec.json.Decoder(_Said)


def read_search(raw: Raw) -> tuple[Tool, ...]:
    """Return the tool that the options `raw` stand for, if there are any."""
    if bytes(raw) in ABSENT:
        return ()
    server = bytes(raw).decode(errors="replace")
    return (Tool(name=_NAME, server=server, wire=WIRE, search=_search(raw)),)


def _search(raw: Raw) -> WebSearch | None:
    said = decoded(_said, raw)
    if said is None:
        return None
    located = said.user_location
    return WebSearch(
        user_location=None if located is None else located.approximate,
        context_size=said.search_context_size,
        others=others(raw, _KEYS),
    )


def write_search(request: Request, losses: list[Loss]) -> Raw | SearchOut | None:
    """Return the options of the search that is on offer, if one is."""
    for index, tool in enumerate(request.tools):
        if tool.server is not None and tool.wire == WIRE:
            return Raw(tool.server.encode())
        if tool.search is None:
            continue
        if request.tool_choice.mode == "none":
            losses.append(Loss(f"tools[{index}]", tool.name, "no choice keeps a model from it"))
            return None
        if tool.search.allowed_domains:
            path = f"tools[{index}].allowed_domains"
            losses.append(Loss(path, "allowed_domains", "here all are searched"))
        place = tool.search.user_location
        located = None if place is None else _LocatedOut(place)
        return SearchOut(tool.search.context_size, located)
    return None
