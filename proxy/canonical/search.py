"""A search of the web that the provider runs: the one tool of its own that every wire has."""

from typing import Literal

import msgspec

ContextSize = Literal["low", "medium", "high"]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """About where the user is, as all wires call it that know of it; it may be nowhere."""

    city: str | None = None
    region: str | None = None
    country: str | None = None
    timezone: str | None = None


class WebSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of the search, as far as two wires have words for it.

    `others` names what else its declaration says: that is lost wherever another wire searches.
    """

    allowed_domains: tuple[str, ...] = ()
    user_location: Place | None = None
    context_size: ContextSize | None = None
    others: tuple[str, ...] = ()
