"""What a conversion costs, for each ordered pair of wires, in CPU time of this thread."""

import itertools

import pytest

from proxy.canonical.parts import Text
from proxy.canonical.request import Request, Turn
from proxy.convert.request import Conversion, convert_request
from proxy.convert.stream import StreamConversion
from proxy.wire import Location
from proxy.wires import CODECS
from tests.benchmarks.bench import Bench
from tests.benchmarks.test_parts import (
    MAX_S,
    MAX_S_PER_EVENT,
    spoken,
    thread_s,
    thread_s_per_event,
)

PAIRS = list(itertools.permutations(CODECS, 2))
NAMES = [f"{client} on {provider}" for client, provider in PAIRS]
SAID = "The quick brown fox jumps over the lazy dog. " * 20


def conversation(size: int) -> Request:
    turns = tuple(
        Turn(role="user" if number % 2 == 0 else "assistant", parts=(Text(text=SAID),))
        for number in range(size // len(SAID) | 1)
    )
    return Request(model="m", turns=turns, stream=True, max_output_tokens=1000)


def converted(client: str, provider: str, size: int = 1000) -> Conversion:
    written = CODECS[client].write_request(conversation(size))
    query = dict(pair.split("=") for pair in written.raw_query.split("&") if pair)
    location = Location(written.path, query)
    return convert_request(CODECS[client], CODECS[provider], written.body, location)


@pytest.mark.benchmark(
    timer=thread_s_per_event, group="event, conversion", max_time=MAX_S_PER_EVENT
)
@pytest.mark.parametrize(("client", "provider"), PAIRS, ids=NAMES)
def test_stream(client: str, provider: str, benchmark: Bench) -> None:
    conversion = converted(client, provider)
    chunks = spoken(provider)

    def run() -> StreamConversion:
        decoder = CODECS[provider].decoder()
        encoder = CODECS[client].encoder(conversion.request)
        stream = StreamConversion(decoder, conversion.names, encoder)
        for chunk in chunks:
            stream.feed(chunk)
        stream.finish()
        return stream

    benchmark.extra_info.update(kind="part", part=f"convert an event, {client} on {provider}")
    assert benchmark(run).finished


@pytest.mark.benchmark(timer=thread_s, group="request, conversion", max_time=MAX_S)
@pytest.mark.parametrize("size", [50_000, 500_000])
@pytest.mark.parametrize(("client", "provider"), PAIRS, ids=NAMES)
def test_request(client: str, provider: str, size: int, benchmark: Bench) -> None:
    written = CODECS[client].write_request(conversation(size))
    query = dict(pair.split("=") for pair in written.raw_query.split("&") if pair)
    location = Location(written.path, query)

    def run() -> Conversion:
        return convert_request(CODECS[client], CODECS[provider], written.body, location)

    benchmark.extra_info.update(
        kind="part", part=f"convert {size // 1000} KB, {client} on {provider}"
    )
    assert len(benchmark(run).written.body) > size // 2
