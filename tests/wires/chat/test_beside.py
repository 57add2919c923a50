"""What answers hold besides text, calls and thinking: citations, and what is a loss."""

from typing import Any

import msgspec
import pytest

from proxy.canonical.answer import Answer, Event
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Citation, Part, Refusal, Text, ToolCall
from proxy.canonical.request import Loss, Request
from proxy.sse import events
from proxy.wire import Location
from proxy.wires.chat.codec import CHAT_CODEC as CODEC

Json = dict[str, Any]
ASKED = Request(model="m", turns=())
PLACE = "no place for it in other wires"
SHAPE = "its shape is not known"
MESSAGE = "choices[0].message"


def cites(start: object, end: object, **more: str) -> Json:
    page = {"url": "https://a.example", "title": "A", "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": {**page, **more}}


def page(start: int | None, end: int | None, quote: str | None = None) -> Citation:
    return Citation(url="https://a.example", title="A", quote=quote, start=start, end=end)


LS = ToolCall(id="c1", name="ls", arguments="{}")
CALL = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
ANSWERS = [
    pytest.param(
        {"content": "so é", "annotations": [cites(0, 2), cites(3, 4, content="q")]},
        {},
        (Text(text="so é", citations=(page(0, 2), page(3, 4, "q"))),),
        [],
        id="two pages",
    ),
    pytest.param(
        {"content": "a", "annotations": [cites(None, None), cites(2, 1)]},
        {},
        (Text(text="a", citations=(page(None, None), page(None, None))),),
        [],
        id="pages without a place",
    ),
    pytest.param(
        {"content": "a", "annotations": [{"type": "file", "file": {}}, 5, cites("x", 1)]},
        {},
        (Text(text="a"),),
        [
            Loss(f"{MESSAGE}.annotations", "file", SHAPE),
            Loss(f"{MESSAGE}.annotations", "annotation", SHAPE),
        ],
        id="annotations that cite nothing",
    ),
    pytest.param(
        {"refusal": "no", "annotations": [cites(0, 1)]},
        {},
        (Refusal(text="no"),),
        [Loss(f"{MESSAGE}.annotations", "annotations", "there is no text that it could belong to")],
        id="a source of no text",
    ),
    pytest.param(
        {"content": "a", "audio": None, "annotations": [], "reasoning_details": [{"type": "x"}]},
        {"logprobs": {"content": [{"token": "a"}]}},
        (Text(text="a"),),
        [
            Loss("choices[0].logprobs", "logprobs", PLACE),
            Loss(f"{MESSAGE}.reasoning_details", "reasoning_details", PLACE),
        ],
        id="logprobs, and reasoning in a form of its own",
    ),
    pytest.param(
        {"content": [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": []}, 5]},
        {},
        (Text(text="a"),),
        [
            Loss(f"{MESSAGE}.content", "thinking", SHAPE),
            Loss(f"{MESSAGE}.content", "part", SHAPE),
        ],
        id="parts that are no text",
    ),
    pytest.param(
        {"tool_calls": [{"index": 0, **CALL}, {"index": 1, "id": "c2", "type": "odd"}]},
        {},
        (LS,),
        [Loss(f"{MESSAGE}.tool_calls[1]", "tool call", "unknown type of call, or no name")],
        id="a call of an unknown type",
    ),
    pytest.param(
        {"audio": {"id": "a"}, "images": [{"type": "image_url"}]},
        {"content_filter_results": {"hate": {}}},
        (),
        [
            Loss("choices[0].content_filter_results", "content_filter_results", PLACE),
            Loss(f"{MESSAGE}.audio", "audio", PLACE),
            Loss(f"{MESSAGE}.images", "images", PLACE),
        ],
        id="sounds and images",
    ),
]


def chunk(delta: Json, **more: object) -> bytes:
    said = {"id": "a", "model": "m", "choices": [{"index": 0, "delta": delta, **more}]}
    return b"data: " + msgspec.json.encode(said) + b"\n\n"


END = chunk({}, finish_reason="stop") + b"data: [DONE]\n\n"


def heard(body: bytes) -> tuple[list[Event], list[Loss]]:
    decoder = CODEC.decoder()
    said = [said for one in events(body) for said in decoder.feed(one)]
    return said + decoder.finish(), decoder.losses


def parts_of(answer: Answer | None) -> tuple[Part, ...]:
    assert answer is not None
    return answer.parts


@pytest.mark.parametrize(("message", "beside", "parts", "losses"), ANSWERS)
def test_a_whole_answer_and_its_stream(
    message: Json, beside: Json, parts: tuple[Part, ...], losses: list[Loss]
) -> None:
    found: list[Loss] = []
    choice = {"index": 0, "message": message, "finish_reason": "stop", **beside}
    body = msgspec.json.encode({"id": "a", "model": "m", "choices": [choice]})
    assert parts_of(CODEC.read_answer(body, found)) == parts
    assert sorted(found, key=str) == sorted(losses, key=str)
    said, found = heard(chunk({"role": "assistant"}) + chunk(message, **beside) + END)
    assert parts_of(fold(said)) == parts
    assert sorted(found, key=str) == sorted(losses, key=str)


def test_sources_count_in_the_whole_content() -> None:
    call = {"tool_calls": [{"index": 0, **CALL}]}
    body = chunk({"content": "so "}) + chunk(call) + chunk({"content": "blue"})
    early = chunk({"annotations": [cites(0, 2)]})
    said, losses = heard(early + body + chunk({"annotations": [cites(3, 7)]}) + END)
    assert parts_of(fold(said)) == (
        Text(text="so ", citations=(page(0, 2),)),
        LS,
        Text(text="blue", citations=(page(0, 4),)),
    )
    assert losses == []


def test_of_several_answers_the_first_is_carried() -> None:
    choices = [
        {"index": index, "message": {"content": text}, "finish_reason": "stop"}
        for index, text in enumerate("ab")
    ]
    lost = [Loss("choices[1:]", "choices", "one answer is all that is carried")]
    found: list[Loss] = []
    body = msgspec.json.encode({"choices": choices})
    assert parts_of(CODEC.read_answer(body, found)) == (Text(text="a"),)
    assert found == lost
    stream = b"".join(
        b"data: " + msgspec.json.encode({"choices": [choice]}) + b"\n\n" for choice in choices * 2
    )
    said, found = heard(stream + END)
    assert parts_of(fold(said)) == (Text(text="aa"),)
    assert found == lost


def test_sources_beside_the_choices_are_lost() -> None:
    data = b'data: {"choices":[{"delta":{"content":"a"}}],"citations":["u"],"search_results":[]}'
    _, losses = heard(data + b"\n\n" + data + b"\n\n" + END)
    assert losses == [Loss("citations", "citations", PLACE)]


MALFORMED = [
    pytest.param(b"data: {\n\ndata: {\n\n", ["stream"], id="bad JSON, twice"),
    pytest.param(b'data: {"choices":[{"delta":{"content":5}}]}\n\n', ["stream"], id="a bad shape"),
    pytest.param(chunk({"odd": 1}) * 3, [f"{MESSAGE}.odd"], id="an unknown key"),
    pytest.param(b'data: {"choices":[]}\n\ndata:\n\n', [], id="nothing"),
    pytest.param(
        chunk({"tool_calls": [{"index": 4, "function": {"arguments": "{"}}]}),
        [f"{MESSAGE}.tool_calls[0]"],
        id="arguments of no call",
    ),
]


@pytest.mark.parametrize(("odd", "paths"), MALFORMED)
def test_malformed_streams_keep_the_rest(odd: bytes, paths: list[str]) -> None:
    said, losses = heard(chunk({"content": "a"}) + odd + chunk({"content": "b"}) + END)
    assert "".join(part.text for part in parts_of(fold(said)) if isinstance(part, Text)) == "ab"
    assert [loss.path for loss in losses] == paths


BOOK = Citation(title="Notes.pdf", quote="Blue.")
CITED = Answer(parts=(Text(text="so "), LS, Text(text="blue", citations=(page(None, None), BOOK))))


def test_a_client_is_told_all_sources_at_once_at_the_end() -> None:
    losses: list[Loss] = []
    message = msgspec.json.decode(CODEC.write_answer(CITED, ASKED, losses))["choices"][0]["message"]
    assert message["annotations"] == [cites(3, 7)]
    lost = Loss("parts[2].citations", "citation", "this wire cites nothing without a URL")
    assert losses == [lost]
    encoder = CODEC.encoder(ASKED)
    *said, last, _, _ = events(b"".join(encoder.feed(event) for event in unfold(CITED)))
    assert b"annotations" not in b"".join(one.data for one in said[:-1])
    assert msgspec.json.decode(said[-1].data)["choices"][0]["delta"] == {
        "annotations": [cites(3, 7)]
    }
    assert b'"finish_reason":"tool_calls"' in last.data
    assert encoder.losses == losses


def test_a_quote_is_lost() -> None:
    losses: list[Loss] = []
    said = Answer(parts=(Text(text="a", citations=(page(0, 1, "q"), page(0, 1, "r"))),))
    CODEC.write_answer(said, ASKED, losses)
    assert [(loss.path, loss.what) for loss in losses] == [("parts[0].citations", "quote")]


def test_a_client_that_sends_annotations_back_is_read() -> None:
    turn = {"role": "assistant", "content": "a", "annotations": [cites(0, 1)]}
    bare = {"role": "assistant", "content": "b", "annotations": []}
    body = msgspec.json.encode({"model": "m", "messages": [turn, bare]})
    read = CODEC.read_request(body, Location("/v1/chat/completions", {}))
    assert [turn.parts for turn in read.request.turns] == [(Text(text="a"),), (Text(text="b"),)]
    assert [loss.path for loss in read.losses] == ["messages[0].annotations"]
