"""Server-sent events, from bytes, without a socket.

Source: WHATWG HTML Living Standard, section 9.2.6 "Interpreting an event stream", read 2026-11.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Two line ends in a row. A CR at the end of what is known may be half of a CRLF: it counts as a
# line end all the same, and its LF, when it comes, is one more empty line, which means nothing.
_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_LONGEST_BLANK = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # may begin a stream; elsewhere no event begins so


class SseEvent(NamedTuple):
    """One dispatched event; `name` is empty when the stream gave none."""

    name: bytes
    data: bytes


class SseCutter:
    """Cut a byte stream after its last complete event.

    However the same bytes are cut into chunks, what comes out joins to the same bytes, always
    ends where an event ends, and each byte is looked at a fixed number of times.
    """

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> bytes:
        """Return the bytes up to the end of the last complete event; keep the others."""
        if not self._rest and chunk.endswith(b"\n\n"):
            return chunk  # the usual case: a chunk is a few whole events
        seen = max(0, len(self._rest) - _LONGEST_BLANK + 1)
        self._rest += chunk
        end = self._last_end(seen)
        whole = bytes(self._rest[:end])
        del self._rest[:end]
        return whole

    @property
    def rest(self) -> bytes:
        """What came after the last complete event."""
        return bytes(self._rest)

    def take_rest(self) -> bytes:
        """Return it, and keep nothing of it."""
        rest = self.rest
        self._rest.clear()
        return rest

    @property
    def rest_bytes(self) -> int:
        """How much that is."""
        return len(self._rest)

    def _last_end(self, start: int) -> int:
        if self._rest.find(b"\r", start) < 0:
            found = self._rest.rfind(b"\n\n", start)
            return found + 2 if found >= 0 else 0
        end = 0
        for blank in _BLANK_LINE.finditer(self._rest, start):
            end = blank.end()
        return end


def events(block: bytes) -> Iterator[SseEvent]:
    """Yield the events of `block`, which holds whole events only."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for text in block.split(b"\n\n"):
        if text and (event := _event(text)) is not None:
            yield event


def pieces(block: bytes) -> Iterator[bytes]:
    """Yield the bytes of each event of `block` with its blank line: they join to `block`."""
    begin = 0
    for blank in _BLANK_LINE.finditer(block):
        yield block[begin : blank.end()]
        begin = blank.end()
    if begin < len(block):
        yield block[begin:]


def _event(text: bytes) -> SseEvent | None:
    """Read the lines of one event; `None` if it has no data (a comment, a name alone)."""
    if text.startswith(b"data: ") and b"\n" not in text:
        return SseEvent(b"", text[6:])
    if text.startswith(b"event: "):
        name, _, rest = text[7:].partition(b"\n")
        if rest.startswith(b"data: ") and b"\n" not in rest:
            return SseEvent(name, rest[6:])
    name, data = b"", []
    for line in text.removeprefix(_BYTE_ORDER_MARK).split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return SseEvent(name, b"\n".join(data)) if data else None
