"""What a wire format is: how its requests and answers are read, and how its errors are said.

Bytes of the same wire on both sides pass through untouched; a wire only reads along.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from proxy.canonical import Ask, Told
from proxy.sse import SseEvent


class Mark(Enum):
    """What one stream event means for the relay."""

    HANDSHAKE = "handshake"  # says nothing yet: a provider sends it, and may fail after it
    CONTENT = "content"  # something the client will show or use, or that we do not know
    TERMINAL = "terminal"  # the protocol's own end: what came before is the whole answer
    FAULT = "fault"  # the provider says that it failed


class StreamReader(Protocol):
    """Reads along with one stream; one is made for each."""

    def read(self, event: SseEvent) -> Mark:
        """Note what `event` tells, and say what it means. Garbage is content: it passes."""
        ...

    def told(self) -> Told:
        """Return what the stream has said of itself so far."""
        ...

    def error_event(self, message: str) -> bytes:
        """Return the event that tells this wire's clients that the stream broke off."""
        ...


@dataclass(frozen=True, slots=True)
class Location:
    """Where a request came to: a path without prefix, in one spelling, and its query."""

    path: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire format.

    Attributes:
        name: As the config and the ledger call it.
        read_ask: Body and location to what routing needs; raises `ClientError`.
        reader: Makes the reader of one stream.
        read_whole: Body of a whole answer to what it says; `None` if it is no such answer.
        read_refusal: Body of an error status to what it says; empty if it is not of this wire.
        error: HTTP status and message to the body of an error.
        credentials: A key to the headers that carry it to a provider.
    """

    name: str
    read_ask: Callable[[bytes, Location], Ask]
    reader: Callable[[], StreamReader]
    read_whole: Callable[[bytes], Told | None]
    read_refusal: Callable[[bytes], Told]
    error: Callable[[int, str], bytes]
    credentials: Callable[[str], list[tuple[bytes, bytes]]]
