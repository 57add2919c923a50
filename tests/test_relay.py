"""Bytes untouched, held back until content, judged at their end: on every wire, however cut."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import Broken
from proxy.relay import MAX_EVENT_BYTES, MAX_HELD_BYTES, MAX_HELD_EVENTS, Relay
from proxy.wires import WIRES
from tests.wires.streams import STREAMS, Stream

each_wire = pytest.mark.parametrize(("name", "stream"), STREAMS.items(), ids=STREAMS)
cuts = st.sets(st.integers(0, 2000))


def fed(relay: Relay, stream: bytes, at: Iterable[int] = ()) -> bytes:
    edges = [0, *sorted(n for n in at if n < len(stream)), len(stream)]
    return b"".join(relay.feed(stream[a:b]) for a, b in itertools.pairwise(edges))


@each_wire
@given(at=cuts)
def test_bytes_pass_untouched_and_are_read_along(name: str, stream: Stream, at: set[int]) -> None:
    relay = Relay(WIRES[name].reader())
    whole = b"".join(stream.events)
    assert fed(relay, whole, at) + relay.end() == whole
    assert (relay.committed, relay.terminal, relay.fault) == (True, True, False)
    told = relay.told()
    assert told.usage == stream.usage
    assert (told.model, told.stop_reason) == (stream.model, stream.stop_reason)
    assert told.source == "reported"


@each_wire
@given(at=cuts)
@pytest.mark.parametrize("end", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
def test_a_byte_order_mark_and_other_line_ends_pass_and_are_understood(
    name: str, stream: Stream, at: set[int], end: bytes
) -> None:
    relay = Relay(WIRES[name].reader())
    whole = b"\xef\xbb\xbf" + b"".join(stream.events).replace(b"\n", end)
    assert fed(relay, whole, at) + relay.end() == whole
    assert (relay.committed, relay.terminal, relay.fault) == (True, True, False)
    told = relay.told()
    assert (told.usage, told.model) == (stream.usage, stream.model)
    assert told.source == "reported"


@each_wire
@given(at=cuts)
def test_nothing_goes_out_before_content(name: str, stream: Stream, at: set[int]) -> None:
    relay = Relay(WIRES[name].reader())
    handshake = b"".join(stream.handshake)
    assert fed(relay, handshake, at) == b""
    assert not relay.committed
    assert relay.feed(stream.content[0]) == handshake + stream.content[0]
    assert relay.committed


@each_wire
@given(at=cuts)
def test_a_fault_after_the_handshake_leaves_nothing_to_send(
    name: str, stream: Stream, at: set[int]
) -> None:
    relay = Relay(WIRES[name].reader())
    assert fed(relay, b"".join(stream.handshake) + stream.fault, at) + relay.end() == b""
    assert (relay.committed, relay.terminal, relay.fault) == (False, False, True)
    assert relay.told().error_type == stream.fault_type
    assert relay.told().error_message == "Overloaded"


@each_wire
def test_a_fault_after_content_is_passed_on(name: str, stream: Stream) -> None:
    relay = Relay(WIRES[name].reader())
    said = b"".join([*stream.handshake, *stream.content, stream.fault])
    assert fed(relay, said) == said
    assert (relay.committed, relay.terminal, relay.fault) == (True, False, True)


@each_wire
@given(data=st.data())
def test_a_stream_cut_anywhere_sends_whole_events_and_never_an_end(
    name: str, stream: Stream, data: st.DataObject
) -> None:
    whole = b"".join(stream.events)
    terminal = stream.end[0] if name == "chat" else stream.end[-1]
    cut = data.draw(st.integers(0, whole.index(terminal) + len(terminal) - 3))
    relay = Relay(WIRES[name].reader())
    out = fed(relay, whole[:cut], data.draw(cuts)) + relay.end()
    assert whole.startswith(out)
    assert out == b"" or out.endswith(b"\n\n")
    assert not relay.terminal


@each_wire
def test_a_last_event_without_its_blank_line_counts(name: str, stream: Stream) -> None:
    relay = Relay(WIRES[name].reader())
    whole = b"".join(stream.events).removesuffix(b"\n\n")
    assert fed(relay, whole) + relay.end() == whole
    assert relay.terminal


@each_wire
def test_counts_of_a_stream_that_broke_off_are_partial_or_unknown(
    name: str, stream: Stream
) -> None:
    relay = Relay(WIRES[name].reader())
    fed(relay, b"".join(stream.handshake + stream.content))
    told = relay.told()
    assert told.source in {"partial", None}
    if name == "anthropic":
        assert told.usage.prompt == 140
        assert told.usage.output is None  # the 1 in message_start is only a placeholder


@each_wire
def test_what_is_unknown_is_content(name: str, stream: Stream) -> None:
    if name in {"chat", "gemini"}:
        return  # no event of theirs has a type: it is an empty chunk
    relay = Relay(WIRES[name].reader())
    said = b"".join(stream.handshake) + b'event: new\ndata: {"type":"new","x":1}\n\n'
    assert fed(relay, said) == said


@each_wire
@given(at=cuts)
@pytest.mark.parametrize(
    "noise",
    [b"data: {]\n\n", b"event: ping\ndata: {what is this}\n\n", b"data: keep-alive\n\n"],
)
def test_what_no_client_could_read_is_left_out(
    name: str, stream: Stream, noise: bytes, at: set[int]
) -> None:
    relay = Relay(WIRES[name].reader())
    sent = b"".join(event + noise for event in stream.events)
    assert fed(relay, sent, at) + relay.end() == b"".join(stream.events)
    assert (relay.committed, relay.terminal, relay.fault) == (True, True, False)
    assert relay.left_out == len(stream.events)
    assert [loss.path for loss in relay.losses] == ["stream"]


@each_wire
def test_an_event_that_lost_its_end_is_the_end(name: str, stream: Stream) -> None:
    relay = Relay(WIRES[name].reader())
    said = b"".join([*stream.handshake, *stream.content])
    assert fed(relay, said) == said
    torn = b'data: {"type":"content_block_delta","ind\n\n'
    assert relay.feed(stream.content[-1] + torn + stream.end[-1]) == stream.content[-1]
    assert not relay.terminal
    with pytest.raises(Broken, match="unreadable_event"):
        relay.feed(stream.end[-1])


@each_wire
def test_one_that_lost_its_end_before_content_is_another_providers_chance(
    name: str, stream: Stream
) -> None:
    relay = Relay(WIRES[name].reader())
    with pytest.raises(Broken, match="unreadable_event"):
        relay.feed(b"".join(stream.handshake) + b'data: {"type":\n\n' + stream.content[0])
    assert not relay.committed


@each_wire
def test_a_last_fault_without_its_blank_line_is_told(name: str, stream: Stream) -> None:
    relay = Relay(WIRES[name].reader())
    said = b"".join([*stream.handshake, *stream.content, stream.fault])
    assert fed(relay, said.removesuffix(b"\n\n")) + relay.end() == said


def test_a_handshake_that_never_ends_is_let_go() -> None:
    ping = STREAMS["anthropic"].handshake[1]
    relay = Relay(WIRES["anthropic"].reader())
    out = [relay.feed(ping) for _ in range(MAX_HELD_EVENTS + 1)]
    assert out[:-1] == [b""] * MAX_HELD_EVENTS
    assert out[-1] == ping * (MAX_HELD_EVENTS + 1)
    large = b": " + b"x" * MAX_HELD_BYTES + b"\n\n"
    assert Relay(WIRES["anthropic"].reader()).feed(large) == large


def test_an_event_without_end_is_a_fault() -> None:
    relay = Relay(WIRES["chat"].reader())
    for _ in range(MAX_EVENT_BYTES // 2**20):
        assert relay.feed(b"x" * 2**20) == b""
    with pytest.raises(Broken, match="event_too_large"):
        relay.feed(b"x")


def test_a_failure_in_words_goes_out_though_noise_beside_it_does_not() -> None:
    relay = Relay(WIRES["anthropic"].reader())
    start = b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{}}\n\n'
    failure = b"event: error\ndata: busy\n\n"
    assert relay.feed(start) == start
    assert relay.feed(b"data: <html>\n\n" + failure) == failure
    assert (relay.fault, relay.left_out) == (True, 1)


def _unskimming(name: str) -> Relay:
    class Reading(type(WIRES[name].reader())):  # type: ignore[misc]
        plain = None

    return Relay(Reading())


_ODD = (
    b'{"type":"x","delta":{"text":"one"}}',
    b'{"type":"x"} {"type":"y"}',  # two in one line
    b'{"type":"x","delta":[{}',  # what the next line seems to end
    b"{}]}",
    b'{"type":"x","delta":"cut he',
    b"no JSON",
    b"[DONE]",
    b"",
    b'{"type":"x"}\ndata: {"more":1}',
    b'{"type":"x"}\r',
)


@pytest.mark.parametrize("name", ["anthropic", "responses"])
@given(odd=st.lists(st.tuples(st.sampled_from(_ODD), st.integers(0, 30)), max_size=6), at=cuts)
def test_runs_that_are_only_looked_over_come_to_the_same(
    name: str, odd: list[tuple[bytes, int]], at: set[int]
) -> None:
    stream = STREAMS[name]
    content = next(one for one in stream.content if one.startswith(b"event: ") and b"delta" in one)
    title = content.partition(b"\n")[0]
    events = [*stream.handshake, *stream.content]
    for data, place in odd:
        events.insert(place, title + b"\ndata: " + data + b"\n\n")
    whole = b"".join(events)

    def played(relay: Relay) -> tuple[object, ...]:
        try:
            said: object = fed(relay, whole, at) + relay.end()
        except Broken as exc:
            said = exc.code
        state = (relay.committed, relay.terminal, relay.fault, relay.left_out, relay.torn)
        return said, state, relay.told(), relay.error_event("why")

    assert played(Relay(WIRES[name].reader())) == played(_unskimming(name))
