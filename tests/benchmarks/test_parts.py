"""What the parts on the hot path cost on their own, in CPU time of this thread.

Where a row is about a stream, the columns are per event: the timer divides.
"""

import time

import msgspec
import pytest

from proxy.canonical import Told, Usage
from proxy.clock import REAL
from proxy.record import Entry
from proxy.record.request import Recorder
from proxy.record.start import Origin, Sending, Start
from proxy.relay import Relay
from proxy.routing.decision import Decision
from proxy.routing.network import plain_network
from proxy.routing.types import Credential, Outcome, Provider, Target
from proxy.sse import SseCutter, events
from proxy.steering import Steering
from proxy.steering.wishing import Posed, wish
from proxy.upstream.headers import to_provider
from proxy.wire import Location
from proxy.wires import WIRES
from tests.benchmarks.bench import Bench
from tests.benchmarks.workloads import HEADERS, STREAM_EVENTS, prompt, stream_events
from tests.wires.streams import STREAMS

MAX_S = 0.5
MAX_S_PER_EVENT = MAX_S / STREAM_EVENTS  # counted by the timer that divides
ORIGIN = Origin("host", 1, "0", "hash")
PATH = "/v1/messages"
USAGE = Usage(prompt=19540, uncached_input=1200, cache_read=18000, cache_write=340, output=480)
TOLD = Told(model="claude-opus-5-5", stop_reason="end_turn", usage=USAGE, source="reported")


def thread_s() -> float:
    return time.thread_time()


def thread_s_per_event() -> float:
    return time.thread_time() / STREAM_EVENTS


def spoken(wire: str) -> list[bytes]:
    """Return a stream of `STREAM_EVENTS` events: what begins and ends one, and much content."""
    stream = STREAMS[wire]
    deltas = STREAM_EVENTS - len(stream.handshake) - len(stream.end)
    content = (stream.content * deltas)[:deltas]
    return [*stream.handshake, *content, *stream.end]


@pytest.mark.benchmark(
    timer=thread_s_per_event, group="event, cut and split", max_time=MAX_S_PER_EVENT
)
@pytest.mark.parametrize("at_once", [1, STREAM_EVENTS])
def test_cut_and_split(at_once: int, benchmark: Bench) -> None:
    chunks = joined(stream_events(), at_once)

    def run() -> int:
        cutter = SseCutter()
        return sum(len(list(events(cutter.feed(chunk)))) for chunk in chunks)

    benchmark.extra_info.update(kind="part", part=f"cut and split, {at_once} events a chunk")
    assert benchmark(run) == STREAM_EVENTS


@pytest.mark.benchmark(timer=thread_s_per_event, group="event, relay", max_time=MAX_S_PER_EVENT)
@pytest.mark.parametrize("at_once", [1, STREAM_EVENTS])
@pytest.mark.parametrize("wire", STREAMS)
def test_relay(wire: str, at_once: int, benchmark: Bench) -> None:
    chunks = joined(spoken(wire), at_once)

    def run() -> Relay:
        relay = Relay(WIRES[wire].reader())
        for chunk in chunks:
            relay.feed(chunk)
        return relay

    benchmark.extra_info.update(kind="part", part=f"relay {wire}, {at_once} events a chunk")
    assert benchmark(run).terminal


@pytest.mark.benchmark(timer=thread_s, group="long line", max_time=MAX_S)
@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"], ids=["LF", "CRLF"])
def test_a_long_line_in_small_pieces(end: bytes, benchmark: Bench) -> None:
    line = b'data: {"type":"content_block_delta","x":"' + b"a" * 400_000 + b'"}' + end
    pieces = [line[start : start + 64] for start in range(0, len(line), 64)]

    def run() -> int:
        relay = Relay(WIRES["anthropic"].reader())
        return sum(len(relay.feed(piece)) for piece in pieces)

    name = "LF" if end == b"\n\n" else "CRLF"
    benchmark.extra_info.update(kind="part", part=f"a line of 400 KB in pieces of 64 bytes, {name}")
    assert benchmark(run) == len(line)


@pytest.mark.benchmark(timer=thread_s, group="request", max_time=MAX_S)
@pytest.mark.parametrize("kib", [2, 500])
def test_deciding(kib: int, benchmark: Bench) -> None:
    """From what was read of a request to who is asked, and what is learnt of it."""
    provider = Provider("main", "https://one.example", ("anthropic",))
    other = Provider("relay", "https://two.example", ("anthropic",))
    queue = tuple(Target(one, Credential("default", "k")) for one in (provider, other))
    network = plain_network({"claude": queue})
    steering = Steering(network, REAL)
    body = prompt(kib * 1024, is_stream=True)
    ask = WIRES["anthropic"].read_ask(body, Location(PATH, {}))
    headers = {b"x-claude-code-session-id": b"s"}
    posed = Posed(app="claude", wire=WIRES["anthropic"], ask=ask, body=body, headers=headers)

    def run() -> Decision:
        wanted = wish(posed, network, b"secret", b"seed")
        decision = steering.decide(network.queues["claude"], wanted)
        target = network.target(decision.chosen[0])
        steering.counted(network.queues["claude"], wanted)
        steering.began("claude", target, "a")
        steering.learned("claude", Outcome(target, attempt_id="a"))
        steering.content(target, 12.0)
        steering.ended(target)
        msgspec.json.encode(decision)
        return decision

    benchmark.extra_info.update(kind="part", part=f"decide and learn, {kib} KB, two targets")
    assert benchmark(run).chosen


def joined(parts: list[bytes], at_once: int) -> list[bytes]:
    starts = range(0, len(parts), at_once)
    return [b"".join(parts[start : start + at_once]) for start in starts]


@pytest.mark.benchmark(timer=thread_s, group="request", max_time=MAX_S)
@pytest.mark.parametrize("wire", STREAMS)
def test_told(wire: str, benchmark: Bench) -> None:
    relay = Relay(WIRES[wire].reader())
    relay.feed(b"".join(spoken(wire)))
    benchmark.extra_info.update(kind="part", part=f"what a stream told, {wire}")
    assert benchmark(relay.told).source == "reported"


@pytest.mark.benchmark(timer=thread_s, group="request", max_time=MAX_S)
@pytest.mark.parametrize("kib", [2, 50, 500])
def test_read_ask(kib: int, benchmark: Bench) -> None:
    body, place = prompt(kib * 1024, is_stream=True), Location(PATH, {})
    read_ask = WIRES["anthropic"].read_ask
    benchmark.extra_info.update(kind="part", part=f"read what routing needs of {kib} KB")
    assert benchmark(lambda: read_ask(body, place)).stream


@pytest.mark.benchmark(timer=thread_s, group="request", max_time=MAX_S)
def test_record(benchmark: Bench) -> None:
    benchmark.extra_info.update(kind="part", part="record of one exchange, whole")
    assert len(benchmark(recorded).attempts) == 1


def recorded() -> Entry:
    """Return an exchange's rows, from its first moment to its last."""
    recorder = Recorder(Start("id", 1_795_000_000_000_000, 5, "POST", PATH, "generate"), ORIGIN)
    sending = Sending("main", "default", "anthropic", "https://one.example" + PATH, "m", 2048)
    attempt = recorder.passed_on = recorder.attempt(sending, 10)
    attempt.head(20, 200)
    attempt.chunk(21, 2048)
    attempt.content(21)
    attempt.told = TOLD
    attempt.ended("whole")
    recorder.sent(30, 2048, content=True)
    recorder.ended("whole")
    return recorder.finish(40)


@pytest.mark.benchmark(timer=thread_s, group="request", max_time=MAX_S)
def test_headers_to_provider(benchmark: Bench) -> None:
    pairs = (line.encode().split(b": ", 1) for line in HEADERS)
    client = {part[0]: part[1] for part in pairs}
    own = (("anthropic-beta", "mine"),)
    credentials = WIRES["anthropic"].credentials("sk-benchmark")
    benchmark.extra_info.update(kind="part", part="headers for the provider")
    assert benchmark(lambda: to_provider(client, own, credentials))
