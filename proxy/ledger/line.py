"""What one line of a journal is: JSON with a checksum of itself in front.

    {"crc":"1a2b3c4d","writer":{…}}                    the first line: who writes here
    {"crc":"1a2b3c4d","open":{…}}                      a request has begun
    {"crc":"1a2b3c4d","request":{…},"attempts":[…]}    all of an exchange, at its end
    {"crc":"1a2b3c4d","events":[…]}                    what no exchange has caused

The checksum is CRC-32 of everything between its comma and the last brace. All of an exchange is
in one line, so that a torn line loses one exchange and never half of one.
"""

import json
import re
import zlib
from typing import Final

import msgspec

from proxy.record import Entry, EventRow

MAX_LINE_BYTES: Final = 8 << 20  # readers of JSON lines refuse more than a bound of their own

_CRC_AT: Final = slice(8, 16)
_REST_AT: Final = slice(18, -1)


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """The process that writes a journal: what is known of a request even if it crashes."""

    host: str
    worker_pid: int
    started_us: int  # UTC, microseconds since 1970
    proxy_version: str
    config_hash: str

    def stem(self, number: int) -> str:
        """Return what its file of that number is called, without a suffix."""
        host = re.sub(r"[^A-Za-z0-9.]", "_", self.host)
        return f"{host}-{self.worker_pid}-{self.started_us}-{number:06d}"


class Opened(msgspec.Struct, frozen=True):
    """A request has begun; if its end never comes, the process died in it."""

    request_id: str
    received_us: int
    path: str


class Ended(msgspec.Struct, frozen=True):
    """As much of a request's row as tells which one it is, and what it shares with others."""

    request_id: str
    received_us: int
    app: str | None = None
    client_key: str | None = None
    prefix_chain: str | None = None


class Noted(msgspec.Struct, frozen=True):
    """That there is an event."""

    event_id: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line, whichever it is."""

    writer: Writer | None = None
    opened: Opened | None = msgspec.field(default=None, name="open")
    request: Ended | None = None
    events: tuple[Noted, ...] = ()


class _WriterLine(msgspec.Struct, frozen=True):
    writer: Writer


class _OpenLine(msgspec.Struct, frozen=True):
    opened: Opened = msgspec.field(name="open")


class _EventLine(msgspec.Struct, frozen=True):
    events: tuple[EventRow, ...]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def framed(encoded: bytes) -> bytes:
    """Return an encoded JSON object as a line, its checksum in front."""
    rest = encoded[1:-1]
    return b'{"crc":"%08x",%b}\n' % (zlib.crc32(rest), rest)


def writer_line(writer: Writer) -> bytes:
    """Return the line that a journal begins with."""
    return framed(_encoded(_WriterLine(writer)))


def open_line(opened: Opened) -> bytes:
    """Return the line that says that a request has begun."""
    return framed(_encoded(_OpenLine(opened)))


def entry_line(entry: Entry) -> bytes:
    """Return the line that holds an exchange.

    Raises:
        ValueError: It is longer than any reader would take.
    """
    return _bounded(framed(_encoded(entry)))


def event_line(rows: tuple[EventRow, ...]) -> bytes:
    """Return the line that holds what no exchange has caused.

    Raises:
        ValueError: It is longer than any reader would take.
    """
    return _bounded(framed(_encoded(_EventLine(rows))))


def is_entry(line: bytes) -> bool:
    """Say whether a line that is whole holds an exchange, without reading it."""
    return line.startswith(b'"request":', _REST_AT.start)


def is_sound(line: bytes) -> bool:
    """Say whether a line without its newline is as it was written."""
    return line[_CRC_AT] == b"%08x" % zlib.crc32(line[_REST_AT])


def read(line: bytes) -> Line | None:
    """Return what a line without its newline says; `None` if it is damaged."""
    if not is_sound(line):
        return None
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError:
        return None


def _bounded(line: bytes) -> bytes:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"a row of {len(line)} bytes is more than {MAX_LINE_BYTES}")
    return line


def _encoded(value: msgspec.Struct) -> bytes:
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        # Half a surrogate pair, from someone's JSON: no UTF-8 exists for it, but a row must.
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")
