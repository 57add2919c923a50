"""A relay between two wires: held back and judged as any other, and said in the client's words."""

from proxy.convert.stream import StreamConversion
from proxy.errors import Broken
from proxy.relay import UNREADABLE, Relay
from proxy.wire import StreamReader


class ConvertingRelay(Relay):
    """Reads along on the provider's wire, and lets the conversion say what comes through."""

    passes_faults = False  # the provider's own error event means nothing to the client

    def __init__(self, reader: StreamReader, conversion: StreamConversion) -> None:
        super().__init__(reader)
        self._conversion = conversion

    def feed(self, chunk: bytes) -> bytes:
        """See `Relay`."""
        whole = super().feed(chunk)
        said = self._converted(whole)
        if self.torn and whole and not said:
            raise Broken(UNREADABLE)
        return said

    def end(self) -> bytes:
        """See `Relay`."""
        last = self._converted(super().end())
        last += self._conversion.finish() if self.terminal else b""
        self.terminal = self._conversion.finished  # what the client was not told is no end
        return last

    def error_event(self, message: str) -> bytes:
        """See `Relay`."""
        return self._conversion.error_event(message)

    def _converted(self, whole: bytes) -> bytes:
        try:
            return self._conversion.feed(whole)
        finally:  # an end behind a hole is none
            if self._conversion.finished or self._conversion.broken:
                self.terminal = self._conversion.finished
