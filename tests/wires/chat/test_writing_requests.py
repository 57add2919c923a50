"""What providers of the chat wire are asked."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.parts import (
    Media,
    Opaque,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from proxy.canonical.request import (
    Format,
    Reasoning,
    Request,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from proxy.codec import PLAIN, Dialect
from proxy.wire import Location
from proxy.wires.chat.codec import CHAT_CODEC

GRAMMAR = '{"type":"grammar","definition":"start: /.+/","syntax":"lark"}'
USER = Turn(role="user", parts=(Text(text="hi"),))
PNG = Media(kind="image", media_type="image/png", data="iVBO")
SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
CALL = ToolCall(id="c1", name="ls", arguments="")
FIRST = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
CALLED = {"role": "assistant", "content": None, "tool_calls": [FIRST]}
TOOL = Tool(name="ls", schema='{"type":"object"}')


def write(
    *turns: Turn, dialect: Dialect = PLAIN, model: str = "m", **fields: Any
) -> tuple[dict[str, Any], list[str]]:
    asked = Request(model=model, turns=turns or (USER,), **fields)
    written = CHAT_CODEC.write_request(asked, dialect)
    assert written.path == "/v1/chat/completions"
    return msgspec.json.decode(written.body), [loss.path for loss in written.losses]


def turn(role: Any, *parts: Part) -> Turn:
    return Turn(role=role, parts=parts)


def result(*parts: Text | Media, is_error: bool | None = None) -> ToolResult:
    return ToolResult(call_id="c1", parts=parts, is_error=is_error)


def returned(text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": "c1", "content": text}


HI = {"role": "user", "content": "hi"}
TURNS = [
    pytest.param(
        [turn("system", Text(text="a"), Text(text="b")), USER, turn("system", Text(text="c"))],
        [{"role": "system", "content": "a\n\nb"}, HI, {"role": "system", "content": "c"}],
        [],
        id="texts are one string, system messages stay where they are",
    ),
    pytest.param(
        [turn("assistant", CALL), turn("user", Text(text="hi"), result(Text(text="x")))],
        [CALLED, returned("x"), HI],
        [],
        id="results come before other words of the same turn",
    ),
    pytest.param(
        [turn("assistant", CALL), turn("system", Text(text="s")), turn("user", result())],
        [CALLED, returned(""), {"role": "system", "content": "s"}],
        [],
        id="results come before what interrupted",
    ),
    pytest.param(
        [
            turn("assistant", CALL, msgspec.structs.replace(CALL, id="c2")),
            turn("user", result(PNG), ToolResult(call_id="c2", parts=(Text(text="y"),))),
            USER,
        ],
        [
            {**CALLED, "tool_calls": [FIRST, {**FIRST, "id": "c2"}]},
            returned("(shown in the next message)"),
            {"role": "tool", "tool_call_id": "c2", "content": "y"},
            {
                "role": "user",
                "content": [{"type": "text", "text": "What tool call c1 returned:"}, SHOWN],
            },
            HI,
        ],
        [],
        id="images of results come after all results",
    ),
    pytest.param(
        [turn("user", result(Text(text="no file"), is_error=True))],
        [returned("Error: no file")],
        [],
        id="an error is told in words",
    ),
    pytest.param(
        [turn("user", result(Text(text="error 5"), is_error=True))],
        [returned("error 5")],
        [],
        id="an error that says so itself is left alone",
    ),
    pytest.param(
        [turn("assistant", Thinking(text="hm"), Text(text="so"), CALL), USER],
        [{**CALLED, "content": "so"}, HI],
        ["turns[0].parts[0]"],
        id="thinking is not shown to providers that take none back",
    ),
    pytest.param(
        [turn("assistant", Thinking(redacted=True)), USER],
        [HI],
        ["turns[0].parts[0]"],
        id="redacted thinking is lost, and with it a turn that has nothing else",
    ),
    pytest.param(
        [turn("assistant", Refusal(text="no"))],
        [{"role": "assistant", "content": None, "refusal": "no"}],
        [],
        id="a refusal",
    ),
    pytest.param(
        [turn("assistant", Text(text="a"), CALL, Text(text="b"))],
        [{**CALLED, "content": "a\n\nb"}],
        ["turns[0].parts[2]"],
        id="text after a call loses its place",
    ),
    pytest.param(
        [
            turn(
                "user",
                PNG,
                Media(kind="image", url="https://x.test/a", detail="low"),
                Media(kind="document", media_type="application/pdf", data="JVBE", title="a.pdf"),
                Media(kind="text", data="words", title="A"),
                Media(kind="document", url="https://x.test/b"),
            )
        ],
        [
            {
                "role": "user",
                "content": [
                    SHOWN,
                    {
                        "type": "image_url",
                        "image_url": {"url": "https://x.test/a", "detail": "low"},
                    },
                    {
                        "type": "file",
                        "file": {
                            "file_data": "data:application/pdf;base64,JVBE",
                            "filename": "a.pdf",
                        },
                    },
                    {"type": "text", "text": "A\n\nwords"},
                ],
            }
        ],
        ["turns[0].parts[4]"],
        id="images and documents; one behind a URL is lost",
    ),
    pytest.param(
        [turn("assistant", PNG, Text(text="a")), turn("system", PNG)],
        [{"role": "assistant", "content": "a"}],
        ["turns[0].parts[0]", "turns[1].parts[0]"],
        id="only users show images",
    ),
]


@pytest.mark.parametrize(("turns", "messages", "losses"), TURNS)
def test_messages(turns: list[Turn], messages: list[Any], losses: list[str]) -> None:
    written, lost = write(*turns)
    assert written["messages"] == messages
    assert lost == losses


REPLAYED = [
    pytest.param(
        [turn("assistant", Thinking(text="hm", opaque=Opaque("chat", "t")), Text(text="so"))],
        [{"role": "assistant", "content": "so", "reasoning_content": "hm"}],
        ["turns[0].parts[0]"],
        id="thinking goes as reasoning_content, its token is lost",
    ),
    pytest.param(
        [turn("assistant", Thinking(text="a"), Thinking(text="b"), CALL)],
        [{**CALLED, "reasoning_content": "a\n\nb"}],
        [],
        id="in a turn of calls",
    ),
    pytest.param(
        [turn("assistant", Thinking(redacted=True), Text(text="so"), CALL)],
        [{**CALLED, "content": "so", "reasoning_content": ""}],
        ["turns[0].parts[0]"],
        id="a turn of calls by another model, whose thinking is not known, has an empty one",
    ),
    pytest.param(
        [turn("assistant", Text(text="so"))],
        [{"role": "assistant", "content": "so"}],
        [],
        id="a turn without calls has none",
    ),
]


@pytest.mark.parametrize(("turns", "messages", "losses"), REPLAYED)
def test_thinking_goes_back_to_who_wants_it(
    turns: list[Turn], messages: list[Any], losses: list[str]
) -> None:
    written, lost = write(*turns, dialect=Dialect(reasoning_content=True))
    assert written["messages"] == messages
    assert lost == losses


MARKED = {"prompt_cache_breakpoint": {"mode": "explicit"}}
SHORT = Text(text="a", cache_until="5m")
SAID = {"type": "text", "text": "a", **MARKED}
MARKS = [
    pytest.param(
        [turn("system", Text(text="x"), SHORT), USER],
        [{"role": "system", "content": [{"type": "text", "text": "x"}, SAID]}, HI],
        [],
        id="a marked text is a part of its own",
    ),
    pytest.param(
        [turn("user", msgspec.structs.replace(PNG, cache_until="5m"))],
        [{"role": "user", "content": [{**SHOWN, **MARKED}]}],
        [],
        id="an image",
    ),
    pytest.param(
        [turn("assistant", SHORT, msgspec.structs.replace(CALL, cache_until="5m"))],
        [{**CALLED, "content": [SAID]}],
        ["turns[0].parts[1].cache_until"],
        id="the model's words, but not its calls",
    ),
    pytest.param(
        [turn("user", ToolResult(call_id="c1", parts=(Text(text="a"),), cache_until="5m"))],
        [{"role": "tool", "tool_call_id": "c1", "content": [SAID]}],
        [],
        id="a result",
    ),
    pytest.param(
        [turn("user", result(SHORT))],
        [{"role": "tool", "tool_call_id": "c1", "content": [SAID]}],
        [],
        id="what a result holds",
    ),
    pytest.param(
        [turn("user", Text(text="a", cache_until="1h"))],
        [{"role": "user", "content": [SAID]}],
        ["turns[0].parts[0].cache_until"],
        id="an hour is longer than this wire knows",
    ),
]


@pytest.mark.parametrize(("turns", "messages", "losses"), MARKS)
def test_ends_of_cached_prefixes(turns: list[Turn], messages: list[Any], losses: list[str]) -> None:
    written, lost = write(*turns, model="gpt-5.6-codex")
    assert written["messages"] == messages
    assert lost == losses
    assert "prompt_cache_options" not in written


def test_the_latest_four_of_many_marks_are_said_and_no_other_prefix_is_written() -> None:
    written, lost = write(*[turn("user", SHORT)] * 5, model="gpt-6")
    contents = [message["content"] for message in written["messages"]]
    assert contents == [[{"type": "text", "text": "a"}], *[[SAID]] * 4]
    assert written["prompt_cache_options"] == {"mode": "explicit"}
    assert lost == ["cache_until"]


@pytest.mark.parametrize(
    ("model", "cache_breakpoints", "said"),
    [
        pytest.param("gpt-5.6", None, True, id="the first that takes them"),
        pytest.param("openai/gpt-6-mini", None, True, id="a later one, by way of a relay"),
        pytest.param("gpt-5.5", None, False, id="an earlier one"),
        pytest.param("gpt-5-2025-08-07", None, False, id="a date is no version"),
        pytest.param("gpt-35-turbo", None, False, id="3.5, as some spell it"),
        pytest.param("gpt-oss-120b", None, False, id="an open one"),
        pytest.param("deepseek-chat", None, False, id="another vendor's"),
        pytest.param("gpt-6", False, False, id="a host that refuses them"),
        pytest.param("in-house", True, True, id="a host that takes them"),
    ],
)
def test_who_is_told_where_prefixes_end(
    model: str, cache_breakpoints: bool | None, said: bool
) -> None:
    dialect = Dialect(cache_breakpoints=cache_breakpoints)
    written, lost = write(turn("user", SHORT), model=model, dialect=dialect)
    assert written["messages"][0]["content"] == ([SAID] if said else "a")
    assert lost == ([] if said else ["cache_until"])


@pytest.mark.parametrize(
    ("model", "effort", "sampling", "said"),
    [
        pytest.param("gpt-4.1", None, None, True, id="one that does not reason"),
        pytest.param("gpt-6", "high", None, False, id="one that reasons"),
        pytest.param("gpt-6", None, None, False, id="one that reasons as much as it likes"),
        pytest.param("gpt-6", "none", None, True, id="one that is told not to"),
        pytest.param("o4-mini", "low", None, False, id="the older ones that reason"),
        pytest.param("gpt-5-chat-latest", None, None, True, id="one for talk"),
        pytest.param("kimi-k2", "high", None, True, id="another vendor's"),
        pytest.param("gpt-6", "high", True, True, id="a host that takes it"),
        pytest.param("kimi-k2", None, False, False, id="a host that refuses it"),
    ],
)
def test_who_is_told_how_to_draw_tokens(
    model: str, effort: Any, sampling: bool | None, said: bool
) -> None:
    written, lost = write(
        model=model,
        dialect=Dialect(sampling=sampling),
        sampling=Sampling(temperature=1.0, top_p=0.95, seed=7),
        reasoning=Reasoning(effort=effort),
    )
    assert written["seed"] == 7
    assert ("temperature" in written, "top_p" in written) == (said, said)
    assert lost == ([] if said else ["sampling.temperature", "sampling.top_p"])


def test_older_servers_know_the_maximum_by_its_retired_name() -> None:
    written, _ = write(dialect=Dialect(max_tokens_key="max_tokens"), max_output_tokens=7)
    assert written == {"model": "m", "messages": [HI], "max_tokens": 7}


FIELDS = [
    pytest.param({}, {}, [], id="the least"),
    pytest.param(
        {"stream": True, "usage_shown": False},
        {"stream": True, "stream_options": {"include_usage": True}},
        [],
        id="usage of a stream is always asked for",
    ),
    pytest.param({"max_output_tokens": 7}, {"max_completion_tokens": 7}, [], id="one limit"),
    pytest.param(
        {"stop": ("a", "b", "c", "d", "e")},
        {"stop": ["a", "b", "c", "d"]},
        ["stop[4:]"],
        id="four stops are taken",
    ),
    pytest.param(
        {"sampling": Sampling(top_k=1, answers=2)},
        {},
        ["sampling.top_k", "sampling.answers"],
        id="no top_k, and one answer",
    ),
    pytest.param(
        {"reasoning": Reasoning(effort="none", shown=True)},
        {"reasoning_effort": "none"},
        ["reasoning.shown"],
        id="no thought, and none to show",
    ),
    pytest.param({"long_context": True}, {}, ["long_context"], id="no long context"),
    pytest.param({"reasoning": Reasoning(budget_tokens=-1)}, {}, [], id="left to the model"),
    pytest.param(
        {"reasoning": Reasoning(effort="low", budget_tokens=4096)},
        {"reasoning_effort": "low"},
        [],
        id="an effort says enough",
    ),
    pytest.param(
        {"format": Format(schema="{}")},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": {}},
            }
        },
        [],
        id="a format without a name is given one",
    ),
    pytest.param({"service_tier": "standard_only"}, {}, ["service_tier"], id="a foreign tier"),
    pytest.param(
        {"tool_choice": ToolChoice(mode="required", parallel=False)},
        {},
        ["tool_choice"],
        id="no choice without tools",
    ),
    pytest.param(
        {
            "tools": (TOOL, Tool(name="web", server="{}", wire="anthropic")),
            "tool_choice": ToolChoice(mode="tool", name="web", parallel=False),
        },
        {
            "tools": [
                {"type": "function", "function": {"name": "ls", "parameters": {"type": "object"}}}
            ],
            "parallel_tool_calls": False,
        },
        ["tools[1]", "tool_choice"],
        id="no server tools, nor the choice of one",
    ),
    pytest.param(
        {"tools": (msgspec.structs.replace(TOOL, cache_until="5m"),)},
        {
            "tools": [
                {"type": "function", "function": {"name": "ls", "parameters": {"type": "object"}}}
            ]
        },
        ["cache_until"],
        id="no cache breakpoints",
    ),
]


@pytest.mark.parametrize(("asked", "said", "losses"), FIELDS)
def test_fields(asked: dict[str, Any], said: dict[str, Any], losses: list[str]) -> None:
    written, lost = write(**asked)
    assert written == {"model": "m", "messages": [HI], **said}
    assert lost == losses


def test_long_names_have_a_short_stand_in_that_stays_the_same() -> None:
    first, lost = write(user="u" * 65, cache_key="k" * 65)
    again, _ = write(user="u" * 65, cache_key="k" * 65)
    assert first == again
    assert (len(first["user"]), len(first["prompt_cache_key"])) == (64, 64)
    assert lost == ["user", "cache_key"]


words = st.text(min_size=1, max_size=5)
texts = st.builds(Text, text=words)
ids = st.sampled_from(["a", "b", "c"])
calls = st.builds(ToolCall, id=ids, name=ids, arguments=st.just('{"p":1}'))
media = st.sampled_from([PNG, Media(kind="image", url="https://x.test/a", detail="high")])
results = st.builds(ToolResult, call_id=ids, parts=st.tuples(texts) | st.just(()))
said = st.tuples(st.builds(Thinking, text=words) | st.none(), texts | st.none(), st.lists(calls))
turns = st.one_of(
    st.builds(Turn, role=st.just("system"), parts=st.tuples(texts)),
    st.builds(Turn, role=st.just("user"), parts=st.tuples(texts) | st.tuples(texts, media)),
    said.map(lambda s: (*(p for p in s[:2] if p), *s[2]))
    .filter(bool)
    .map(lambda parts: Turn(role="assistant", parts=parts)),
)
WHOLE_CALL = msgspec.structs.replace(CALL, arguments="{}")
exchanges = st.tuples(st.just(turn("assistant", WHOLE_CALL)), st.lists(results, min_size=1)).map(
    lambda pair: [pair[0], Turn(role="user", parts=tuple(pair[1]))]
)
optional = st.none() | st.sampled_from([1, 2])
requests = st.builds(
    Request,
    model=words,
    turns=st.lists(turns.map(lambda one: [one]) | exchanges, max_size=5).map(
        lambda runs: tuple(one for run in runs for one in run)
    ),
    stream=st.booleans(),
    tools=st.just((TOOL, Tool(name="e", custom=True, grammar=GRAMMAR))),
    tool_choice=st.builds(
        ToolChoice,
        mode=st.sampled_from(["auto", "required", "none", None]),
        parallel=st.none() | st.booleans(),
    )
    | st.builds(ToolChoice, mode=st.just("tool"), name=st.sampled_from(["ls", "e"])),
    max_output_tokens=optional,
    stop=st.lists(words, max_size=4).map(tuple),
    sampling=st.builds(
        Sampling,
        temperature=st.none() | st.floats(0, 2),
        top_p=st.none() | st.floats(0, 1),
        seed=optional,
        frequency_penalty=st.none() | st.floats(-2, 2),
        presence_penalty=st.none() | st.floats(-2, 2),
        logprobs=st.none() | st.booleans(),
        top_logprobs=optional,
        answers=st.none() | st.just(1),
    ),
    reasoning=st.builds(Reasoning, effort=st.none() | st.sampled_from(["none", "low", "max"])),
    format=st.none()
    | st.just(Format())
    | st.builds(Format, schema=st.just("{}"), name=words, strict=st.none() | st.booleans()),
    user=st.none() | words,
    cache_key=st.none() | words,
    service_tier=st.none() | st.just("flex"),
)


@given(asked=requests)
def test_what_is_written_reads_the_same(asked: Request) -> None:
    written = CHAT_CODEC.write_request(asked, Dialect(reasoning_content=True))
    assert written.losses == ()
    found = CHAT_CODEC.read_request(written.body, Location(written.path, {}))
    assert found.losses == ()
    assert found.request == msgspec.structs.replace(asked, usage_shown=True)
