"""How a wire is read into the middle and written from it: four readers and four writers, no pairs.

`proxy.wire` is what a relay between equal wires needs; this is what a conversion needs besides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from proxy.canonical.answer import Answer, Event
from proxy.canonical.models import Model
from proxy.canonical.request import Loss, Request
from proxy.sse import SseEvent
from proxy.wire import Location


@dataclass(frozen=True, slots=True)
class Read:
    """A request that was read, and what of it no other wire could carry."""

    request: Request
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A request that is ready for a provider; `raw_query` is empty or without its `?`."""

    path: str
    body: bytes = field(repr=False)
    raw_query: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolRules:
    """What a wire allows of tools; `proxy.convert` makes every request keep to it beforehand.

    `name_chars` is the inside of a regular expression's character class.
    """

    max_name_chars: int
    name_chars: str
    custom: bool = False  # free-form tools
    namespaces: bool = False


class EventDecoder(Protocol):
    """Turns one stream of a provider into canonical events; one is made for each."""

    def feed(self, event: SseEvent) -> list[Event]:
        """Return what `event` stands for; what cannot be read stands for nothing."""
        ...

    def finish(self) -> list[Event]:
        """Return what was still held back, after a clean end of the bytes."""
        ...


class EventEncoder(Protocol):
    """Turns canonical events into one stream for a client; one is made for each.

    Attributes:
        losses: What of the answer this wire could not carry, so far.
    """

    losses: list[Loss]

    def feed(self, event: Event) -> bytes:
        """Return the bytes that say `event`, whole events only; empty while it is held back."""
        ...

    def error_event(self, message: str) -> bytes:
        """Return the event that tells the client that the stream broke off."""
        ...


@dataclass(frozen=True, slots=True)
class ModelLists:
    """How a wire lists models.

    Attributes:
        path: Where they are asked for.
        raw_query: What asks for all of them on one page.
        headers: What the wire wants besides the key.
        read: `None` if it is no such list.
        write: Several, as the whole list.
        write_one: One, as the answer to a question for it alone.
    """

    path: str
    read: Callable[[bytes], tuple[Model, ...] | None]
    write: Callable[[Sequence[Model]], bytes]
    write_one: Callable[[Model], bytes]
    raw_query: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Codec:
    """Both directions of one wire.

    Attributes:
        name: The wire's.
        tools: What it allows of tools.
        read_request: Raises `ClientError` 400.
        write_request: Takes a request that keeps to `tools`.
        read_answer: `None` if it is no answer of this wire.
        write_answer: The answer to this request; what cannot be carried is appended to the list.
        decoder: Makes one for a stream.
        encoder: Makes one for a stream that answers this request.
        models: Its lists of models.
        read_count: Number of input tokens in the answer to a counting request.
        write_count: The answer to a counting request; `None` where the wire has none.
    """

    name: str
    tools: ToolRules
    read_request: Callable[[bytes, Location], Read]
    write_request: Callable[[Request], Written]
    read_answer: Callable[[bytes], Answer | None]
    write_answer: Callable[[Answer, Request, list[Loss]], bytes]
    decoder: Callable[[], EventDecoder]
    encoder: Callable[[Request], EventEncoder]
    models: ModelLists
    read_count: Callable[[bytes], int | None]
    write_count: Callable[[int], bytes] | None = None
