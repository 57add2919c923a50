"""Laws of every wire, whatever a provider sends: nothing is raised, and tokens add up."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical import Told, split_prompt
from proxy.sse import SseEvent
from proxy.wire import Mark
from proxy.wires import WIRES
from tests.nested import nested

KEYS = [
    *["type", "object", "error", "message", "code", "status", "model", "index", "delta", "text"],
    *["choices", "finish_reason", "content", "usage", "response", "stop_reason", "content_block"],
    *["candidates", "finishReason", "parts", "promptFeedback", "blockReason", "usageMetadata"],
    *["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"],
    *["input_tokens_details", "cached_tokens", "cache_write_tokens", "prompt_tokens_details"],
    *["prompt_tokens", "prompt_cache_hit_tokens", "promptTokenCount", "cachedContentTokenCount"],
    *["toolUsePromptTokenCount", "thoughtsTokenCount"],
]
KINDS = [
    *["error", "message", "message_start", "message_delta", "message_stop", "content_block_start"],
    *["response", "response.created", "response.completed", "response.failed"],
]
counts = st.integers() | st.integers(0, 200)
leaves = st.none() | st.booleans() | counts | st.floats() | st.text() | st.sampled_from(KINDS)
keys = st.sampled_from(KEYS) | st.text(max_size=3)
values = nested(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
)
objects = st.dictionaries(keys, values, max_size=6)
json = (values | objects).map(msgspec.json.encode) | st.binary(max_size=20)
names = st.sampled_from([b"", *(kind.encode() for kind in KINDS)])
each_wire = pytest.mark.parametrize("name", WIRES)


def check(told: Told) -> None:
    usage = told.usage
    parts = (usage.uncached_input, usage.cache_read, usage.cache_write)
    known = [part for part in (usage.prompt, usage.output, *parts) if part is not None]
    assert all(part >= 0 for part in known)
    if usage.prompt is not None and None not in parts:
        assert sum(part or 0 for part in parts) == usage.prompt
    assert (told.source is None) == (told.usage_raw is None)
    msgspec.json.encode(told)


@each_wire
@given(sent=st.lists(st.tuples(names, json), max_size=4))
def test_a_reader_raises_nothing(name: str, sent: list[tuple[bytes, bytes]]) -> None:
    reader = WIRES[name].reader()
    marks = {reader.read(SseEvent(kind, data)) for kind, data in sent}
    told = reader.told()
    check(told)
    assert Mark.FAULT not in marks or told.error_type is not None
    assert reader.error_event("why").endswith(b"\n\n")


@each_wire
@given(body=json)
def test_reading_a_whole_answer_raises_nothing(name: str, body: bytes) -> None:
    told = WIRES[name].read_whole(body)
    refused = WIRES[name].read_refusal(body)
    check(refused)
    if told is not None:
        check(told)
        assert told.error_message == refused.error_message


tokens = st.none() | st.integers(-1, 1000)
DETAILS = '{"cached_tokens":%s,"cache_write_tokens":%s}'
WHOLE = {  # with places for prompt, reads and writes
    "chat": '{"choices":[],"usage":{"prompt_tokens":%s,"prompt_tokens_details":' + DETAILS + "}}",
    "responses": '{"object":"response","usage":{"input_tokens":%s,"input_tokens_details":'
    + DETAILS
    + "}}",
    "gemini": '{"candidates":[{}],"usageMetadata":{"promptTokenCount":%s,'
    '"cachedContentTokenCount":%s,"unknown":%s}}',
    "anthropic": '{"type":"message","usage":{"input_tokens":%s,"cache_read_input_tokens":%s,'
    '"cache_creation_input_tokens":%s}}',
}


@each_wire
@given(counted=st.tuples(tokens, tokens, tokens))
def test_tokens_are_conserved(name: str, counted: tuple[int | None, ...]) -> None:
    body = WHOLE[name] % tuple(msgspec.json.encode(count).decode() for count in counted)
    told = WIRES[name].read_whole(body.encode())
    assert told is not None
    check(told)
    usage = told.usage
    parts = (usage.uncached_input, usage.cache_read, usage.cache_write)
    if usage.prompt is not None and usage.cache_read is not None:
        assert usage.prompt == sum(part or 0 for part in parts)


@pytest.mark.parametrize(
    ("told", "split"),
    [
        pytest.param((140, 100, 30), (140, 10), id="the prompt includes the cache's parts"),
        pytest.param((140, 100, None), (140, 40), id="writes are not told"),
        pytest.param((40, 100, None), (140, 40), id="more cached than prompt: it excludes them"),
        pytest.param((140, None, 30), (140, None), id="without reads the split is unknown"),
        pytest.param((None, 100, None), (None, None), id="an unknown prompt stays unknown"),
        pytest.param((0, 0, 0), (0, 0), id="nothing"),
    ],
)
def test_split_prompt(
    told: tuple[int | None, int | None, int | None], split: tuple[int | None, int | None]
) -> None:
    assert split_prompt(*told) == split
