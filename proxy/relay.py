"""Carry one stream of the same wire on both sides: bytes untouched, read along, held back first.

Before the first content nothing goes out, so that another provider may still answer: providers
send their handshake and then fail. Whole events only go out, so that an error event can follow.
What is no JSON and never was is left out, for it would break the client; what was JSON once and
was cut is the end: a piece of the answer is missing.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from proxy.canonical import Told
from proxy.canonical.request import Loss
from proxy.errors import Broken
from proxy.sse import SseCutter, SseEvent, events, pieces
from proxy.wire import Mark, StreamReader, decoded

MAX_HELD_EVENTS = 64
MAX_HELD_BYTES = 256 * 1024
MAX_EVENT_BYTES = 64 * 1024 * 1024

UNREADABLE = "unreadable_event"

_HEAD = re.compile(rb"event: .*\ndata: ")
_json = msgspec.json.Decoder(msgspec.Raw)
_CUT = "truncated"  # what msgspec says of JSON that ends too early


class Relay:
    """One stream on its way.

    Attributes:
        committed: Content has come: what `feed` returned is for the client, and binds us to it.
        terminal: The protocol's own end has come, and nothing after it that belongs to the answer.
        fault: The provider said that it failed.
        left_out: How many events were no JSON.
        torn: An event has lost its end.
        passes_faults: What it said of that goes to the client as it is.
    """

    passes_faults = True

    def __init__(self, reader: StreamReader) -> None:
        self.committed = False
        self.terminal = False
        self.fault = False
        self.left_out = 0
        self.torn = False
        self._reader = reader
        self._cutter = SseCutter()
        self._held: list[bytes] = []
        self._held_events = 0
        self._held_bytes = 0
        self._failures: set[bytes] = set()  # said in words that are no JSON

    def feed(self, chunk: bytes) -> bytes:
        """Return what may go to the client; nothing while there is no content.

        Raises:
            Broken: One event is larger than any protocol's, or was cut inside.
        """
        whole = self._cutter.feed(chunk)
        if self.torn:
            if whole:
                raise Broken(UNREADABLE)
            return b""
        if self._cutter.rest_bytes > MAX_EVENT_BYTES:
            raise Broken("event_too_large")
        whole = self._read(whole)
        return whole if self.committed and not self._held else self._hold(whole)

    def end(self) -> bytes:
        """Return what may still go out after a clean end: a last event without its end, once.

        Only the protocol's own end or a fault may; after anything else an error event follows,
        and would run into it.
        """
        rest, committed = self._cutter.take_rest(), self.committed
        if not rest or self.torn or not all(_complete(event.data) for event in events(rest)):
            return b""
        self._read(rest)
        if self.terminal:
            return self._hold(rest)
        self.committed = committed
        return rest + b"\n\n" if self.fault and committed else b""

    def told(self) -> Told:
        """Return what the stream has said of itself so far."""
        return self._reader.told()

    def error_event(self, message: str) -> bytes:
        """Return the event that tells the client that the stream broke off."""
        return self._reader.error_event(message)

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What of the stream did not go out."""
        if not self.left_out:
            return ()
        return (Loss("stream", f"{self.left_out} events", "they are no JSON"),)

    def _read(self, whole: bytes) -> bytes:
        """Read along, and return what of `whole` a client can read.

        Raises:
            Broken: An event has lost its end, and there is nothing to say before it.
        """
        before = self.left_out
        for event in self._unskimmed(whole):
            if not self._is_readable(event.data):
                if self.torn:
                    break
                self._noise(event)
                continue
            match self._reader.read(event):
                case Mark.CONTENT:
                    self._content()
                case Mark.TERMINAL | Mark.REOPENED as mark:
                    self.terminal = mark is Mark.TERMINAL
                    self._content()
                case Mark.FAULT:
                    self.fault = True
                case Mark.HANDSHAKE:
                    self._held_events += 1
        return whole if self.left_out == before and not self.torn else self._readable(whole)

    def _unskimmed(self, whole: bytes) -> Iterator[SseEvent]:
        """Yield the events that have to be read; runs of plain content are only looked over."""
        plain, at = self._reader.plain, 0
        if plain is None or b"\r" in whole:
            yield from events(whole)
            return
        while at < len(whole):
            run = plain.match(whole, at)
            if run is not None and (count := _objects(run[0])):
                self._reader.skimmed(count)
                self._content()
                end = run.end()
            else:
                blank = whole.find(b"\n\n", at) if run is None else run.end() - 2
                end = len(whole) if blank < 0 else blank + 2
                yield from events(whole[at:end])
            at = end

    def _content(self) -> None:
        """Note that content is here; what follows a fault binds nobody."""
        self.committed = self.committed or not self.fault

    def _noise(self, event: SseEvent) -> None:
        """Leave out what is no JSON, unless it says by its name that the provider failed."""
        if self._reader.read(event) is Mark.FAULT:
            self.fault = True
            self._failures.add(event.data)
        else:
            self.left_out += 1

    def _readable(self, whole: bytes) -> bytes:
        """Return `whole` without noise, up to where a piece of the answer is missing."""
        kept = []
        for piece in pieces(whole):
            told = (event.data for event in events(piece) if event.data not in self._failures)
            faults = [state for data in told if (state := _state(data)) != "whole"]
            if "torn" in faults and not self.terminal:
                break
            if not faults:
                kept.append(piece)
        if self.torn and not (self.committed and kept):
            raise Broken(UNREADABLE)
        return b"".join(kept)

    def _is_readable(self, data: bytes) -> bool:
        state = _state(data)
        self.torn = self.torn or (state == "torn" and not self.terminal)
        return state == "whole"

    def _hold(self, whole: bytes) -> bytes:
        """Add `whole` to what is held; let all go at the commit, or when it is too much."""
        if whole:
            self._held.append(whole)
            self._held_bytes += len(whole)
        full = self._held_bytes > MAX_HELD_BYTES or self._held_events > MAX_HELD_EVENTS
        if not self.committed and (self.fault or not full):
            return b""
        self.committed = True
        out = b"".join(self._held)
        self._held.clear()
        return out


def _objects(run: bytes) -> int:
    """Return how many events there are in a run of plain ones; 0 unless each is one object."""
    lines = _HEAD.sub(b"", run)
    try:
        found = len(_json.decode_lines(lines))
    except (msgspec.DecodeError, RecursionError):
        return 0
    return found if found == lines.count(b"\n") // 2 else 0


def _complete(data: bytes) -> bool:
    return data == b"[DONE]" or decoded(_json, data) is not None


def _state(data: bytes) -> Literal["whole", "torn", "noise"]:
    """Say whether an event is JSON, was JSON until somebody cut it, or never was any."""
    try:
        _json.decode(data)
    except RecursionError:
        return "whole"  # only for us it is too deep
    except msgspec.DecodeError as exc:
        if not data or data == b"[DONE]":
            return "whole"
        return "torn" if _CUT in str(exc) else "noise"
    return "whole"
