"""Reading along with a stream of chat completion chunks."""

import msgspec

from proxy.canonical import Told, Usage
from proxy.sse import SseEvent
from proxy.wire import Mark
from proxy.wires.chat.answer import error, is_error, parse_usage, read_refusal
from proxy.wires.chat.schema import Choice, Completion

_chunk = msgspec.json.Decoder(Completion)
_keys = msgspec.json.Decoder(dict[str, msgspec.Raw])
_EMPTY = {b"null", b'""', b"[]"}


class Reader:
    """Notes model, usage and end of one stream.

    It has ended when every choice has its finish reason: `[DONE]` need not follow.
    """

    def __init__(self) -> None:
        self._model: str | None = None
        self._tier: str | None = None
        self._stop_reason: str | None = None
        self._usage = msgspec.Raw()
        self._open: set[int] = set()
        self._begun = False  # content has come: no more delta need be looked into
        self._problem: Told | None = None

    def read(self, event: SseEvent) -> Mark:
        """See `proxy.wire.StreamReader`."""
        if event.data == b"[DONE]":
            return Mark.TERMINAL
        try:
            chunk = _chunk.decode(event.data)
        except msgspec.DecodeError:
            return Mark.CONTENT
        if is_error(chunk):
            self._problem = read_refusal(event.data)
            return Mark.FAULT
        self._model = self._model or chunk.model
        self._tier = chunk.service_tier or self._tier
        if bytes(chunk.usage) not in {b"", b"null"}:
            self._usage = chunk.usage
        return self._read_choices(chunk.choices or [])

    def _read_choices(self, choices: list[Choice]) -> Mark:
        finished = False
        for position, choice in enumerate(choices):
            index = position if choice.index is None else choice.index
            self._open.add(index)
            if choice.finish_reason:
                self._stop_reason = choice.finish_reason
                self._open.discard(index)
                finished = True
            elif not self._begun:
                self._begun = not _says_nothing(choice.delta)
        if finished and not self._open:
            return Mark.TERMINAL
        return Mark.CONTENT if self._begun or finished else Mark.HANDSHAKE

    def told(self) -> Told:
        """See `proxy.wire.StreamReader`."""
        usage = parse_usage(self._usage)
        problem = self._problem or Told()
        return Told(
            model=self._model,
            stop_reason=self._stop_reason,
            service_tier=self._tier,
            usage=usage or Usage(),
            source="reported" if usage else None,
            usage_raw=bytes(self._usage).decode() if usage else None,
            error_type=problem.error_type,
            error_message=problem.error_message,
        )

    def error_event(self, message: str) -> bytes:
        """See `proxy.wire.StreamReader`."""
        return b"data: " + error(502, message) + b"\n\n"


def _says_nothing(raw: msgspec.Raw) -> bool:
    """Say whether a delta holds a role or an empty text at most."""
    if bytes(raw) in {b"", b"null"}:
        return True
    try:
        keys = _keys.decode(raw)
    except msgspec.DecodeError:
        return False
    return all(key == "role" or bytes(value) in _EMPTY for key, value in keys.items())
