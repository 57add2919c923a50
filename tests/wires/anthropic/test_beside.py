"""What answers hold besides text, calls and thinking: citations, and what is a loss."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest

from proxy.canonical.answer import Answer, Cited, Ended, Event, Finished, Started
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Part, Text, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.sse import events
from proxy.wire import Location
from proxy.wires.anthropic.codec import ANTHROPIC_CODEC as CODEC

Json = dict[str, Any]
ASKED = Request(model="m", turns=())
WEB = {
    "type": "web_search_result_location",
    "cited_text": "It is blue.",
    "encrypted_index": "Eo8B",
    "title": "Sky",
    "url": "https://a.example/sky",
}
SKY = Citation(url="https://a.example/sky", title="Sky", quote="It is blue.")
PAGE = {
    "type": "page_location",
    "cited_text": "Blue.",
    "document_index": 0,
    "document_title": "Notes.pdf",
    "start_page_number": 1,
    "end_page_number": 2,
    "file_id": "file_1",
}
FOUND = {
    "type": "search_result_location",
    "cited_text": "Blue.",
    "source": "https://b.example",
    "title": None,
    "search_result_index": 0,
    "start_block_index": 0,
    "end_block_index": 1,
}
SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "?"}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"url": "u"}]}
VENDORS = "only this vendor has such a block"
SHAPE = "its shape is not known"


def text(said: str, *citations: Json) -> Json:
    return {"type": "text", "text": said, "citations": list(citations) or None}


def lost(place: str, what: str, why: str) -> Loss:
    return Loss(f"content[{place}", what, why)


ANSWERS = [
    pytest.param(
        [SEARCH, RESULT, text("I say: "), text("blue", WEB, WEB), text(".")],
        (Text(text="I say: "), Text(text="blue", citations=(SKY, SKY)), Text(text=".")),
        [
            lost("0]", "server_tool_use", VENDORS),
            lost("1]", "web_search_tool_result", VENDORS),
            lost("3].citations", "encrypted_index", "only this vendor can read it"),
        ],
        id="a search, and two pages it found",
    ),
    pytest.param(
        [text("blue", PAGE, FOUND)],
        (
            Text(
                text="blue",
                citations=(
                    Citation(title="Notes.pdf", quote="Blue."),
                    Citation(url="https://b.example", quote="Blue."),
                ),
            ),
        ),
        [
            lost("0].citations", "page_location", "its place in the source is not carried"),
            lost("0].citations", "file_id", "only this vendor can read it"),
            lost(
                "0].citations", "search_result_location", "its place in the source is not carried"
            ),
        ],
        id="a document and a search result of the client's own",
    ),
    pytest.param(
        [text("a", {"type": "odd"}), text("b", {"title": 5})],
        (Text(text="a"), Text(text="b")),
        [
            lost("0].citations", "odd", "it names no source"),
            lost("1].citations", "citation", SHAPE),
        ],
        id="citations that name nothing",
    ),
    pytest.param(
        [
            {"type": "code_execution_tool_result", "tool_use_id": "s", "content": {}},
            {"type": "container_upload", "file_id": "f"},
            {"type": "tool_use", "id": 5},
            {"type": "tool_use", "id": "t", "name": "x", "input": {}},
            {"odd": 1},
        ],
        (ToolCall(id="t", name="x", arguments="{}"),),
        [
            lost("0]", "code_execution_tool_result", VENDORS),
            lost("1]", "container_upload", VENDORS),
            lost("2]", "tool_use", SHAPE),
            lost("4]", "block", SHAPE),
        ],
        id="blocks of many kinds, and one call among them",
    ),
]


def message(content: Sequence[Json], **more: object) -> Json:
    return {"type": "message", "id": "m", "model": "x", "content": content, **more}


def sse(*said: object) -> bytes:
    return b"".join(b"data: " + msgspec.json.encode(event) + b"\n\n" for event in said)


def block_events(index: int, block: Json) -> list[Json]:
    """Return what the vendor says of a block: a text's own words and sources in deltas."""
    at = {"index": index}
    deltas: list[Json] = []
    if block.get("type") == "text":
        deltas = [{"type": "text_delta", "text": letter} for letter in block["text"]]
        cited = block["citations"] or ()
        deltas += [{"type": "citations_delta", "citation": one} for one in cited]
        block = {"type": "text", "text": "", "citations": []}
    elif block.get("type") == "server_tool_use":
        deltas = [{"type": "input_json_delta", "partial_json": one} for one in ('{"', '"}')]
    return [
        {"type": "content_block_start", "content_block": block, **at},
        *({"type": "content_block_delta", "delta": delta, **at} for delta in deltas),
        {"type": "content_block_stop", **at},
    ]


def stream(content: Iterable[Json], delta: Json | None = None) -> bytes:
    said = [one for index, block in enumerate(content) for one in block_events(index, block)]
    start = {"type": "message_start", "message": message([])}
    ending = {"type": "message_delta", "delta": {"stop_reason": "end_turn", **(delta or {})}}
    return sse(start, {"type": "ping"}, *said, ending, {"type": "message_stop"})


def heard(body: bytes) -> tuple[list[Event], list[Loss]]:
    decoder = CODEC.decoder()
    return [said for one in events(body) for said in decoder.feed(one)], decoder.losses


def parts_of(answer: Answer | None) -> tuple[Part, ...]:
    assert answer is not None
    return answer.parts


@pytest.mark.parametrize(("content", "parts", "losses"), ANSWERS)
def test_a_whole_answer_and_its_stream(
    content: list[Json], parts: tuple[Part, ...], losses: list[Loss]
) -> None:
    found: list[Loss] = []
    body = msgspec.json.encode(message(content))
    assert parts_of(CODEC.read_answer(body, found)) == parts
    assert found == losses
    said, found = heard(stream(content))
    assert parts_of(fold(said)) == parts
    assert found == losses


def test_what_stands_beside_the_content_is_lost_in_both_forms() -> None:
    more = {"container": {"id": "c"}, "stop_details": {"type": "refusal"}, "diagnostics": None}
    found: list[Loss] = []
    CODEC.read_answer(msgspec.json.encode(message([], **more)), found)
    assert [loss.path for loss in found] == ["container", "stop_details"]
    assert heard(stream([], more))[1] == found


def delta(index: int, kind: str, **more: object) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


START = {"type": "content_block_start", "index": 0, "content_block": text("")}
A = delta(0, "text_delta", text="a")
STOP = {"type": "message_stop"}
MALFORMED = [
    pytest.param([START, A, STOP], [], id="a block that never ends"),
    pytest.param(
        [delta(7, "text_delta", text="x"), delta(7, "text_delta", text="y"), START, A, STOP],
        [lost("7]", "text_delta", "what it belongs to never began")],
        id="deltas of an unknown block",
    ),
    pytest.param(
        [START, A, delta(0, "odd_delta", odd="x"), delta(0, "text_delta", text=""), STOP],
        [lost("0]", "odd_delta", "a delta of an unknown kind")],
        id="an unknown delta",
    ),
    pytest.param(
        [START, A, {"type": "surprise"}, {"type": "surprise"}, {"type": "ping"}, STOP],
        [Loss("stream", "surprise", "an event of an unknown kind")],
        id="an unknown event, twice",
    ),
    pytest.param(
        [START, A, {"type": "content_block_delta", "index": "x"}, STOP],
        [Loss("stream", "event", "it cannot be read")],
        id="an event of another shape",
    ),
    pytest.param(
        [
            {"type": "content_block_start", "index": 1, "content_block": RESULT},
            delta(1, "citations_delta", citation=WEB),
            START,
            A,
            STOP,
        ],
        [lost("1]", "web_search_tool_result", VENDORS)],
        id="a delta of a block that is lost already",
    ),
]


@pytest.mark.parametrize(("said", "losses"), MALFORMED)
def test_malformed_streams_keep_the_rest(said: list[Json], losses: list[Loss]) -> None:
    found, lost_of_it = heard(sse(*said))
    assert parts_of(fold(found)) == (Text(text="a"),)
    assert lost_of_it == losses


def test_bad_json_is_one_loss() -> None:
    broken = b"event: content_block_delta\ndata: {\n\n"
    found, losses = heard(sse(START) + broken + broken + sse(A, STOP))
    assert parts_of(fold(found)) == (Text(text="a"),)
    assert losses == [Loss("stream", "content_block_delta", "it cannot be read")]


def test_a_citation_of_a_call_has_no_text() -> None:
    call = {"type": "tool_use", "id": "t", "name": "x", "input": {}}
    begun = {"type": "content_block_start", "index": 0, "content_block": call}
    _, losses = heard(sse(begun, delta(0, "citations_delta", citation=WEB), STOP))
    assert [(loss.path, loss.what) for loss in losses] == [
        ("content[0].citations", "citations_delta")
    ]


BOOK = Citation(title="Notes.pdf", quote="Blue.")
CITED = Answer(id="m", model="x", parts=(Text(text="I"), Text(text="blue", citations=(SKY, BOOK))))


def test_a_client_is_told_the_sources_of_each_block() -> None:
    losses: list[Loss] = []
    shown = msgspec.json.decode(CODEC.write_answer(CITED, ASKED, losses))["content"]
    assert shown == [
        {"type": "text", "text": "I"},
        {
            "type": "text",
            "text": "blue",
            "citations": [
                {**WEB, "encrypted_index": "pm1."},
                {
                    "type": "char_location",
                    "cited_text": "Blue.",
                    "document_index": 0,
                    "document_title": "Notes.pdf",
                    "start_char_index": 0,
                    "end_char_index": 0,
                },
            ],
        },
    ]
    assert losses == []
    encoder = CODEC.encoder(ASKED)
    body = b"".join(encoder.feed(event) for event in unfold(CITED))
    assert parts_of(fold(heard(body)[0])) == CITED.parts
    assert encoder.losses == []
    kinds = [msgspec.json.decode(one.data).get("delta", {}).get("type") for one in events(body)]
    assert [kind for kind in kinds if kind] == [
        *("text_delta", "text_delta", "citations_delta", "citations_delta")
    ]


@pytest.mark.parametrize(
    ("part", "what"),
    [
        pytest.param(
            Text(text="blue", citations=(Citation(url="u", start=1, end=2),)), "place", id="a place"
        ),
        pytest.param(Text(text="", citations=(SKY,)), "citations", id="an empty text"),
    ],
)
def test_what_a_block_cannot_say_of_its_sources(part: Text, what: str) -> None:
    said = Answer(parts=(part,))
    losses: list[Loss] = []
    CODEC.write_answer(said, ASKED, losses)
    assert [(loss.path, loss.what) for loss in losses] == [("content[0].citations", what)]
    encoder = CODEC.encoder(ASKED)
    for event in unfold(said):
        encoder.feed(event)
    assert encoder.losses == losses


def test_a_source_that_comes_after_its_block_is_lost_once() -> None:
    encoder = CODEC.encoder(ASKED)
    told = list(unfold(Answer(parts=(Text(text="a"),))))
    late: list[Event] = [Cited(index=0, citation=SKY), Cited(index=0, citation=BOOK)]
    for event in (*told[:-1], *late, told[-1]):
        encoder.feed(event)
    assert encoder.losses == [
        Loss("content[0].citations", "citations", "they came after their text")
    ]
    assert isinstance(told[0], Started)
    assert isinstance(told[-2], Ended)
    assert isinstance(told[-1], Finished)


@pytest.mark.parametrize(
    ("citations", "paths"),
    [
        pytest.param([WEB], ["messages[0].content[0].citations"], id="web citations"),
        pytest.param([], [], id="none"),
        pytest.param(None, [], id="null"),
    ],
)
def test_a_client_that_sends_citations_back_is_read(
    citations: list[Json] | None, paths: list[str]
) -> None:
    block = {"type": "text", "text": "blue", "citations": citations}
    turn = {"role": "assistant", "content": [block]}
    body = msgspec.json.encode({"model": "m", "messages": [turn]})
    read = CODEC.read_request(body, Location("/v1/messages", {}))
    assert read.request.turns[0].parts == (Text(text="blue"),)
    assert [loss.path for loss in read.losses] == paths
