"""What is asked of an exchange, before its body is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from proxy.routing.types import App
from proxy.wire import Location, Wire

Endpoint = Literal["generate", "count_tokens", "models", "none"]


@dataclass(frozen=True, slots=True)
class Route:
    """What a path stands for; `method` is the one it takes."""

    wire: Wire
    endpoint: Endpoint
    app: App
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a client.

    Header names are in lower case, values of repeated ones joined; `raw_query` is as it came.
    """

    route: Route
    location: Location
    raw_query: str = field(repr=False)
    method: str
    headers: Mapping[bytes, bytes] = field(repr=False)
    kind: str = "request"  # or our own: "activation"
