"""Where a prompt is cut, for each wire, and that reading on gives what reading all gives."""

import json
from collections.abc import Sequence

import pytest

from proxy.record.prompt import Prompt, prompt
from proxy.wires import WIRES

BILLING = "x-anthropic-billing-header: cc_version=2.1.329; cch=ab12c;"
TOOLS = '[{"name": "a"}, {"name": "b"}]'


def body(**fields: str) -> bytes:
    return ("{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}").encode()


def pieces(cut: Prompt | None) -> list[str] | None:
    return None if cut is None else [one.decode() for one in (*cut.before, *cut.turns())]


@pytest.mark.parametrize(
    ("wire", "request_body", "expected"),
    [
        pytest.param(
            "anthropic",
            body(
                model='"m"',
                messages='[{"role": "user"},\n {"role": "assistant"} ]',
                system=json.dumps([{"text": BILLING}, {"text": "é"}], ensure_ascii=False),
                tools=TOOLS,
            ),
            [TOOLS, '{"text": "é"}', '{"role": "user"}', '{"role": "assistant"}'],
            id="anthropic: tools, blocks but that of billing, messages",
        ),
        pytest.param(
            "anthropic",
            body(system='"one"', messages='[{"role":"user"}]', tools="null"),
            ['"one"', '{"role":"user"}'],
            id="a system prompt may be a text",
        ),
        pytest.param(
            "chat",
            body(messages='[{"role":"system"},{"role":"user"}]', tools=TOOLS),
            [TOOLS, '{"role":"system"}', '{"role":"user"}'],
            id="chat: tools, messages",
        ),
        pytest.param(
            "responses",
            body(instructions='"i"', input='[{"type":"message"}, {"x":1}]', tools=TOOLS),
            [TOOLS, '"i"', '{"type":"message"}', '{"x":1}'],
            id="responses: tools, instructions, items",
        ),
        pytest.param("responses", body(input='"hello"'), ['"hello"'], id="the input may be a text"),
        pytest.param(
            "responses",
            body(input='"hello"', previous_response_id='"resp_1"'),
            None,
            id="not known where the provider has the rest",
        ),
        pytest.param(
            "gemini",
            body(
                contents='[{"parts": []}]', system_instruction='{"parts": [1]}', tools='[{"f": 1}]'
            ),
            ['[{"f": 1}]', '{"parts": [1]}', '{"parts": []}'],
            id="gemini: tools, system instruction, contents",
        ),
        pytest.param(
            "gemini",
            body(contents="[{}]", cachedContent='"cachedContents/1"'),
            None,
            id="not known where a cache was named",
        ),
        pytest.param(
            "anthropic",
            body(tools='[{"schema": {"messages": [1]}}]', messages='[{"a": 1}]'),
            ['[{"schema": {"messages": [1]}}]', '{"a": 1}'],
            id="a schema may have a property of that name, before",
        ),
        pytest.param(
            "anthropic",
            body(messages='[{"a": 1}]', tools='[{"messages": [1]}]'),
            ['[{"messages": [1]}]', '{"a": 1}'],
            id="and after",
        ),
        pytest.param(
            "anthropic",
            b'{"messages": [{"a": 1}], "messages": [{"b": 2}]}',
            ['{"b": 2}'],
            id="of what is there twice the last one counts",
        ),
        pytest.param(
            "anthropic", body(x=r'"\"messages\": [{}"', messages="[]"), [], id="there may be none"
        ),
        pytest.param("anthropic", body(messages="[1, 2]"), ["1", "2"], id="whatever they are"),
        pytest.param("anthropic", body(messages="{}"), ["{}"], id="even no list"),
        pytest.param("anthropic", b"{}", [], id="nothing is no prompt"),
        pytest.param("anthropic", b"", None, id="no body"),
        pytest.param("anthropic", b'{"messages": [{"a": 1}', None, id="half a body"),
        pytest.param("anthropic", b'{"messages": [{"a": 1}x]}', None, id="no JSON"),
        pytest.param("anthropic", b"[" * 100_000, None, id="no bottom"),
        pytest.param("anthropic", b'{"messages": [{"a": "\xff"}]}', ['{"a": "\udcff"}'], id="bad"),
    ],
)
def test_pieces(wire: str, request_body: bytes, expected: list[str] | None) -> None:
    found = prompt(WIRES[wire].order, request_body)
    got = found and [
        one.decode(errors="surrogateescape") for one in (*found.before, *found.turns())
    ]
    assert got == expected


def conversation(turns: Sequence[str], head: str = "m", tail: str = "t") -> bytes:
    said = ",".join(f'{{"text":"{turn}"}}' for turn in turns)
    return f'{{"model":"{head}","messages":[{said}],"tools":["{tail}"]}}'.encode()


@pytest.mark.parametrize(
    ("earlier", "later", "same"),
    [
        pytest.param("ab", "abc", 2, id="it has grown"),
        pytest.param("ab", "ab", 2, id="the same again"),
        pytest.param("abcdefgh", "abcxefgh", 3, id="another turn in the middle"),
        pytest.param("abcdefgh", "abc", 3, id="back to an earlier turn"),
        pytest.param("abc", "xbc", 0, id="from the first on"),
        pytest.param("", "a", 0, id="there was none"),
        pytest.param("a", "", 0, id="there is none"),
    ],
)
def test_reading_on(earlier: str, later: str, same: int) -> None:
    order = WIRES["anthropic"].order
    first = prompt(order, conversation(earlier))
    other = prompt(order, conversation("zyx"))
    new = conversation(later, head="another model", tail="others")
    assert first is not None
    assert other is not None
    found, fresh = prompt(order, new, [first, other]), prompt(order, new)
    assert found is not None
    assert fresh is not None
    assert (found.same, found.of if same else 0) == (same, 0)
    assert pieces(found) == pieces(fresh)
    assert (found.start, found.spans) == (fresh.start, fresh.spans)


def test_what_shows_no_end_is_not_relied_on() -> None:
    order = WIRES["anthropic"].order
    short = prompt(order, b'{"messages":[1]}')
    assert short is not None
    assert pieces(prompt(order, b'{"messages":[12]}', [short])) == ["12"]
