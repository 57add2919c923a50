"""One attempt at a provider: send a request, read the head, read the chunks, close.

This is all the proxy knows of an HTTP client; a lane is one behind this seam. Errors of the
client become `Unreachable` and `Broken` inside the lane. Waiting is limited by the caller, but
for the connection, whose limit is in the order.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from proxy.routing.manner import Through


@dataclass(frozen=True, slots=True)
class Order:
    """A request to a provider. `pool` and `through` name the connections it may share."""

    pool: str
    method: str
    url: str = field(repr=False)  # its query may hold a key
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)
    connect_s: float
    through: Through | None = None  # the usual way


class Answer(Protocol):
    """A response whose head is here."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Sequence[tuple[bytes, bytes]]:
        """The headers, names in lower case, in the order they came."""
        ...

    @property
    def reused(self) -> bool | None:
        """Whether it came over a connection that was there before; `None` if that is not known."""
        ...

    @property
    def connected_us(self) -> int | None:
        """The tick at which a new connection was there, TLS and all; `None` without one."""
        ...

    def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body as it arrives, content encodings undone.

        Raises:
            Broken: The connection ended before the body did, or the body cannot be decoded.
        """
        ...

    async def aclose(self) -> None:
        """Give the connection back, or close it if the body was not read to its end."""
        ...


class Lane(Protocol):
    """An HTTP client."""

    async def open(self, order: Order) -> Answer:
        """Send `order` and return the answer once its head is here.

        Raises:
            Unreachable: No head arrived.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
