"""Every tool keeps to the rules on its way, and is called by its own name on the way back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.answer import Answer, Began, Ended, Event, Finished, Piece, Signed
from proxy.canonical.fold import fold, unfold
from proxy.canonical.parts import Opaque, Text, ToolCall, ToolResult
from proxy.canonical.request import Loss, Request, Tool, ToolChoice, Turn
from proxy.codec import ToolRules
from proxy.convert.tools import Fitted, fit
from tests.convert.fake import ANYTHING, STRICT

SCHEMA = '{"type":"object"}'
LONG = "mcp__a-server-with-a-name__and_a_tool_with_a_longer_one"
INPUT = '{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}'
PATCH = Tool(name="apply_patch", description="Edit.", custom=True, grammar='{"syntax":"lark"}')
SEARCH = Tool(name="web_search", server='{"type":"web_search"}', wire="other")

UNSAID = ToolChoice()

name_texts = st.text("ab_-.é1", max_size=40)
spaces = st.none() | st.text("ab_", max_size=3)
tools = st.builds(
    Tool, name=name_texts, namespace=spaces, custom=st.booleans(), schema=st.just(SCHEMA)
)
rules = st.builds(
    ToolRules,
    max_name_chars=st.integers(16, 40),
    name_chars=st.sampled_from(["A-Za-z0-9_-", "A-Za-z0-9_.:-"]),
    custom=st.booleans(),
    namespaces=st.booleans(),
)


def request(
    *offered: Tool, turns: tuple[Turn, ...] = (), tool_choice: ToolChoice = UNSAID
) -> Request:
    return Request(model="m", turns=turns, tools=offered, tool_choice=tool_choice)


def sent_name(tool: Tool, *others: Tool) -> str:
    return fit(request(*others, tool), STRICT).request.tools[-1].name


def stream(fitted: Fitted, told: list[Event]) -> list[Event]:
    restorer = fitted.names.restorer()
    return [one for event in told for one in restorer.restored(event)]


@given(st.lists(tools, max_size=8), rules)
def test_sent_names_keep_to_the_rules_and_never_collide(
    offered: list[Tool], rules: ToolRules
) -> None:
    sent = fit(request(*offered), rules).request.tools
    for tool in sent:
        assert len(tool.name) <= rules.max_name_chars
        assert re.fullmatch(f"[{rules.name_chars}]+", tool.name)
        assert rules.custom or not tool.custom
        assert rules.namespaces or tool.namespace is None
    assert len({(tool.namespace, tool.name) for tool in sent}) == len(sent)
    assert len(sent) == len({(tool.namespace or None, tool.name) for tool in offered})


@given(st.lists(tools, max_size=8), rules, st.text(max_size=20))
def test_a_call_by_a_sent_name_comes_back_as_the_clients_own(
    offered: list[Tool], rules: ToolRules, text: str
) -> None:
    """The calls of a history, made again by the model as they were sent, are what they were."""
    unique = {(tool.namespace or None, tool.name): tool for tool in offered}.items()
    first: dict[tuple[str | None, str], bool] = {}
    for tool in offered:
        first.setdefault((tool.namespace or None, tool.name), tool.custom)
    calls = tuple(
        ToolCall(id=f"c{at}", name=name, namespace=space, arguments=text, custom=first[space, name])
        for at, ((space, name), _) in enumerate(unique)
    )
    said = Turn(role="assistant", parts=calls)
    fitted = fit(request(*offered, turns=(said,)), rules)
    answer = Answer(parts=fitted.request.turns[0].parts, stop="tool_call")
    assert fitted.names.restored_answer(answer).parts == calls


@given(tools, st.lists(tools, max_size=6))
def test_a_name_is_the_same_whatever_else_is_on_offer(tool: Tool, others: list[Tool]) -> None:
    alone = sent_name(tool)
    identity = (tool.namespace or None, tool.name)
    others = [one for one in others if (one.namespace or None, one.name) != identity]
    flat = {sent_name(one) for one in others}
    assert sent_name(tool, *others) == alone or (tool.namespace and alone in flat)


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        pytest.param(Tool(name="Bash"), "Bash", id="a name that fits is sent as it is"),
        pytest.param(
            Tool(name=LONG), "mcp__a-server-with-a_hde5f8d9bb9", id="a long one is cut and hashed"
        ),
        pytest.param(Tool(name="a.b"), "a_b_h", id="a character that is not allowed is replaced"),
        pytest.param(Tool(name="1st"), "_1st_h", id="none begins with a digit"),
        pytest.param(Tool(name=""), "__h", id="a name there is"),
        pytest.param(
            Tool(name="x_h0123456789"), "x_h0123456789_h", id="one that looks hashed is hashed"
        ),
        pytest.param(Tool(name="run", namespace="ns"), "ns__run", id="a group is flattened"),
    ],
)
def test_sent_name(tool: Tool, name: str) -> None:
    sent = sent_name(tool)
    assert sent == name or (name.endswith("_h") and re.fullmatch(f"{name}[0-9a-f]{{10}}", sent))


def test_only_a_flattened_name_that_meets_another_is_hashed() -> None:
    flat, grouped = Tool(name="ns__run"), Tool(name="run", namespace="ns")
    fitted = fit(request(flat, grouped), STRICT)
    assert fitted.request.tools[0].name == "ns__run"
    assert re.fullmatch("ns__run_h[0-9a-f]{10}", fitted.request.tools[1].name)


def test_groups_and_free_form_tools_stay_where_they_are_allowed() -> None:
    offered = (PATCH, Tool(name="run", namespace="ns", schema=SCHEMA))
    assert fit(request(*offered), ANYTHING).request.tools == offered


def test_a_free_form_tool_becomes_a_function() -> None:
    history = (
        Turn(
            role="assistant",
            parts=(ToolCall(id="c", name="apply_patch", arguments='a\n"b"', custom=True),),
        ),
        Turn(
            role="user",
            parts=(ToolResult(call_id="c", parts=(Text(text="ok"),), custom=True),),
        ),
    )
    fitted = fit(request(PATCH, turns=history), STRICT)
    grammar = 'The input must keep to this grammar: {"syntax":"lark"}'
    function = Tool(name="apply_patch", description=f"Edit.\n\n{grammar}", schema=INPUT)
    assert fitted.request.tools == (function,)
    assert fitted.losses == (
        Loss("tools[0].grammar", "apply_patch", "told in the description only"),
    )
    call, result = (turn.parts[0] for turn in fitted.request.turns)
    assert call == ToolCall(id="c", name="apply_patch", arguments='{"input":"a\\n\\"b\\""}')
    assert result == ToolResult(call_id="c", name="apply_patch", parts=(Text(text="ok"),))


def test_results_and_choice_are_renamed_with_their_tool() -> None:
    history = (
        Turn(role="assistant", parts=(ToolCall(id="c", name=LONG, arguments="{}"),)),
        Turn(role="user", parts=(ToolResult(call_id="c", parts=(), name=LONG),)),
        Turn(role="user", parts=(ToolResult(call_id="gone", parts=(), name=f"{LONG}!"),)),
    )
    choice = ToolChoice(mode="tool", name=LONG)
    offered = (Tool(name=LONG, schema=SCHEMA), Tool(name=f"{LONG}!", schema=SCHEMA))
    fitted = fit(request(*offered, turns=history, tool_choice=choice), STRICT).request
    sent = fitted.tools[0].name
    assert fitted.tool_choice == ToolChoice(mode="tool", name=sent)
    named = (part for turn in fitted.turns for part in turn.parts)
    names = [part.name for part in named if isinstance(part, ToolCall | ToolResult)]
    assert names == [sent, sent, fitted.tools[1].name]


def test_a_tool_named_twice_is_offered_once() -> None:
    twice = Tool(name="Bash", description="second")
    fitted = fit(request(Tool(name="Bash"), twice), STRICT)
    assert fitted.request.tools == (Tool(name="Bash"),)
    assert fitted.losses == (Loss("tools[1]", "Bash", "a tool of this name is on offer"),)


GONE = Loss("tools[0]", "web_search", "a server tool of another wire")
BASH = Tool(name="Bash", schema=SCHEMA)


@pytest.mark.parametrize(
    ("offered", "choice", "sent", "losses"),
    [
        pytest.param(
            (SEARCH, BASH),
            ToolChoice(mode="tool", name="web_search", parallel=False),
            ToolChoice(mode="auto", parallel=False),
            (GONE, Loss("tool_choice", "tool", "the tool is not on offer")),
            id="a tool that was left out cannot be chosen",
        ),
        pytest.param(
            (SEARCH,),
            ToolChoice(mode="required"),
            ToolChoice(),
            (GONE, Loss("tool_choice", "required", "no tool is left to call")),
            id="nothing is required where nothing is left",
        ),
        pytest.param(
            (),
            ToolChoice(mode="none", parallel=True),
            ToolChoice(),
            (),
            id="no choice is told without tools",
        ),
        pytest.param(
            (SEARCH, BASH),
            ToolChoice(mode="required"),
            ToolChoice(mode="required"),
            (GONE,),
            id="another choice stays",
        ),
    ],
)
def test_choice(
    offered: tuple[Tool, ...], choice: ToolChoice, sent: ToolChoice, losses: tuple[Loss, ...]
) -> None:
    fitted = fit(request(*offered, tool_choice=choice), STRICT, "this")
    assert (fitted.request.tool_choice, fitted.losses) == (sent, losses)


def test_a_server_tool_stays_at_home() -> None:
    choice = ToolChoice(mode="tool", name="web_search")
    fitted = fit(request(SEARCH, tool_choice=choice), STRICT, "other")
    assert fitted.request == request(SEARCH, tool_choice=choice)
    assert not fitted.losses


def test_a_free_form_call_is_held_until_it_has_ended() -> None:
    fitted = fit(request(PATCH, BASH), STRICT)
    token = Opaque("w", "t")
    bash = ToolCall(id="b", name="Bash", arguments="")
    told: list[Event] = [
        Began(index=0, part=ToolCall(id="a", name="apply_patch", arguments="")),
        Piece(index=0, text='{"inp'),
        Began(index=1, part=bash),
        Piece(index=1, text="{}"),
        Signed(index=0, opaque=token),
        Piece(index=0, text='ut":"x\\ny"}'),
        Ended(0),
        Ended(1),
        Finished(stop="tool_call"),
    ]
    assert stream(fitted, told) == [
        Began(index=0, part=ToolCall(id="a", name="apply_patch", arguments="", custom=True)),
        Began(index=1, part=bash),
        Piece(index=1, text="{}"),
        Signed(index=0, opaque=token),
        Piece(index=0, text="x\ny"),
        Ended(0),
        Ended(1),
        Finished(stop="tool_call"),
    ]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        pytest.param('{"input":"x"}', "x", id="as the schema says"),
        pytest.param('{"input":"x","why":1}', "x", id="what is too much is left out"),
        pytest.param('{"patch":"x"}', '{"patch":"x"}', id="another key is taken as it stands"),
        pytest.param("*** Begin", "*** Begin", id="no JSON at all is taken as it stands"),
        pytest.param("{}", "", id="nothing is nothing"),
        pytest.param("", "", id="no text is nothing"),
    ],
)
def test_the_input_of_a_free_form_call(arguments: str, text: str) -> None:
    names = fit(request(PATCH), STRICT).names
    call = ToolCall(id="a", name="apply_patch", arguments=arguments)
    answer = Answer(parts=(call,), stop="tool_call")
    expected = ToolCall(id="a", name="apply_patch", arguments=text, custom=True)
    assert names.restored_answer(answer).parts == (expected,)


def test_an_invented_name_passes() -> None:
    answer = Answer(parts=(ToolCall(id="a", name="Invented", arguments="{}"), Text(text="t")))
    fitted = fit(request(PATCH), STRICT)
    assert fitted.names.restored_answer(answer) == answer
    assert stream(fitted, list(unfold(answer))) == list(unfold(answer))


@given(st.lists(st.tuples(tools, st.text(max_size=5)), max_size=5))
def test_a_restored_stream_is_the_restored_answer(said: list[tuple[Tool, str]]) -> None:
    fitted = fit(request(*(tool for tool, _ in said)), STRICT)
    names = [tool.name for tool in fitted.request.tools]
    calls = (
        ToolCall(id="a", name=name, arguments=f'{{"input":"{text}"}}')
        for name, (_, text) in zip(names, said, strict=False)
    )
    answer = Answer(parts=tuple(calls), stop="tool_call")
    assert fold(stream(fitted, list(unfold(answer)))) == fitted.names.restored_answer(answer)


def test_calls_by_one_id_are_told_apart() -> None:
    alike = tuple(ToolCall(id=name, name="Bash", arguments="{}") for name in ("a", "a", "a_2", "a"))
    answer = Answer(parts=alike, stop="tool_call")
    names = fit(request(Tool(name="Bash", schema=SCHEMA)), STRICT).names
    restored = names.restored_answer(answer)
    ids = [part.id for part in restored.parts if isinstance(part, ToolCall)]
    assert ids == ["a", "a_2", "a_2_2", "a_3"]
    restorer = names.restorer()
    told = [one for event in unfold(answer) for one in restorer.restored(event)]
    assert fold(told) == restored


def test_a_call_that_never_ended_is_told_before_the_end() -> None:
    told: list[Event] = [
        Began(index=0, part=ToolCall(id="a", name="apply_patch", arguments="")),
        Piece(index=0, text='{"input":"x"}'),
        Finished(stop="end"),
    ]
    restored = stream(fit(request(PATCH), STRICT), told)
    assert restored[1:] == [Piece(index=0, text="x"), Finished(stop="end")]
