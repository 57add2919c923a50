"""Answers of Responses providers, into the middle."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.answer import Began, Ended, Finished, Piece, Started
from proxy.canonical.fold import fold
from proxy.canonical.parts import ToolCall
from proxy.sse import SseEvent
from proxy.wires.responses.codec import RESPONSES_CODEC
from tests.wires.responses.answers import (
    DELTAS,
    ITEMS,
    USAGE_JSON,
    WHOLE,
    decoded,
    response,
    sse,
    stream,
)


def test_a_whole_answer_is_read() -> None:
    body = json.dumps(response("completed", ITEMS, usage=USAGE_JSON)).encode()
    assert RESPONSES_CODEC.read_answer(body, []) == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(stream("added", "delta", "done"), id="the whole life cycle"),
        pytest.param(stream("item.done"), id="only whole items"),
        pytest.param(stream("added", "item.done"), id="no deltas"),
        pytest.param(stream("delta", "item.done"), id="no beginnings"),
        pytest.param(stream("nothing", output=ITEMS), id="only the last event"),
    ],
)
def test_a_stream_folds_to_the_whole_answer(data: bytes) -> None:
    assert fold(decoded(data)) == WHOLE


def test_deltas_are_passed_on_as_they_come() -> None:
    found = decoded(stream("added", "delta", "done"))
    pieces = [event.text for event in found if isinstance(event, Piece)]
    assert pieces == [text for _, _, texts in DELTAS for text in texts]
    assert sum(isinstance(event, Ended) for event in found) == len(WHOLE.parts)


@given(cuts=st.lists(st.integers(0, 2000), max_size=12))
def test_any_cut_gives_the_same_events(cuts: list[int]) -> None:
    data = stream("added", "delta", "done")
    assert decoded(data, [cut for cut in cuts if cut < len(data)]) == decoded(data)


def test_interleaved_calls_are_kept_apart() -> None:
    calls = [
        {"type": "function_call", "call_id": name, "name": name, "arguments": ""} for name in "ab"
    ]
    added = [
        {"type": "response.output_item.added", "output_index": at, "item": call}
        for at, call in enumerate(calls)
    ]
    name = "response.function_call_arguments"
    deltas = [
        {"type": f"{name}.delta", "output_index": at, "delta": text}
        for at, text in [(0, "[1"), (1, "[2"), (0, "]"), (1, "]")]
    ]
    done = [
        {"type": f"{name}.done", "output_index": at, "arguments": text}
        for at, text in enumerate(["[1]", "[2]"])
    ]
    ended = {"type": "response.completed", "response": response("completed", [])}
    answer = fold(decoded(sse(*added, *deltas, *done, ended)))
    assert answer is not None
    assert [part.arguments for part in answer.parts if isinstance(part, ToolCall)] == ["[1]", "[2]"]


@pytest.mark.parametrize(
    ("status", "more", "content", "stop"),
    [
        pytest.param("completed", {}, {"type": "output_text", "text": "x"}, "end", id="an end"),
        pytest.param(
            "incomplete",
            {"incomplete_details": {"reason": "max_output_tokens"}},
            {"type": "output_text", "text": "x"},
            "max_tokens",
            id="max tokens",
        ),
        pytest.param(
            "incomplete",
            {"incomplete_details": {"reason": "content_filter"}},
            {"type": "output_text", "text": "x"},
            "refusal",
            id="a filter",
        ),
        pytest.param(
            "incomplete",
            {"incomplete_details": None},
            {"type": "output_text", "text": "x"},
            "max_tokens",
            id="cut short, nobody says why",
        ),
        pytest.param(
            "incomplete",
            {"incomplete_details": {"reason": "max_tool_calls"}},
            {"type": "refusal", "refusal": "no"},
            "max_tokens",
            id="cut short by a limit that is not known",
        ),
        pytest.param(
            "completed", {}, {"type": "refusal", "refusal": "no"}, "refusal", id="a refusal"
        ),
    ],
)
def test_stop_reasons(status: str, more: Any, content: Any, stop: str) -> None:
    item = {"type": "message", "content": [content]}
    said = response(status, [item], **more)
    whole = RESPONSES_CODEC.read_answer(json.dumps(said).encode(), [])
    assert whole is not None
    assert whole.stop == stop
    end = {"type": f"response.{status}", "response": said}
    assert fold(decoded(sse(end))) == whole


def test_an_end_that_is_incomplete_by_its_name_alone_is_no_whole_answer() -> None:
    begun = stream("added", "delta", "done")
    data = begun[: begun.index(b"event: response.completed")]
    for said in ({}, {"status": None}, {"status": 5}):
        end = sse({"type": "response.incomplete", "response": said})
        answer = fold(decoded(data + end))
        assert answer is not None
        assert answer.stop == "max_tokens"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>", id="a page"),
        pytest.param(b'{"error":{"message":"x"}}', id="an error"),
        pytest.param(b'{"object":"response","status":"failed","output":[]}', id="a failure"),
        pytest.param(b'{"object":"response","output":[],"error":{"code":"x"}}', id="with an error"),
        pytest.param(b'{"object":"response"}', id="no output"),
    ],
)
def test_what_is_no_answer_is_none(body: bytes) -> None:
    assert RESPONSES_CODEC.read_answer(body, []) is None


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(b"", id="cut off"),
        pytest.param(b'data: {"type":"response.failed"}\n\n', id="failed"),
        pytest.param(b'event: error\ndata: {"error":{"message":"x"}}\n\n', id="an error event"),
    ],
)
def test_a_stream_that_broke_off_never_finishes(last: bytes) -> None:
    begun = stream("added", "delta", "done")
    data = begun[: begun.index(b"event: response.completed")] + last
    assert fold(decoded(data)) is None
    assert not any(isinstance(event, Finished) for event in decoded(data))


names = st.sampled_from(
    [
        *[f"{name}.{step}" for name, _, _ in DELTAS for step in ("delta", "done")],
        *["response.output_item.added", "response.output_item.done", "response.content_part.done"],
        *["response.created", "response.completed", "response.incomplete", "", "x"],
    ]
)
items = st.sampled_from([*ITEMS, {}, {"type": "reasoning"}, {"type": "message", "content": "x"}])
fields = st.fixed_dictionaries(
    {"type": names},
    optional={
        "output_index": st.integers(-1, 2),
        "content_index": st.integers(-1, 2),
        "summary_index": st.integers(-1, 2),
        "delta": st.text(max_size=3) | st.none() | st.integers(),
        "text": st.text(max_size=3),
        "arguments": st.text(max_size=3),
        "item": items | st.none() | st.integers(),
        "response": st.builds(lambda output: response("completed", output), st.lists(items)),
    },
)


@given(said=st.lists(fields, max_size=10), junk=st.binary(max_size=9))
def test_whatever_comes_is_a_stream_that_can_be_told(said: list[Any], junk: bytes) -> None:
    decoder = RESPONSES_CODEC.decoder()
    found = decoder.feed(SseEvent(junk, junk))
    for event in said:
        found += decoder.feed(SseEvent(b"", json.dumps(event).encode()))
    found += decoder.finish()
    assert sum(isinstance(event, Finished) for event in found) <= 1
    assert sum(isinstance(event, Started) for event in found) <= 1
    begun = [event.index for event in found if isinstance(event, Began)]
    assert begun == list(range(len(begun)))
    fold(found)
