"""However a stream is cut, the same bytes and the same events come out."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.sse import SseCutter, SseEvent, events

STREAM = (
    "\ufeffevent: a\r\ndata: un\u2028o\r\n\r\n"  # U+2028 does not end a line
    "data: 1\ndata:2\n\n"
    ": note\rdata: é\r\r"
    ": only a comment\n\n"
    "event: named\n\n"
    "id: 7\nevent: b\ndata: {}\n\n"
).encode()
EVENTS = [
    SseEvent(b"a", "un\u2028o".encode()),
    SseEvent(b"", b"1\n2"),
    SseEvent(b"", "é".encode()),
    SseEvent(b"b", b"{}"),
]


def cut(stream: bytes, at: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(at), len(stream)]
    return [stream[start:stop] for start, stop in itertools.pairwise(edges)]


@given(st.sets(st.integers(0, len(STREAM))))
def test_any_cut_gives_the_same_events_and_bytes(at: set[int]) -> None:
    cutter = SseCutter()
    blocks = [cutter.feed(chunk) for chunk in cut(STREAM, at)]
    assert [event for block in blocks for event in events(block)] == EVENTS
    assert b"".join(blocks) + cutter.rest == STREAM


@given(st.binary(), st.sets(st.integers(0, 60)))
def test_no_byte_is_lost_or_added_whatever_comes(stream: bytes, at: set[int]) -> None:
    cutter = SseCutter()
    out = b"".join(cutter.feed(chunk) for chunk in cut(stream, {n for n in at if n < len(stream)}))
    assert out + cutter.rest == stream
    assert cutter.rest_bytes == len(cutter.rest)


@pytest.mark.parametrize(
    ("stream", "whole"),
    [
        pytest.param(b"data: 1", b"", id="an event that has not ended stays"),
        pytest.param(b"data: 1\n\ndata: 2\n", b"data: 1\n\n", id="up to the last end"),
        pytest.param(b"data: 1\r\ndata: 2\r\n", b"", id="a CRLF is one line end"),
        pytest.param(b"data: 1\r\n\r", b"data: 1\r\n\r", id="a CR that ends a line is enough"),
    ],
)
def test_cuts_after_the_last_whole_event(stream: bytes, whole: bytes) -> None:
    assert SseCutter().feed(stream) == whole


def test_a_long_event_in_small_pieces_is_not_looked_at_twice() -> None:
    cutter = SseCutter()
    looked_at = 0

    class Counting(bytearray):
        def rfind(self, *args: object) -> int:
            nonlocal looked_at
            looked_at += len(self) - int(args[1])  # type: ignore[call-overload]
            return super().rfind(*args)  # type: ignore[arg-type]

        def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
            nonlocal looked_at
            part = super().__getitem__(key)  # type: ignore[index]
            looked_at += len(part)
            return part

    cutter._rest = Counting()
    pieces = 2000
    for _ in range(pieces):
        cutter.feed(b"x" * 64)
    assert looked_at < pieces * 64 * 4
