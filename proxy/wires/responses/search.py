"""The search of the web, both ways.

Source: the types of OpenAI's SDK, `responses/web_search_tool_param.py` and the preview beside it.
"""

import msgspec

from proxy.canonical.search import ContextSize, Place, WebSearch
from proxy.wire import decoded, others

_KINDS = ("web_search", "web_search_2025_08_26", "web_search_preview")
_PREVIEWS = "web_search_preview_"
_KEYS = {"type", "filters", "user_location", "search_context_size"}
_LIVE = "external_web_access"


class _Filters(msgspec.Struct):
    allowed_domains: tuple[str, ...] | None = None


class _Said(msgspec.Struct):
    filters: _Filters | None = None
    user_location: Place | None = None
    search_context_size: ContextSize | None = None
    external_web_access: bool | None = None


class _Nested(msgspec.Struct):
    filters: msgspec.Raw = msgspec.Raw()


class _PlaceOut(Place, frozen=True, tag="approximate", omit_defaults=True):
    pass


class _FiltersOut(msgspec.Struct):
    allowed_domains: tuple[str, ...]


class _SearchOut(msgspec.Struct, tag="web_search", omit_defaults=True):
    filters: _FiltersOut | None = None
    user_location: _PlaceOut | None = None
    search_context_size: ContextSize | None = None


_said = msgspec.json.Decoder(_Said)
_nested = msgspec.json.Decoder(_Nested)


def read_search(kind: str, raw: msgspec.Raw) -> WebSearch | None:
    """Return what the hosted tool `raw` of type `kind` says of a search, if it is one."""
    is_search = kind in _KINDS or kind.startswith(_PREVIEWS)
    said = decoded(_said, raw) if is_search else None
    if said is None:
        return None
    return WebSearch(
        allowed_domains=(said.filters and said.filters.allowed_domains) or (),
        user_location=said.user_location,
        context_size=said.search_context_size,
        others=_others(raw, is_live=said.external_web_access is not False),
    )


def _others(raw: msgspec.Raw, *, is_live: bool) -> tuple[str, ...]:
    known = _KEYS | {_LIVE} if is_live else _KEYS  # live is what a search is anyway
    nested = decoded(_nested, raw) or _Nested()
    inner = others(nested.filters, {"allowed_domains"})
    return (*others(raw, known), *(f"filters.{key}" for key in inner))


def write_search(search: WebSearch) -> msgspec.Raw:
    """Return the declaration of the search."""
    place, domains = search.user_location, search.allowed_domains
    said = _SearchOut(
        _FiltersOut(domains) if domains else None,
        None if place is None else _PlaceOut(*msgspec.structs.astuple(place)),
        search.context_size,
    )
    return msgspec.Raw(msgspec.json.encode(said))
