"""A transcript that any wire takes: every call with its one result, and no foreign token."""

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
from proxy.canonical.request import Loss, Request, Turn
from proxy.convert.settle import settled

OURS, THEIRS = Opaque("here", "t"), Opaque("there", "t")
INTERRUPTED = (Text(text="interrupted"),)
IMAGE = Media(kind="image", url="https://x/i.png")

opaques = st.none() | st.sampled_from([OURS, THEIRS])
texts = st.sampled_from(["", " \n", "a"])
results = st.builds(
    ToolResult,
    call_id=st.sampled_from("abc"),
    parts=st.lists(st.builds(Text, text=texts) | st.just(IMAGE), max_size=2).map(tuple),
)
parts = (
    st.builds(Text, text=texts, opaque=opaques)
    | st.builds(Thinking, text=texts, opaque=opaques, redacted=st.booleans())
    | st.builds(
        ToolCall,
        id=st.sampled_from(["a", "b", "c", "a_2", ""]),
        name=st.just("f"),
        arguments=st.just("{}"),
        opaque=opaques,
    )
    | results
)
turns = st.builds(
    Turn,
    role=st.sampled_from(["system", "user", "assistant"]),
    parts=st.lists(parts, max_size=4).map(tuple),
)


def request(*turns: Turn) -> Request:
    return Request(model="m", turns=turns)


def user(*parts: Part) -> Turn:
    return Turn(role="user", parts=parts)


def model(*parts: Part) -> Turn:
    return Turn(role="assistant", parts=parts)


def call(name: str) -> ToolCall:
    return ToolCall(id=name, name=f"tool_{name}", arguments="{}")


def back(name: str, text: str = "done") -> ToolResult:
    """Return a result as a client sends it, without a tool's name."""
    return ToolResult(call_id=name, parts=(Text(text=text),))


def result(name: str, text: str = "done", tool: str | None = None) -> ToolResult:
    """Return the same result as it leaves."""
    return ToolResult(call_id=name, name=f"tool_{tool or name}", parts=(Text(text=text),))


def missing(name: str, tool: str | None = None) -> ToolResult:
    return ToolResult(call_id=name, name=f"tool_{tool or name}", parts=INTERRUPTED, is_error=True)


HELLO, GO_ON = Text(text="hello"), Text(text="go on")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        pytest.param(
            [user(HELLO), model(call("a")), user(back("a"), GO_ON), model(HELLO)],
            [user(HELLO), model(call("a")), user(result("a"), GO_ON), model(HELLO)],
            [],
            id="what is in order stays, and so does a last turn of the assistant",
        ),
        pytest.param(
            [model(call("a"), call("b")), user(back("b"), GO_ON), user(back("a"))],
            [model(call("a"), call("b")), user(result("a"), result("b"), GO_ON)],
            [],
            id="results go directly behind their calls in call order",
        ),
        pytest.param(
            [model(call("a")), Turn(role="system", parts=(HELLO,)), user(back("a"))],
            [model(call("a")), user(result("a")), Turn(role="system", parts=(HELLO,))],
            [],
            id="a system turn does not come between",
        ),
        pytest.param(
            [model(call("a")), model(call("b")), user(back("a")), user(back("b"))],
            [model(call("a"), call("b")), user(result("a"), result("b"))],
            [],
            id="calls in a row are one turn",
        ),
        pytest.param(
            [model(call("a")), user(back("a")), model(call("b")), user(back("b"))],
            [model(call("a")), user(result("a")), model(call("b")), user(result("b"))],
            [],
            id="calls one after the other stay so",
        ),
        pytest.param(
            [model(call("a"), call("b")), user(back("b"), GO_ON)],
            [model(call("a"), call("b")), user(missing("a"), result("b"), GO_ON)],
            [Loss("turns[0].parts[0]", "tool_result", "the call has none")],
            id="an interrupted call has an error for its result",
        ),
        pytest.param(
            [user(HELLO), model(call("a"))],
            [user(HELLO), model(call("a")), user(missing("a"))],
            [Loss("turns[1].parts[0]", "tool_result", "the call has none")],
            id="so has one at the end",
        ),
        pytest.param(
            [user(back("a"), GO_ON)],
            [user(Text(text="done"), GO_ON)],
            [
                Loss(
                    "turns[0].parts[0]",
                    "tool_result",
                    "no call asked for it: told as the user's words",
                )
            ],
            id="a result without a call is told by the user",
        ),
        pytest.param(
            [user(ToolResult(call_id="a", parts=(Text(text=""),)), GO_ON)],
            [user(GO_ON)],
            [Loss("turns[0].parts[0]", "tool_result", "no call asked for it")],
            id="if it says anything",
        ),
        pytest.param(
            [model(call("a")), user(back("a")), user(back("a", "again"))],
            [model(call("a")), user(result("a"), Text(text="again"))],
            [
                Loss(
                    "turns[2].parts[0]",
                    "tool_result",
                    "no call asked for it: told as the user's words",
                )
            ],
            id="a second result is none",
        ),
        pytest.param(
            [model(call("a")), user(back("a")), model(call("a")), user(back("a", "b"))],
            [
                model(call("a")),
                user(result("a")),
                model(ToolCall(id="a_2", name="tool_a", arguments="{}")),
                user(result("a_2", "b", tool="a")),
            ],
            [],
            id="an id that comes again is numbered",
        ),
        pytest.param(
            [model(call("a")), user(HELLO), model(call("a")), user(back("a"))],
            [
                model(call("a")),
                user(missing("a"), HELLO),
                model(ToolCall(id="a_2", name="tool_a", arguments="{}")),
                user(result("a_2", tool="a")),
            ],
            [Loss("turns[0].parts[0]", "tool_result", "the call has none")],
            id="a result belongs to the last call of its id",
        ),
        pytest.param(
            [user(call("a"), HELLO)],
            [user(HELLO)],
            [Loss("turns[0].parts[0]", "tool_call", "in a turn of the user")],
            id="a user calls nothing",
        ),
        pytest.param(
            [user(Text(text=""), HELLO, Text(text=" \n")), model(Text(text=""))],
            [user(HELLO)],
            [],
            id="what says nothing is left out",
        ),
        pytest.param(
            [model(Refusal(text=""), Refusal(text="no")), user(IMAGE)],
            [model(Refusal(text="no")), user(IMAGE)],
            [],
            id="a refusal and an image stay",
        ),
    ],
)
def test_order(before: list[Turn], after: list[Turn], lost: list[Loss]) -> None:
    tidy = settled(request(*before), "here")
    assert (list(tidy.request.turns), list(tidy.losses)) == (after, lost)


FOREIGN = Loss("turns[0].parts[0].opaque", "token", "of another wire")


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        pytest.param(
            Text(text="a", opaque=THEIRS), Text(text="a"), FOREIGN, id="a foreign token goes"
        ),
        pytest.param(
            Text(text="", opaque=OURS), Text(text="", opaque=OURS), None, id="an own one stays"
        ),
        pytest.param(
            Thinking(text="a", opaque=THEIRS),
            Thinking(text="a"),
            FOREIGN,
            id="thinking keeps its text",
        ),
        pytest.param(
            Thinking(opaque=OURS, redacted=True),
            Thinking(opaque=OURS, redacted=True),
            None,
            id="own redacted thinking stays",
        ),
        pytest.param(
            Thinking(opaque=THEIRS, redacted=True),
            None,
            Loss("turns[0].parts[0]", "thinking", "of another wire"),
            id="foreign redacted thinking goes",
        ),
        pytest.param(
            Thinking(opaque=THEIRS),
            None,
            Loss("turns[0].parts[0]", "thinking", "of another wire"),
            id="foreign thinking without text goes",
        ),
        pytest.param(
            Thinking(text=""),
            None,
            Loss("turns[0].parts[0]", "thinking", "without its token"),
            id="thinking with neither goes",
        ),
    ],
)
def test_tokens(before: Part, after: Part | None, lost: Loss | None) -> None:
    tidy = settled(request(model(before)), "here")
    assert tidy.request.turns == (() if after is None else (model(after),))
    assert tidy.losses == (() if lost is None else (lost,))


@pytest.mark.parametrize("opaque", [None, THEIRS])
def test_unsigned_thinking_goes_where_none_is_taken(opaque: Opaque | None) -> None:
    said = (Thinking(text="a", opaque=opaque), Thinking(text="b", opaque=OURS), HELLO)
    tidy = settled(request(model(*said)), "here", keeps_unsigned_thinking=False)
    assert tidy.request.turns == (model(*said[1:]),)
    assert [loss.path for loss in tidy.losses] == ["turns[0].parts[0]"]


def test_a_call_loses_a_foreign_token_and_keeps_its_own() -> None:
    calls = (
        ToolCall(id="a", name="f", arguments="{}", opaque=THEIRS),
        ToolCall(id="b", name="f", arguments="{}", opaque=OURS),
    )
    tidy = settled(request(model(*calls)), "here")
    kept = [one.opaque for one in tidy.request.turns[0].parts if isinstance(one, ToolCall)]
    assert kept == [None, OURS]
    assert tidy.losses[0] == FOREIGN


@given(st.lists(turns, max_size=8), st.booleans())
def test_settling_twice_is_settling_once(said: list[Turn], keeps: bool) -> None:
    once = settled(request(*said), "here", keeps_unsigned_thinking=keeps).request
    twice = settled(once, "here", keeps_unsigned_thinking=keeps)
    assert (twice.request, twice.losses) == (once, ())


@given(st.lists(turns, max_size=8))
def test_every_call_has_one_result_directly_behind_it_in_call_order(said: list[Turn]) -> None:
    after = settled(request(*said), "here").request.turns
    seen: set[str] = set()
    expected: list[str] = []
    for turn in (*after, user()):
        answered = [part.call_id for part in turn.parts if isinstance(part, ToolResult)]
        assert answered == expected
        assert all(isinstance(part, ToolResult) for part in turn.parts[: len(expected)])
        expected = [part.id for part in turn.parts if isinstance(part, ToolCall)]
        assert turn.role == ("user" if answered else "assistant" if expected else turn.role)
        assert seen.isdisjoint(expected)
        assert len(set(expected)) == len(expected)
        seen.update(expected)


@given(st.lists(turns, max_size=8))
def test_no_text_and_no_image_is_lost(said: list[Turn]) -> None:
    def words(turns: tuple[Turn, ...]) -> list[str]:
        found = []
        for turn in turns:
            for part in turn.parts:
                inner = part.parts if isinstance(part, ToolResult) else (part,)
                found += [one.text for one in inner if isinstance(one, Text) and one.text.strip()]
                found += ["an image" for one in inner if isinstance(one, Media)]
        return sorted(found)

    kept = [
        Turn(role=turn.role, parts=tuple(part for part in turn.parts if _may_be_kept(part, turn)))
        for turn in said
    ]
    after = words(settled(request(*kept), "here").request.turns)
    assert [text for text in after if text != "interrupted"] == words(tuple(kept))


def _may_be_kept(part: Part, turn: Turn) -> bool:
    return not isinstance(part, ToolResult) or turn.role == "user"


def test_the_beginning_is_the_same_when_the_conversation_grows() -> None:
    said = [model(call("a")), user(back("a")), model(call("a"), call("a")), user(back("a"))]
    short = settled(request(*said[:2]), "here").request.turns
    long = settled(request(*said), "here").request.turns
    assert long[: len(short)] == short
