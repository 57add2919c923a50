"""How a wire is read into the middle and written from it: four readers and four writers, no pairs.

`proxy.wire` is what a relay between equal wires needs; this is what a conversion needs besides.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from proxy.canonical.answer import Answer, Event
from proxy.canonical.models import Model
from proxy.canonical.request import Effort, Loss, Request
from proxy.sse import SseEvent
from proxy.wire import Location

MaxTokensKey = Literal["max_completion_tokens", "max_tokens"]

# Some hosts call gpt-3.5 gpt-35.
_GPT = re.compile(r"(?:^|/)gpt-(?!35)(\d+)(?:\.(\d+))?")
_REASONS = re.compile(r"(?:^|/)o\d")
_CHATS = re.compile(r"-chat\b")
_FIRST_REASONING = (5, 0)
_FIRST_WITH_BREAKPOINTS = (5, 6)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one provider wants beyond its wire; the defaults are what a wire's vendor wants.

    Source: `facts/wires.md`, sections 0, 2 and 7.

    Attributes:
        reasoning_content: Of chat: thinking goes back as `reasoning_content`. DeepSeek and its
            like refuse a turn with tools without it; to all others thinking is not shown.
        cache_breakpoints: Of chat and responses: the ends of prefixes worth caching are said.
            `None` goes by the model: from gpt-5.6 on, all others refuse them.
        sampling: Temperature, penalties and the like are said. `None` goes by the model: those
            that reason refuse them.
        max_output_tokens: Of anthropic, which wants a maximum where the client names none: by
            pattern of the model, the first that fits.
        max_tokens_key: Of chat: what the maximum is called; older servers know the retired name.
        json_schemas: Of gemini: schemas are JSON Schema. Servers that know `parameters` and
            `responseSchema` only get what those can say.
        web_search: It can search the web, and does for clients of another wire that offer it. All
            others would refuse each request of a client that offers it always, as Codex does.
    """

    reasoning_content: bool = False
    cache_breakpoints: bool | None = None
    sampling: bool | None = None
    max_output_tokens: tuple[tuple[str, int], ...] = ()
    max_tokens_key: MaxTokensKey = "max_completion_tokens"
    json_schemas: bool = True
    web_search: bool = False

    def max_output_tokens_of(self, model: str) -> int | None:
        """Return the maximum that is configured for `model`."""
        fits = (most for name, most in self.max_output_tokens if fnmatchcase(model, name))
        return next(fits, None)

    def says_breakpoints(self, model: str) -> bool:
        """Say whether OpenAI's `model` is told where prefixes worth caching end."""
        if self.cache_breakpoints is not None:
            return self.cache_breakpoints
        return _generation(model) >= _FIRST_WITH_BREAKPOINTS

    def says_sampling(self, model: str, effort: Effort | None) -> bool:
        """Say whether OpenAI's `model` is told how to draw tokens: not while it reasons."""
        if self.sampling is not None:
            return self.sampling
        reasons = _generation(model) >= _FIRST_REASONING or _REASONS.search(model) is not None
        return effort == "none" or not reasons or _CHATS.search(model) is not None


PLAIN = Dialect()


def _generation(model: str) -> tuple[int, int]:
    """Return the version in OpenAI's own names of models, zeros in others."""
    found = _GPT.search(model)
    return (0, 0) if found is None else (int(found[1]), int(found[2] or 0))


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


class RequestWriter(Protocol):
    """Writes a request for one provider."""

    def __call__(self, request: Request, dialect: Dialect = PLAIN, /) -> Written:
        """Return `request` as a provider of this `dialect` takes it."""
        ...


def keeps_none(_: Dialect) -> bool:
    """Keep no thinking without its token: see `Codec.keeps_thinking`."""
    return False


class EventDecoder(Protocol):
    """Turns one stream of a provider into canonical events; one is made for each.

    Attributes:
        losses: What of the answer stands for no event, so far: each item, block or part once.
    """

    losses: list[Loss]

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
        read_answer: `None` if it is no answer of this wire; what of it has no place in the middle
            is appended to the list.
        write_answer: The answer to this request; what cannot be carried is appended to the list.
        decoder: Makes one for a stream.
        encoder: Makes one for a stream that answers this request.
        models: Its lists of models.
        read_count: Number of input tokens in the answer to a counting request.
        write_count: The answer to a counting request; `None` where the wire has none.
        keeps_thinking: Whether a provider takes thinking without the token of who thought it.
        caches_marked_only: Whether a provider caches no prefix but those that are marked.
    """

    name: str
    tools: ToolRules
    read_request: Callable[[bytes, Location], Read]
    write_request: RequestWriter
    read_answer: Callable[[bytes, list[Loss]], Answer | None]
    write_answer: Callable[[Answer, Request, list[Loss]], bytes]
    decoder: Callable[[], EventDecoder]
    encoder: Callable[[Request], EventEncoder]
    models: ModelLists
    read_count: Callable[[bytes], int | None]
    write_count: Callable[[int], bytes] | None = None
    keeps_thinking: Callable[[Dialect], bool] = keeps_none
    caches_marked_only: bool = False
