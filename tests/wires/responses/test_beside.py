"""What answers hold besides text, calls and thinking: citations, and what is a loss."""

import json
from typing import Any

import pytest

from proxy.canonical.answer import Answer, Cited, Event
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Part, Text, ToolCall
from proxy.canonical.request import Loss
from proxy.sse import events
from proxy.wire import Location
from proxy.wires.responses.codec import RESPONSES_CODEC as CODEC
from tests.wires.responses.answers import ASKED, response, sse

Json = dict[str, Any]
VENDORS = "only this vendor has such an item"
SHAPE = "its shape is not known"
STORED = "the file is known to its own provider alone"
PAGE = {
    "type": "url_citation",
    "url": "https://a.example",
    "title": "A",
    "start_index": 3,
    "end_index": 4,
}
A = Citation(url="https://a.example", title="A", start=3, end=4)


def message(*content: Json, **more: object) -> Json:
    return {"type": "message", "role": "assistant", "content": list(content), **more}


def text(said: str, *annotations: object, **more: object) -> Json:
    return {"type": "output_text", "text": said, "annotations": list(annotations), **more}


def call(name: str) -> Json:
    return {"type": "function_call", "call_id": "c", "name": name, "arguments": "{}"}


CALLED = ToolCall(id="c", name="ls", arguments="{}")
ANSWERS = [
    pytest.param(
        [
            {"type": "web_search_call", "id": "ws", "status": "completed", "action": {}},
            message(text("so é", PAGE, {**PAGE, "end_index": 3})),
        ],
        (Text(text="so é", citations=(A, Citation(url=A.url, title="A", start=3, end=3))),),
        [Loss("output[0]", "web_search_call", VENDORS)],
        id="a search, and a page twice",
    ),
    pytest.param(
        [
            message(
                text(
                    "abcd",
                    {"type": "file_citation", "file_id": "f", "filename": "a.md", "index": 2},
                    {
                        "type": "container_file_citation",
                        "container_id": "k",
                        "file_id": "g",
                        "filename": "b.png",
                        "start_index": 0,
                        "end_index": 1,
                    },
                    {"type": "file_path", "file_id": "h", "index": 0},
                    5,
                )
            )
        ],
        (
            Text(
                text="abcd",
                citations=(
                    Citation(title="a.md", start=2, end=2),
                    Citation(title="b.png", start=0, end=1),
                ),
            ),
        ),
        [
            Loss("output[0].content[0].annotations", "file_id", STORED),
            Loss("output[0].content[0].annotations", "container_id", STORED),
            Loss("output[0].content[0].annotations", "file_path", "it names no source"),
            Loss("output[0].content[0].annotations", "annotation", SHAPE),
        ],
        id="files of all kinds",
    ),
    pytest.param(
        [
            {"type": "code_interpreter_call", "id": "ci", "code": "print(1)", "outputs": []},
            {"type": "image_generation_call", "id": "ig", "result": "AAAA"},
            {"type": "mcp_call", "id": "m", "name": "x", "arguments": "{}", "output": "y"},
            {"type": "compaction", "encrypted_content": "x"},
            call("ls"),
            {"type": "function_call", "call_id": 5},
            {"odd": 1},
        ],
        (CALLED,),
        [
            Loss("output[0]", "code_interpreter_call", VENDORS),
            Loss("output[1]", "image_generation_call", VENDORS),
            Loss("output[2]", "mcp_call", VENDORS),
            Loss("output[3]", "compaction", VENDORS),
            Loss("output[5]", "function_call", SHAPE),
            Loss("output[6]", "item", VENDORS),
        ],
        id="items of many kinds, and one call among them",
    ),
    pytest.param(
        [
            message(
                text("a", logprobs=[{"token": "a", "logprob": 0}]),
                {"type": "output_audio", "data": "AAAA"},
                text("", PAGE),
                text("b", logprobs=[]),
                phase="final_answer",
            )
        ],
        (Text(text="a"), Text(text="b")),
        [
            Loss("output[0].phase", "phase", "only this wire knows it"),
            Loss("output[0].content[0].logprobs", "logprobs", "no place for it in other wires"),
            Loss("output[0].content[1]", "output_audio", SHAPE),
            Loss("output[0].content[2].annotations", "annotations", "their text is empty"),
        ],
        id="a message with more than texts",
    ),
]


def item_events(index: int, item: Json) -> list[Json]:
    """Return what the vendor says of an item; a search's own steps among it."""
    at = {"output_index": index}
    said: list[Json] = []
    for place, part in enumerate(item.get("content", ())):
        here = {**at, "content_index": place}
        if part.get("type") == "output_text" and part["text"]:
            name = "response.output_text"
            said += [{"type": f"{name}.delta", "delta": one, **here} for one in part["text"]]
            said += [
                {"type": f"{name}.annotation.added", "annotation": one, **here}
                for one in part["annotations"]
            ]
            said.append({"type": f"{name}.done", "text": part["text"], **here})
    if item.get("type", "").endswith("_call") and item["type"] != "function_call":
        steps = ("in_progress", "delta", "completed")
        said = [{"type": f"response.{item['type']}.{step}", "delta": "x", **at} for step in steps]
    bare = {**item, "content": []} if "content" in item else item
    return [
        {"type": "response.output_item.added", "item": bare, **at},
        *said,
        {"type": "response.output_item.done", "item": item, **at},
    ]


def heard(body: bytes) -> tuple[list[Event], list[Loss]]:
    decoder = CODEC.decoder()
    return [said for one in events(body) for said in decoder.feed(one)], decoder.losses


def parts_of(answer: Answer | None) -> tuple[Part, ...]:
    assert answer is not None
    return answer.parts


def ended(output: list[Json]) -> Json:
    return {"type": "response.completed", "response": response("completed", output)}


@pytest.mark.parametrize(("output", "parts", "losses"), ANSWERS)
def test_a_whole_answer_and_its_stream(
    output: list[Json], parts: tuple[Part, ...], losses: list[Loss]
) -> None:
    found: list[Loss] = []
    body = json.dumps(response("completed", output)).encode()
    assert parts_of(CODEC.read_answer(body, found)) == parts
    assert found == losses
    said = [one for index, item in enumerate(output) for one in item_events(index, item)]
    for stream in (sse(*said, ended(output)), sse(ended(output))):
        told, found = heard(stream)
        assert parts_of(fold(told)) == parts
        assert sorted(found, key=str) == sorted(losses, key=str)


def test_a_source_is_told_as_soon_as_it_is_known() -> None:
    item = message(text("so é", PAGE))
    told, _ = heard(sse(*item_events(0, item)[:-1]))
    assert told[-1] == Cited(index=0, citation=A)


DELTA = {"type": "response.output_text.delta", "delta": "a"}
DONE = {"type": "response.output_item.done", "item": message(text("a"))}
CODE = {"type": "response.code_interpreter_call_code.delta", "output_index": 3, "delta": "print"}
MALFORMED = [
    pytest.param([DELTA, ended([])], [], id="a text that never ends"),
    pytest.param(
        [DELTA, {"type": "response.surprise"}, {"type": "response.surprise"}, DONE, ended([])],
        [Loss("stream", "response.surprise", "an event of an unknown kind")],
        id="an unknown event, twice",
    ),
    pytest.param(
        [
            DELTA,
            {"type": "response.audio.delta", "delta": "AAAA"},
            {"type": "response.audio.done"},
            DONE,
            ended([]),
        ],
        [Loss("stream", "response.audio", "an event of an unknown kind")],
        id="sound",
    ),
    pytest.param(
        [DELTA, {**DELTA, "delta": {"odd": 1}}, DONE, ended([])],
        [Loss("stream", "response.output_text.delta", "it cannot be read")],
        id="an event of another shape",
    ),
    pytest.param(
        [CODE, CODE, DELTA, DONE, ended([])],
        [
            Loss(
                "output[3]",
                "response.code_interpreter_call_code",
                "what it belongs to never began",
            )
        ],
        id="deltas of an item that never comes",
    ),
    pytest.param(
        [
            {
                "type": "response.output_item.added",
                "output_index": 3,
                "item": {"type": "code_interpreter_call"},
            },
            CODE,
            DELTA,
            DONE,
            ended([]),
        ],
        [Loss("output[3]", "code_interpreter_call", VENDORS)],
        id="an item that never ends",
    ),
    pytest.param(
        [
            {
                "type": "response.function_call_arguments.delta",
                "output_index": 5,
                "delta": "{",
            },
            DELTA,
            DONE,
            ended([]),
        ],
        [Loss("output[5]", "response.function_call_arguments", "what it belongs to never began")],
        id="arguments of no call",
    ),
    pytest.param(
        [
            *({"type": f"response.content_part.{step}"} for step in ("added", "done")),
            {"type": "keepalive"},
            {"type": "response.queued"},
            {**DELTA, "delta": ""},
            DELTA,
            {"type": "response.output_text.done", "text": "a"},
            DONE,
            ended([]),
        ],
        [],
        id="what says nothing",
    ),
]


@pytest.mark.parametrize(("said", "losses"), MALFORMED)
def test_malformed_streams_keep_the_rest(said: list[Json], losses: list[Loss]) -> None:
    told, found = heard(sse(*said))
    assert parts_of(fold(told)) == (Text(text="a"),)
    assert found == losses


def test_bad_json_is_one_loss() -> None:
    broken = b"event: response.output_text.delta\ndata: {\n\n"
    told, losses = heard(sse(DELTA) + broken * 2 + sse(ended([])))
    assert parts_of(fold(told)) == (Text(text="a"),)
    assert losses == [Loss("stream", "response.output_text.delta", "it cannot be read")]


CITED = Answer(
    id="resp_1",
    parts=(
        Text(
            text="so é",
            citations=(A, Citation(url="https://b"), Citation(title="Notes.pdf", quote="Blue.")),
        ),
    ),
)


def test_a_client_is_told_the_sources_before_the_end_of_the_text() -> None:
    annotations = [
        PAGE,
        {
            "type": "url_citation",
            "url": "https://b",
            "title": "",
            "start_index": 0,
            "end_index": 4,
        },
        {"type": "file_citation", "filename": "Notes.pdf", "file_id": "", "index": 4},
    ]
    losses: list[Loss] = []
    (item,) = json.loads(CODEC.write_answer(CITED, ASKED, losses))["output"]
    assert item["content"][0]["annotations"] == annotations
    assert losses == [Loss("parts[0].citations", "quote", "this wire does not quote its sources")]
    encoder = CODEC.encoder(ASKED)
    said = [json.loads(one.data) for told in unfold(CITED) for one in events(encoder.feed(told))]
    assert encoder.losses == losses
    kinds = [event["type"].removeprefix("response.") for event in said]
    assert kinds[5:-1] == [
        *["output_text.annotation.added"] * 3,
        *("output_text.done", "content_part.done", "output_item.done"),
    ]
    assert [(one["annotation_index"], one["annotation"]) for one in said[5:8]] == [
        *enumerate(annotations)
    ]
    assert said[-2]["item"] == {**item, "id": said[-2]["item"]["id"]}


def test_what_names_nothing_is_lost_and_so_is_what_comes_late() -> None:
    losses: list[Loss] = []
    said = Answer(parts=(Text(text="a", citations=(Citation(quote="q"),)),))
    CODEC.write_answer(said, ASKED, losses)
    assert [(loss.path, loss.what) for loss in losses] == [("parts[0].citations", "citation")]
    encoder = CODEC.encoder(ASKED)
    *told, last = unfold(Answer(parts=(Text(text="a"),)))
    for event in (*told, Cited(index=0, citation=A), Cited(index=0, citation=A), last):
        encoder.feed(event)
    late = Loss("parts[0].citations", "citations", "they came after their text")
    assert encoder.losses == [late]


def test_a_client_that_sends_annotations_back_is_read() -> None:
    body = json.dumps({"model": "m", "input": [message(text("a", PAGE)), message(text("b"))]})
    read = CODEC.read_request(body.encode(), Location("/v1/responses", {}))
    assert read.request.turns[0].parts == (Text(text="a"), Text(text="b"))
    assert [loss.path for loss in read.losses] == ["input[0].content[0].annotations"]
