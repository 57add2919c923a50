"""Reading along with a stream of chat completion chunks."""

import msgspec

from proxy.canonical import Told, UsageSource
from proxy.sse import SseEvent
from proxy.wire import ABSENT, Mark, decoded, with_error, with_usage
from proxy.wires.chat.answer import error, find_error, parse_usage
from proxy.wires.chat.schema import Choice, Completion

_chunk = msgspec.json.Decoder(Completion)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_EMPTY = {b"null", b'""', b"[]"}


class Reader:
    """Notes model, usage and end of one stream.

    It has ended when every choice seen so far has its finish reason: `[DONE]` need not follow.
    How many were asked for is not known here: a cut just before one begins goes unnoticed.
    """

    plain = None  # only by reading it is known what an event is

    def __init__(self) -> None:
        self._model: str | None = None
        self._tier: str | None = None
        self._stop_reason: str | None = None
        self._usage = msgspec.Raw()
        self._seen: set[int] = set()
        self._finished: set[int] = set()
        self._ended = False
        self._begun = False  # content has come: no more delta need be looked into
        self._problem: Told | None = None

    def skimmed(self, count: int) -> None:
        """See `proxy.wire.StreamReader`: there are none."""

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        if event.data == b"[DONE]":
            self._finished |= self._seen
            self._ended = True
            return Mark.TERMINAL
        chunk = decoded(_chunk, event.data)
        if chunk is None:
            return Mark.CONTENT
        problem = find_error(chunk, event.data)
        if problem is not None:
            self._problem = problem
            return Mark.FAULT
        self._model = self._model or chunk.model
        self._tier = chunk.service_tier or self._tier
        if bytes(chunk.usage) not in ABSENT:
            self._usage = chunk.usage
        return self._read_choices(chunk.choices or [])

    def _read_choices(self, choices: list[Choice]) -> Mark:
        for position, choice in enumerate(choices):
            index = position if choice.index is None else choice.index
            self._seen.add(index)
            if choice.finish_reason:
                self._stop_reason = choice.finish_reason
                self._finished.add(index)
                self._begun = True
            elif not self._begun:
                self._begun = not _says_nothing(choice.delta)
        if self._finished and self._seen == self._finished:
            self._ended = True
            return Mark.TERMINAL
        if self._ended and choices:
            self._ended = False
            return Mark.REOPENED
        return Mark.CONTENT if self._begun else Mark.HANDSHAKE

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        told = Told(model=self._model, stop_reason=self._stop_reason, service_tier=self._tier)
        source: UsageSource = "reported" if self._ended else "partial"
        told = with_usage(told, parse_usage(self._usage), source, bytes(self._usage))
        return with_error(told, self._problem)

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"data: " + error(502, message) + b"\n\n"


def _says_nothing(raw: msgspec.Raw) -> bool:
    """Say whether a delta holds a role or an empty text at most."""
    if bytes(raw) in ABSENT:
        return True
    keys = decoded(_keys, raw)
    return keys is not None and all(
        key == "role" or bytes(value) in _EMPTY for key, value in keys.items()
    )
