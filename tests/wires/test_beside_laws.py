"""Laws of every wire, whatever stands beside the text: nothing is raised, and all is told once."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.answer import Began, Cited, Finished
from proxy.canonical.fold import fold
from proxy.sse import SseEvent
from proxy.wires import CODECS
from tests.nested import nested

KEYS = [
    *["type", "index", "delta", "text", "choices", "message", "content", "content_block"],
    *["citations", "citation", "annotations", "annotation", "url_citation", "url", "title"],
    *["cited_text", "start_index", "end_index", "output", "output_index", "content_index", "item"],
    *["response", "candidates", "parts", "groundingMetadata", "groundingChunks", "web", "uri"],
    *["groundingSupports", "segment", "startIndex", "endIndex", "partIndex", "finishReason"],
    *["groundingChunkIndices", "citationMetadata", "finish_reason", "logprobs", "citationSources"],
]
KINDS = [
    *["text", "message", "output_text", "url_citation", "file_citation", "citations_delta"],
    *["web_search_result_location", "server_tool_use", "web_search_call", "STOP", "stop"],
    *["content_block_start", "content_block_delta", "content_block_stop", "message_stop"],
    *["response.output_item.added", "response.output_item.done", "response.output_text.delta"],
    *["response.output_text.annotation.added", "response.completed", "response.x.delta"],
]
leaves = st.none() | st.integers(-1, 9) | st.floats() | st.text(max_size=3) | st.sampled_from(KINDS)
values = nested(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
)


@pytest.mark.parametrize("name", CODECS)
@given(sent=st.lists(values.map(msgspec.json.encode), max_size=5))
def test_whatever_stands_beside_raises_nothing(name: str, sent: list[bytes]) -> None:
    decoder = CODECS[name].decoder()
    said = [event for data in sent for event in decoder.feed(SseEvent(b"", data))]
    said += decoder.finish()
    fold(said)
    assert sum(isinstance(event, Finished) for event in said) <= 1
    begun = {event.index for event in said if isinstance(event, Began)}
    assert {event.index for event in said if isinstance(event, Cited)} <= begun
    assert len({*decoder.losses}) == len(decoder.losses)
    for data in sent:
        CODECS[name].read_answer(data, [])
