"""Requests out of the middle, to Responses providers, and back."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.parts import Media, Opaque, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import (
    Format,
    Loss,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
)
from proxy.canonical.search import WebSearch
from proxy.wires.responses.codec import RESPONSES_CODEC
from tests.wires.responses.turns import COUNT, HERE, HI, LARK, SCHEMA, model, system, user

PNG = Media(kind="image", media_type="image/png", data="QUJD")
MARKED = {"prompt_cache_breakpoint": {"mode": "explicit"}}


def written(request: Request) -> Any:
    return json.loads(RESPONSES_CODEC.write_request(request).body)


def lost(request: Request) -> list[str]:
    return [loss.path for loss in RESPONSES_CODEC.write_request(request).losses]


def test_a_written_request_keeps_nothing_at_the_vendor() -> None:
    said = RESPONSES_CODEC.write_request(
        Request(model="m", turns=(system(HI), user(HI), model(HI)), max_output_tokens=1)
    )
    assert said.path == "/v1/responses"
    assert json.loads(said.body) == {
        "model": "m",
        "instructions": "hi",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "hi", "annotations": []}],
            },
        ],
        "max_output_tokens": 16,
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": False,
    }
    assert said.losses == (Loss("max_output_tokens", "max tokens", "this wire wants 16 at least"),)


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        pytest.param(Request(model="m", turns=(), stop=("x",)), ["stop"], id="stop"),
        pytest.param(
            Request(model="m", turns=(), sampling=Sampling(top_k=1, seed=2, answers=3)),
            ["sampling.top_k", "sampling.seed", "sampling.answers"],
            id="sampling of other wires",
        ),
        pytest.param(
            Request(model="m", turns=(model(Thinking(text="hm"), HI),)),
            ["turns[0].parts[0]"],
            id="reasoning without a token",
        ),
        pytest.param(
            Request(model="m", turns=(model(Thinking(opaque=Opaque("responses", "x"))),)),
            ["turns[0]"],
            id="reasoning that nothing follows",
        ),
        pytest.param(Request(model="m", turns=(), long_context=True), ["long_context"], id="1m"),
        pytest.param(
            Request(model="gpt-6", turns=(), sampling=Sampling(temperature=1, logprobs=True)),
            ["sampling.temperature", "sampling.logprobs"],
            id="sampling of a model that reasons",
        ),
        pytest.param(
            Request(
                model="m",
                turns=(),
                tools=(Tool(name="s", server="{}", wire="anthropic"),),
                tool_choice=ToolChoice(mode="tool", name="s"),
            ),
            ["tools[0]", "tool_choice"],
            id="another vendor's tool, and the choice of it",
        ),
        pytest.param(
            Request(model="m", turns=(), service_tier="standard_only"),
            ["service_tier"],
            id="another vendor's tier",
        ),
        pytest.param(
            Request(model="m", turns=(user(Text(text="x", cache_until="5m")),)),
            ["cache_until"],
            id="cache marks",
        ),
        pytest.param(
            Request(
                model="gpt-6",
                turns=(
                    model(
                        Text(text="x", cache_until="5m"),
                        ToolCall(id="c", name="f", arguments="", cache_until="5m"),
                    ),
                ),
                tools=(Tool(name="f", schema=SCHEMA, cache_until="1h"),),
            ),
            [
                "turns[0].parts[0].cache_until",
                "turns[0].parts[1].cache_until",
                "tools[0].cache_until",
            ],
            id="cache marks on what is no input",
        ),
    ],
)
def test_what_cannot_be_written_is_a_loss(request_: Request, paths: list[str]) -> None:
    assert lost(request_) == paths


def test_an_error_is_told_in_words() -> None:
    parts: tuple[Any, ...] = ((), (Text(text="no file"),), (Text(text="error 5"),), (PNG,))
    failed = [ToolResult(call_id="c", parts=one, is_error=True) for one in parts]
    items = written(Request(model="m", turns=(user(*failed),)))["input"]
    image = {"type": "input_image", "image_url": "data:image/png;base64,QUJD", "detail": "auto"}
    assert [item["output"] for item in items] == [
        "Error",
        "Error: no file",
        "error 5",
        [{"type": "input_text", "text": "Error"}, image],
    ]


def test_ends_of_cached_prefixes() -> None:
    shown = msgspec.structs.replace(PNG, cache_until="5m")
    result = ToolResult(call_id="c", parts=(HI,), cache_until="5m")
    request = Request(
        model="gpt-6", turns=(system(Text(text="s", cache_until="1h")), user(result, shown))
    )
    said = RESPONSES_CODEC.write_request(request)
    assert said.losses == ()
    body = json.loads(said.body)
    assert "instructions" not in body
    assert [item.get("content") or item["output"] for item in body["input"]] == [
        [
            {
                "type": "input_text",
                "text": "s",
                "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"},
            }
        ],
        [{"type": "input_text", "text": "hi", **MARKED}],
        [
            {
                "type": "input_image",
                "image_url": "data:image/png;base64,QUJD",
                "detail": "auto",
                **MARKED,
            }
        ],
    ]
    found = RESPONSES_CODEC.read_request(said.body, HERE).request
    inside = (Text(text="hi", cache_until="5m"),)
    assert found.turns == (
        request.turns[0],
        user(ToolResult(call_id="c", parts=inside), shown),
    )


def test_the_latest_four_of_many_marks_are_said_and_no_other_prefix_is_written() -> None:
    marked = user(*[Text(text="x", cache_until="5m")] * 5)
    said = RESPONSES_CODEC.write_request(Request(model="gpt-6", turns=(marked,)))
    body = json.loads(said.body)
    content = body["input"][0]["content"]
    assert ["prompt_cache_breakpoint" in part for part in content] == [False] + [True] * 4
    assert body["prompt_cache_options"] == {"mode": "explicit"}
    assert [loss.path for loss in said.losses] == ["cache_until"]


def test_long_ids_are_shortened_alike_in_calls_and_results() -> None:
    name = "c" * 100
    request = Request(
        model="m",
        turns=(
            model(ToolCall(id=name, name="f", arguments="")),
            user(ToolResult(call_id=name, parts=())),
        ),
    )
    call, result = written(request)["input"]
    assert call["call_id"] == result["call_id"]
    assert len(call["call_id"]) == 64
    assert call["arguments"] == "{}"


def test_a_nested_grammar_is_written_flat() -> None:
    nested = json.dumps({"type": "grammar", "grammar": {"definition": "d", "syntax": "regex"}})
    tool = Tool(name="x", custom=True, grammar=nested)
    assert written(Request(model="m", turns=(), tools=(tool,)))["tools"] == [
        {
            "type": "custom",
            "name": "x",
            "format": {"type": "grammar", "definition": "d", "syntax": "regex"},
        }
    ]


def test_counting() -> None:
    asked = RESPONSES_CODEC.read_request(b'{"input":"hi"}', COUNT)
    assert asked.request == Request(model="", turns=(user(HI),), counts_only=True)
    said = RESPONSES_CODEC.write_request(
        Request(model="m", turns=(user(HI),), counts_only=True, max_output_tokens=99)
    )
    assert said.path == "/v1/responses/input_tokens"
    assert set(json.loads(said.body)) == {"model", "input"}
    assert RESPONSES_CODEC.write_count is not None
    counted = RESPONSES_CODEC.write_count(7)
    assert json.loads(counted) == {"object": "response.input_tokens", "input_tokens": 7}
    assert RESPONSES_CODEC.read_count(counted) == 7
    assert RESPONSES_CODEC.read_count(b'{"input_tokens":"x"}') is None


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
names = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
texts = words.map(lambda text: Text(text=text))
images = st.builds(
    Media,
    kind=st.just("image"),
    media_type=st.sampled_from(["image/png", "image/webp"]),
    data=st.just("QUJD"),
    detail=st.sampled_from([None, "low", "high"]),
)
files = st.one_of(
    st.builds(
        Media,
        kind=st.just("document"),
        media_type=st.just("application/pdf"),
        data=st.just("QUJD"),
        title=names,
    ),
    st.builds(
        Media, kind=st.just("text"), media_type=st.just("text/plain"), data=words, title=names
    ),
    st.builds(Media, kind=st.just("document"), url=st.just("https://x/y"), title=names),
)
thoughts = st.builds(
    Thinking,
    text=st.text("ab\n", max_size=4),
    opaque=st.builds(
        Opaque, st.just("responses"), names, st.none() | names.map(lambda name: "rs_" + name)
    ),
)
calls = st.one_of(
    st.builds(
        ToolCall,
        id=names,
        name=names,
        arguments=st.just('{"a":1}'),
        namespace=st.none() | st.just("clock"),
    ),
    st.builds(ToolCall, id=names, name=names, arguments=words, custom=st.just(True)),
)
# A result's `custom` is that of its call: here none has one, and it speaks for itself.
results = st.builds(
    ToolResult,
    call_id=names.map(lambda name: "result-" + name),
    parts=st.lists(texts | images | files, max_size=3).map(tuple),
    custom=st.booleans(),
)
model_parts = st.lists(thoughts | texts | calls | words.map(lambda t: Refusal(text=t)), max_size=4)
pairs = st.tuples(
    st.lists(texts, min_size=1, max_size=2).map(lambda parts: system(*parts)) | st.none(),
    st.lists(texts | images | files | results, min_size=1, max_size=4).map(lambda p: user(*p)),
    st.tuples(model_parts, texts | calls).map(lambda both: model(*both[0], both[1])),
)
tools = st.one_of(
    st.builds(
        Tool,
        name=names,
        description=st.none() | words,
        schema=st.just(SCHEMA),
        strict=st.booleans(),
        namespace=st.none() | st.just("clock"),
    ),
    st.builds(Tool, name=names, custom=st.just(True), grammar=st.none() | st.just(LARK)),
    st.just(
        Tool(
            name="web_search",
            server='{"type":"web_search"}',
            wire="responses",
            search=WebSearch(),
        )
    ),
)
requests = st.builds(
    Request,
    model=names,
    turns=st.lists(pairs, min_size=1, max_size=3).map(
        lambda rows: tuple(turn for row in rows for turn in row if turn is not None)
    ),
    stream=st.booleans(),
    tools=st.lists(tools, max_size=4, unique_by=lambda tool: tool.name).map(
        lambda found: tuple(sorted(found, key=lambda tool: tool.namespace or ""))
    ),
    max_output_tokens=st.none() | st.integers(16, 10**6),
    sampling=st.builds(
        Sampling, temperature=st.none() | st.floats(0, 2), top_p=st.none() | st.floats(0, 1)
    ),
    reasoning=st.builds(
        Reasoning,
        effort=st.sampled_from([None, "none", "low", "max"]),
        shown=st.sampled_from([None, True]),
    ),
    format=st.sampled_from([None, Format(), Format(schema=SCHEMA, name="a", strict=True)]),
    user=st.none() | names,
    cache_key=st.none() | names,
    service_tier=st.sampled_from([None, "flex"]),
)


@given(request=requests)
def test_what_this_wire_can_say_comes_back_as_it_was(request: Request) -> None:
    said = RESPONSES_CODEC.write_request(request)
    assert said.losses == ()
    assert RESPONSES_CODEC.read_request(said.body, HERE).request == request


@pytest.mark.parametrize("mode", ["auto", "required", "none", "tool"])
def test_a_tool_choice_comes_back(mode: Any) -> None:
    name = "f" if mode == "tool" else None
    choice = ToolChoice(mode=mode, name=name, parallel=False)
    tool = Tool(name="f", schema=SCHEMA, strict=False)
    request = Request(model="m", turns=(user(HI),), tools=(tool,), tool_choice=choice)
    body = RESPONSES_CODEC.write_request(request).body
    assert RESPONSES_CODEC.read_request(body, HERE).request.tool_choice == choice
