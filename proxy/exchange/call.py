"""What is asked of an exchange, before its body is read."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """One request of a client; header names are in lower case, the last of equal ones counts."""

    route: Route
    location: Location
    method: str
    headers: Mapping[bytes, bytes]
