"""How many tokens a request has."""

import base64
import subprocess
import sys

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
from proxy.canonical.request import Format, Request, Tool, Turn
from proxy.counting import Estimate, estimate
from proxy.counting.vocabulary import count
from tests.counting.pictures import image, png

GPT = "gpt-6-astra"
SCHEMA = '{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}'


def asked(*turns: Turn, model: str = GPT, **more: object) -> Request:
    return msgspec.structs.replace(Request(model=model, turns=turns), **more)


def user(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


HI = user(Text(text="hello world"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # OpenAI's cookbook, "How to count tokens with tiktoken", section 5.
        pytest.param("antidisestablishmentarianism", 6, id="a long word"),
        pytest.param("2 + 2 = 4", 7, id="a sum"),
        pytest.param("お誕生日おめでとう", 8, id="Japanese"),
        pytest.param("tiktoken is great!", 6, id="a sentence"),
        pytest.param("", 0, id="nothing"),
        pytest.param("<|endoftext|>", 7, id="a special token is text"),
        pytest.param("\0\ufffd", 2, id="odd characters"),
    ],
)
def test_texts_of_known_length(text: str, tokens: int) -> None:
    assert count([text]) == tokens
    assert count([text, text]) == 2 * tokens


REQUEST, TURN, BLOCK = 3, 4, 12
FRAME = REQUEST + TURN
SEALED = Opaque("responses", "A" * 2000)


@pytest.mark.parametrize(
    ("request_", "tokens"),
    [
        pytest.param(asked(HI), FRAME + 2, id="text"),
        pytest.param(
            asked(Turn(role="system", parts=(Text(text="hello world"),)), HI),
            FRAME + TURN + 4,
            id="instructions",
        ),
        pytest.param(asked(user(Refusal(text="hello world"))), FRAME + 2, id="a refusal"),
        pytest.param(asked(user(Thinking(text="hello world"))), FRAME + 2, id="thinking"),
        pytest.param(
            asked(user(Thinking(opaque=SEALED))), FRAME + (1500 - 650) // 4, id="sealed thinking"
        ),
        pytest.param(
            asked(user(Thinking(text="a" * 80, opaque=SEALED))),
            FRAME + 10 + (1500 - 650 - 80) // 4,
            id="thinking of which a part is shown",
        ),
        pytest.param(
            asked(user(Thinking(text="hello world", opaque=Opaque("anthropic", "c2ln")))),
            FRAME + 2,
            id="a signature is none",
        ),
        pytest.param(
            asked(user(ToolCall(id="a", name="hello", namespace="hello", arguments="hello world"))),
            FRAME + BLOCK + 4,
            id="a call",
        ),
        pytest.param(
            asked(
                user(ToolResult(call_id="a", parts=(Text(text="hello world"), image(png(64, 64)))))
            ),
            FRAME + BLOCK + 2 + 5,
            id="a result with a picture",
        ),
        pytest.param(
            asked(user(Media(kind="text", data="hello world", title="hello"))),
            FRAME + 3,
            id="a document",
        ),
        pytest.param(
            asked(HI, tools=(Tool(name="hello", description="hello world", schema="{}"),)),
            FRAME + 2 + 12 + BLOCK + 4,
            id="a tool",
        ),
        pytest.param(
            asked(HI, tools=(Tool(name="hello", custom=True, grammar="hello world"),)),
            FRAME + 2 + 12 + BLOCK + 3,
            id="a free-form tool",
        ),
        pytest.param(
            asked(HI, tools=(Tool(name="hello", server="hello world", wire="anthropic"),)),
            FRAME + 2 + 12 + 735 + 3,
            id="a tool that runs at the provider",
        ),
        pytest.param(
            asked(HI, format=Format(name="hello", schema="hello world")),
            FRAME + 2 + BLOCK + 3,
            id="the form of the answer",
        ),
        pytest.param(
            asked(user(Text(text="<|endoftext|><|im_start|>"))), FRAME + 12, id="special tokens"
        ),
    ],
)
def test_all_that_is_read_is_counted(request_: Request, tokens: int) -> None:
    assert estimate(request_) == Estimate(tokens, "o200k_base")


@pytest.mark.parametrize(
    ("model", "estimated"),
    [
        pytest.param(GPT, Estimate(1007, "o200k_base"), id="exact for OpenAI"),
        pytest.param("claude-haiku-4-5", Estimate(1307, "o200k_base*1.3"), id="Claude"),
        pytest.param("claude-opus-5-5", Estimate(1707, "o200k_base*1.7"), id="newer Claude"),
        pytest.param("gemini-3.8-pro", Estimate(1207, "o200k_base*1.2"), id="Gemini"),
        pytest.param("", Estimate(1157, "o200k_base*1.15"), id="whatever it is"),
    ],
)
def test_other_tokenizers_give_more(model: str, estimated: Estimate) -> None:
    assert estimate(asked(user(Text(text=" hello" * 1000)), model=model)) == estimated


def test_it_is_not_below_what_the_vendor_counts() -> None:
    """Anthropic, Token counting: 14 tokens, and 403 with a tool (read 2026-11)."""
    system = Turn(role="system", parts=(Text(text="You are a scientist"),))
    bare = asked(system, user(Text(text="Hello, Claude")), model="claude-opus-4-6")
    weather = Tool(
        name="get_weather",
        description="Get the current weather in a given location",
        schema='{"type":"object","properties":{"location":{"type":"string","description":'
        '"The city and state, e.g. San Francisco, CA"}},"required":["location"]}',
    )
    question = user(Text(text="What's the weather like in San Francisco?"))
    tooled = asked(question, model="claude-opus-4-6", tools=(weather,))
    assert 14 <= estimate(bare).tokens <= 14 + 10
    assert 403 <= estimate(tooled).tokens <= 403 * 1.1


def test_system_tools_and_pictures_are_most_of_it() -> None:
    """A project that left them out counted 93 percent too few (CLIProxyAPI#679)."""
    system = Turn(role="system", parts=(Text(text="You are careful. " * 500),))
    tools = tuple(
        Tool(name=f"t{n}", description="Does it. " * 50, schema=SCHEMA) for n in range(20)
    )
    shot = user(Text(text="hello world"), image(png(1024, 1024)))
    bare = estimate(asked(HI)).tokens
    assert estimate(asked(system, HI)).tokens - bare >= 2000
    assert estimate(asked(HI, tools=tools)).tokens - bare >= 20 * 150
    assert estimate(asked(shot)).tokens - bare == 1229
    whole = estimate(asked(system, shot, tools=tools)).tokens
    assert bare < 0.01 * whole


texts = st.text(max_size=200)
media = st.builds(
    Media,
    kind=st.sampled_from(["image", "document", "text"]),
    media_type=st.none() | st.sampled_from(["image/png", "application/pdf", "text/plain"]),
    data=st.none() | texts | st.binary(max_size=99).map(lambda b: base64.b64encode(b).decode()),
    title=st.none() | texts,
)
opaques = st.none() | st.builds(Opaque, wire=texts, payload=texts)
parts = st.one_of(
    st.builds(Text, text=texts, opaque=opaques),
    st.builds(Thinking, text=texts, opaque=opaques),
    st.builds(ToolCall, id=texts, name=texts, arguments=texts, opaque=opaques),
    st.builds(
        ToolResult,
        call_id=texts,
        parts=st.lists(st.builds(Text, text=texts) | media, max_size=3).map(tuple),
    ),
    st.builds(Refusal, text=texts),
    media,
)
turns = st.builds(
    Turn,
    role=st.sampled_from(["system", "user", "assistant"]),
    parts=st.lists(parts, max_size=3).map(tuple),
)
tools = st.builds(Tool, name=texts, description=st.none() | texts, schema=st.none() | texts)
models = st.sampled_from([GPT, "claude-haiku-4-5", "claude-opus-5-5", "gemini-3.8-pro", "glm-5"])
requests = st.builds(
    Request,
    model=models,
    turns=st.lists(turns, max_size=3).map(tuple),
    tools=st.lists(tools, max_size=3).map(tuple),
)


@given(requests, turns, parts, tools, texts)
def test_whatever_is_added_never_makes_it_less(
    request_: Request, turn: Turn, part: Part, tool: Tool, schema: str
) -> None:
    replace = msgspec.structs.replace
    tokens = estimate(request_).tokens
    assert tokens > 0
    assert estimate(replace(request_, turns=(*request_.turns, turn))).tokens > tokens
    assert estimate(replace(request_, tools=(*request_.tools, tool))).tokens > tokens
    assert estimate(replace(request_, format=Format(schema=schema))).tokens > tokens
    longer = replace(turn, parts=(*turn.parts, part))
    added = [replace(request_, turns=(*request_.turns, more)) for more in (turn, longer)]
    assert estimate(added[0]).tokens <= estimate(added[1]).tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param(
            "def answer(question: str) -> str:\n    return question\n" * 9000, 117_000, id="code"
        ),
        pytest.param("a" * 500_000, 62_500, id="one letter"),
        pytest.param(" " * 500_000, 3907, id="blanks"),
        pytest.param("A1b2/+" * 83_000, 415_000, id="like base64"),
        pytest.param("<|endoftext|>" * 38_000, 228_001, id="special tokens"),
    ],
)
def test_half_a_megabyte_of_anything(text: str, tokens: int) -> None:
    """Where time is not linear, one of these takes minutes."""
    assert estimate(asked(user(Text(text=text)))).tokens == FRAME + tokens


def test_no_vocabulary_is_loaded_before_it_is_needed() -> None:
    program = (
        "import proxy.counting, toktok; assert not toktok._CACHE;"
        "proxy.counting.vocabulary.count(['a']); assert toktok._CACHE"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  # this interpreter
