"""What a wire format is: how its requests and answers are read, and how its errors are said.

Bytes of the same wire on both sides pass through untouched; a wire only reads along.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Protocol, TypeVar

import msgspec

from proxy.canonical import Ask, Told, Usage, UsageSource
from proxy.canonical.skipped import Skipped
from proxy.errors import ClientError
from proxy.sse import SseEvent

Shape = TypeVar("Shape")
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A number of tokens; where it is negative or absurd, its usage is not to be believed."""

ABSENT = {b"", b"null"}
EMPTY = {*ABSENT, b"[]", b"{}", b'""'}

_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_count = msgspec.json.Decoder(Count)
_text = msgspec.json.Decoder(str)
_word = msgspec.json.Decoder(str | int | float)


class _Part(msgspec.Struct):
    text: str | None = None


class _Message(msgspec.Struct):
    role: str = ""
    content: msgspec.Raw = msgspec.Raw()


_content = msgspec.json.Decoder(str | _Part | list[msgspec.Raw])
_part = msgspec.json.Decoder(str | _Part)
_message = msgspec.json.Decoder(_Message)


class Mark(Enum):
    """What one stream event means for the relay."""

    HANDSHAKE = "handshake"  # says nothing yet: a provider sends it, and may fail after it
    CONTENT = "content"  # something the client will show or use, or that we do not know
    TERMINAL = "terminal"  # the protocol's own end: what came before is the whole answer
    REOPENED = "reopened"  # that was not the end: another of several answers begins after it
    FAULT = "fault"  # the provider says that it failed


class StreamReader(Protocol):
    """Reads along with one stream; one is made for each."""

    @property
    def plain(self) -> re.Pattern[bytes] | None:
        """Matches a run of events that are content, and nothing but JSON in need of no reading."""
        ...

    def skimmed(self, count: int) -> None:
        """Note that so many events of such a run have come."""
        ...

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
class Located:
    """The body of a request, and where it goes to."""

    body: bytes = field(repr=False)
    location: Location


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a conversation began: its texts in UTF-8, without what is none or cannot be read."""

    system: tuple[bytes, ...] = field(default=(), repr=False)
    first: tuple[bytes, ...] = field(default=(), repr=False)  # of the user's first message


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptOrder:
    """Where the prompt stands in a request: its fields, in the order of a provider's cache.

    Attributes:
        before: What comes before the conversation; of several spellings, all of them.
        turns: The conversation, a list that grows at its end.
        elsewhere: Whoever sets one of these keeps a part of the prompt with the provider.
    """

    before: tuple[str, ...]
    turns: str
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wire:
    """A wire format.

    Attributes:
        name: As the config and the ledger call it.
        read_ask: Body and location to what routing needs; raises `ClientError`.
        with_model: The same request for another model, all else untouched; the same object if it
            asks for that one already. Takes what `read_ask` takes.
        beginning: Body to how the conversation began.
        order: Where the prompt stands in a body.
        reader: Makes the reader of one stream.
        read_whole: Body of a whole answer to what it says; `None` if it is no such answer.
        read_refusal: Body of an error status to what it says; empty if it is not of this wire.
        error: HTTP status and message to the body of an error.
        credentials: A key to the headers that carry it to a provider.
        too_long: By these words in an error clients know that they must shorten the conversation.
    """

    name: str
    read_ask: Callable[[bytes, Location], Ask]
    with_model: Callable[[bytes, Location, str], Located]
    beginning: Callable[[bytes], Beginning]
    order: PromptOrder
    reader: Callable[[], StreamReader]
    read_whole: Callable[[bytes], Told | None]
    read_refusal: Callable[[bytes], Told]
    error: Callable[[int, str], bytes]
    credentials: Callable[[str], list[tuple[bytes, bytes]]]
    too_long: str = ""


def decoded(decoder: msgspec.json.Decoder[Shape], data: bytes | str | msgspec.Raw) -> Shape | None:
    """Return what `data` holds; `None` if it has another shape, bad text, or no bottom."""
    try:
        return decoder.decode(data)
    except _UNREADABLE:
        return None


def run_of(*names: bytes) -> re.Pattern[bytes]:
    """Return what matches events with one of `names` and one line of data that may be an object.

    A line that opens and closes an object ends no other line's: as many objects as lines are one in
    each. A carriage return must not be in what is matched.
    """
    each = b"|".join(map(re.escape, names))
    return re.compile(rb"(?:event: (?:%b)\ndata: \{.*\}\n\n)++" % each)


def first_count(*found: msgspec.Raw) -> int | None:
    """Return the first of `found` that is a count; one that cannot be is nobody's business here."""
    return next((n for raw in found if (n := decoded(_count, raw)) is not None), None)


def required(decoder: msgspec.json.Decoder[Shape], body: bytes) -> Shape:
    """Return what a request's `body` holds.

    Raises:
        ClientError: 400, it has another shape, bad text, or no bottom.
    """
    try:
        return decoder.decode(body)
    except _UNREADABLE as exc:
        raise ClientError(400, f"The request body cannot be used: {exc}") from exc


def with_model_in_body(body: bytes, location: Location, model: str) -> Located:
    """Return the request for `model`, with every other value in its own bytes and place.

    Of a key that is there twice the last one counts, as it does for whoever reads a request.

    Raises:
        ClientError: 400, it is no object.
    """
    said = required(_object, body)
    if decoded(_text, said.get("model", msgspec.Raw())) == model:
        return Located(body, location)
    return Located(msgspec.json.encode({**said, "model": model}), location)


def begun(messages: Sequence[msgspec.Raw], system: tuple[bytes, ...] = ()) -> Beginning:
    """Return how `messages` begin, up to the first of the user; `system` comes before them.

    What the system says later is no beginning: it would be another one with each turn.
    """
    for raw in messages:
        message = decoded(_message, raw) or _Message()
        if message.role == "user":
            return Beginning(system, texts(message.content))
        if message.role in {"system", "developer"}:
            system += texts(message.content)
    return Beginning(system)


def texts(content: msgspec.Raw) -> tuple[bytes, ...]:
    """Return the texts of `content`: a text, a part that has one, or a list of such."""
    held = decoded(_content, content)
    parts = [decoded(_part, raw) for raw in held] if isinstance(held, list) else [held]
    found = (part.text if isinstance(part, _Part) else part for part in parts)
    return tuple(text.encode() for text in found if text)


def note_others(
    raw: bytes | msgspec.Raw, known: AbstractSet[str], path: str, skipped: Skipped
) -> None:
    """Note each key of the object `raw`, which stands at `path`, that says something unknown."""
    for key in others(raw, known):
        skipped.note(f"{path}.{key}" if path else key, key)


def others(raw: bytes | msgspec.Raw, known: AbstractSet[str]) -> tuple[str, ...]:
    """Return the keys of the object `raw` that say something and are not `known`."""
    held = (decoded(_object, raw) or {}).items()
    return tuple(key[:64] for key, value in held if key not in known and bytes(value) not in EMPTY)


def read_error(raw: msgspec.Raw, *names: str, bare: bytes | None = None) -> Told | None:
    """Read an error of any shape; `None` if there is none.

    Args:
        raw: What stands where the error should.
        names: The keys that may hold its type, most telling first; it is unknown where none does.
        bare: All there is, where that says of itself that it is an error.
    """
    if bytes(raw) in ABSENT:
        if bare is None:
            return None
        raw = msgspec.Raw(bare)
    said = decoded(_object, raw)
    if said is None:
        return Told(error_message=_as_text(raw))
    kinds = (decoded(_word, said[name]) for name in names if name in said)
    kind = next((str(kind) for kind in kinds if kind), None)
    return Told(error_type=kind, error_message=_as_text(said.get("message", msgspec.Raw())))


def read_strange_refusal(body: bytes) -> Told:
    """Read what a server in between says in no wire's shape: FastAPI's `detail`, a bare message."""
    said = decoded(_object, body) or {}
    texts = (_as_text(said[name]) for name in ("message", "detail", "msg") if name in said)
    return Told(error_message=next(filter(None, texts), None))


def with_error(told: Told, problem: Told | None) -> Told:
    """Return `told` with what failed; there, an error without a type has at least a general one."""
    if problem is None:
        return told
    return msgspec.structs.replace(
        told, error_type=problem.error_type or "error", error_message=problem.error_message
    )


def with_usage(told: Told, usage: Usage | None, source: UsageSource, raw: bytes) -> Told:
    """Return `told` with its `usage`, read from `raw`, if there was any."""
    if usage is None:
        return told
    text = raw.decode(errors="replace")
    return msgspec.structs.replace(told, usage=usage, source=source, usage_raw=text)


def _as_text(raw: msgspec.Raw) -> str | None:
    if bytes(raw) in ABSENT:
        return None
    text = decoded(_text, raw)
    return bytes(raw).decode(errors="replace") if text is None else text
