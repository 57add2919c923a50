"""What a stream costs grows as it does: CPU time of this thread, a small stream and a large one."""

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from proxy.canonical.answer import Began, Cited, Ended, Event, Finished, Piece, Started
from proxy.canonical.parts import Citation, Text, ToolCall
from proxy.canonical.request import Request, Turn
from proxy.relay import Relay
from proxy.sse import SseCutter, events
from proxy.wires import CODECS, WIRES

ASKED = Request(model="m", turns=(Turn(role="user", parts=(Text(text="hi"),)),), stream=True)
FEW, TIMES = 1000, 8
MOST_TIMES = 24  # were it quadratic, it would be 64
LINE_BYTES, PIECE_BYTES, MAX_LINE_S = 400_000, 64, 0.05


def parallel_calls(many: int) -> Iterator[Event]:
    for index in range(many):
        yield Began(index=index, part=ToolCall(id=f"c{index}", name="sh", arguments=""))
    for text in ('{"a":', "1}"):
        for index in range(many):
            yield Piece(index=index, text=text)
    for index in range(many):
        yield Ended(index)


def cited_texts(many: int) -> Iterator[Event]:
    for index in range(many):
        yield Began(index=index, part=Text(text=""))
        yield Piece(index=index, text="é")
        yield Cited(index=index, citation=Citation(url="https://a.example", start=0, end=1))
        yield Ended(index)
        yield Began(index=index + many, part=ToolCall(id=f"c{index}", name="sh", arguments="{}"))
        yield Ended(index + many)


def citations(many: int) -> Iterator[Event]:
    yield Began(index=0, part=Text(text=""))
    yield Piece(index=0, text="é" * many)
    for place in range(many):
        page = Citation(
            url=f"https://a.example/{place}", title="t" * 80, start=place, end=place + 1
        )
        yield Cited(index=0, citation=page)
    yield Ended(0)


def pieces(many: int) -> Iterator[Event]:
    yield Began(index=0, part=ToolCall(id="c", name="sh", arguments=""))
    for text in ('{"a":"', *["x" * 8] * many, '"}'):
        yield Piece(index=0, text=text)
    yield Ended(0)


SAID = (parallel_calls, cited_texts, citations, pieces)


def written(wire: str, say: Callable[[int], Iterator[Event]], many: int) -> bytes:
    encoder = CODECS[wire].encoder(ASKED)
    told = (Started(id="a", model="m"), *say(many), Finished(stop="end"))
    return b"".join(encoder.feed(event) for event in told)


def read(wire: str, stream: bytes) -> int:
    decoder, cutter, found = CODECS[wire].decoder(), SseCutter(), 0
    for start in range(0, len(stream), 4096):
        for event in events(cutter.feed(stream[start : start + 4096])):
            found += len(decoder.feed(event))
    return found + len(decoder.finish())


def cpu_s(work: Callable[[], object], repeats: int = 2) -> float:
    """Return the least of several times: whatever else runs here only adds to it."""
    taken = []
    gc.disable()  # it looks at all that lives, also of other tests
    for _ in range(repeats):
        start = time.thread_time()
        work()
        taken.append(time.thread_time() - start)
    gc.enable()
    return min(taken)


@pytest.mark.parametrize("say", SAID)
@pytest.mark.parametrize("wire", CODECS)
def test_writing_is_linear(wire: str, say: Callable[[int], Iterator[Event]]) -> None:
    few = cpu_s(lambda: written(wire, say, FEW))
    assert cpu_s(lambda: written(wire, say, FEW * TIMES)) < MOST_TIMES * few


@pytest.mark.parametrize("say", SAID)
@pytest.mark.parametrize("wire", CODECS)
def test_reading_is_linear(wire: str, say: Callable[[int], Iterator[Event]]) -> None:
    small, large = (written(wire, say, many) for many in (FEW, FEW * TIMES))
    few = cpu_s(lambda: read(wire, small))
    assert cpu_s(lambda: read(wire, large)) < MOST_TIMES * few


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("wire", WIRES)
def test_a_long_line_in_small_pieces_costs_little(wire: str, end: bytes) -> None:
    line = b'data: "' + b"x" * LINE_BYTES + b'"' + end
    cuts = range(0, len(line), PIECE_BYTES)

    def relay() -> None:
        relay = Relay(WIRES[wire].reader())
        assert b"".join(relay.feed(line[at : at + PIECE_BYTES]) for at in cuts) == line

    assert cpu_s(relay) < MAX_LINE_S
