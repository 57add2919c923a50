"""The search of the web, both ways.

It is written in its oldest version, which every provider knows that has the tool. Source: the types
of Anthropic's SDK, `web_search_tool_20250305_param.py`.
"""

import msgspec

from proxy.canonical.request import Loss
from proxy.canonical.search import Place, WebSearch
from proxy.wire import decoded, others

_VERSIONS = "web_search_20"
_KEYS = {"type", "name", "allowed_domains", "user_location"}


class _Said(msgspec.Struct):
    allowed_domains: tuple[str, ...] | None = None
    user_location: Place | None = None


class _PlaceOut(Place, frozen=True, tag="approximate", omit_defaults=True):
    pass


class _SearchOut(msgspec.Struct, tag="web_search_20250305"):
    name: str
    allowed_domains: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    user_location: _PlaceOut | msgspec.UnsetType = msgspec.UNSET


_said = msgspec.json.Decoder(_Said)


def read_search(kind: str, raw: msgspec.Raw) -> WebSearch | None:
    """Return what the server tool `raw` of type `kind` says of a search, if it is one."""
    said = decoded(_said, raw) if kind.startswith(_VERSIONS) else None
    if said is None:
        return None
    return WebSearch(
        allowed_domains=said.allowed_domains or (),
        user_location=said.user_location,
        others=others(raw, _KEYS),
    )


def write_search(search: WebSearch, path: str, losses: list[Loss]) -> bytes:
    """Return the declaration of the search at `path`."""
    if search.context_size is not None:
        losses.append(Loss(f"{path}.context_size", "context_size", "no such setting here"))
    place = search.user_location
    said = _SearchOut("web_search", search.allowed_domains or msgspec.UNSET)
    if place is not None and place != Place():
        said.user_location = _PlaceOut(*msgspec.structs.astuple(place))
    return msgspec.json.encode(said)
