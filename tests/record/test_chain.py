"""What a chain says of two prompts, and what it does not say of one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.record.chain import (
    MAX_LINKS,
    Chained,
    Link,
    bare,
    chain,
    chained,
    packed,
    thinned,
    unpacked,
)
from proxy.wires import WIRES

SECRET = b"of this installation"
MARK = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
PIECES = st.lists(st.binary(max_size=40), max_size=12)
TEXTS = st.lists(st.text(max_size=20), max_size=6)
WHERE = {name: (wire.order.before[0], wire.order.turns) for name, wire in WIRES.items()}


def body(wire: str, tools: list[str], turns: list[str], head: str = "") -> bytes:
    before, after = WHERE[wire]
    said = [{"role": "user", "content": turn} for turn in turns]
    return json.dumps({"head": head, after: said, before: tools}).encode()


def links(wire: str, request_body: bytes, *, secret: bytes = SECRET) -> tuple[Link, ...]:
    found = chained(secret, WIRES[wire].order, request_body)
    assert found is not None
    return found.links


@pytest.mark.parametrize(
    ("wire", "request_body", "expected"),
    [
        (
            "anthropic",
            b'{"messages":[{"role":"user","content":"hi"}],"system":[{"text":"s"}],"tools":[{}]}',
            "rgty96VIvwAEAAAAMBPBwPMWsTwQAAAAW+sI2GXukK8uAAAA",
        ),
        (
            "chat",
            b'{"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]}',
            "Bm4AJd24Y9UfAAAAB06KJmfe3kM9AAAA",
        ),
        (
            "responses",
            b'{"instructions":"s","input":[{"type":"message"}],"tools":[{}]}',
            "rgty96VIvwAEAAAAcTLK+GQbZJAHAAAAU0fZOZCDiDIZAAAA",
        ),
        (
            "gemini",
            b'{"contents":[{"parts":[]}],"systemInstruction":{},"tools":[{}]}',
            "rgty96VIvwAEAAAAWrYlNaD/RQ8GAAAAUf0STt7kUTUSAAAA",
        ),
    ],
)
def test_chains_of_other_versions_can_be_compared(
    wire: str, request_body: bytes, expected: str
) -> None:
    assert packed(links(wire, request_body)) == expected


@given(PIECES, st.binary(max_size=40))
def test_a_prompt_with_a_turn_more_begins_with_the_chain(pieces: list[bytes], more: bytes) -> None:
    short, long = chain(SECRET, pieces), chain(SECRET, [*pieces, more])
    assert long[:-1] == short
    assert chain(SECRET, [more], short) == long


@given(PIECES.filter(bool), st.data())
def test_a_change_changes_every_link_from_there_on(
    pieces: list[bytes], data: st.DataObject
) -> None:
    where = data.draw(st.integers(0, len(pieces) - 1))
    other = [*pieces[:where], pieces[where] + b"x", *pieces[where + 1 :]]
    before, after = chain(SECRET, pieces), chain(SECRET, other)
    assert before[:where] == after[:where]
    both = zip(before[where:], after[where:], strict=True)
    assert all(one.hash64 != another.hash64 for one, another in both)


@given(PIECES.filter(bool))
def test_another_secret_gives_other_hashes(pieces: list[bytes]) -> None:
    ours, theirs = chain(SECRET, pieces), chain(b"of another", pieces)
    assert [link.chars for link in ours] == [link.chars for link in theirs]
    assert {link.hash64 for link in ours}.isdisjoint(link.hash64 for link in theirs)


@given(
    wire=st.sampled_from(sorted(WIRES)),
    tools=TEXTS,
    turns=TEXTS,
    others=TEXTS,
    more=TEXTS,
    same=st.booleans(),
)
def test_what_is_known_already_changes_nothing(
    wire: str, tools: list[str], turns: list[str], others: list[str], more: list[str], *, same: bool
) -> None:
    order = WIRES[wire].order
    known = [
        chained(SECRET, order, body(wire, tools if same else more, turns)),
        chained(SECRET, order, body(wire, tools, others, head="longer")),
    ]
    earlier = [one for one in known if one is not None]
    new = body(wire, tools, [*turns, *more])
    found = chained(SECRET, order, new, earlier)
    assert found is not None
    assert found.links == links(wire, new)


def test_no_text_is_in_it() -> None:
    text = packed(links("chat", body("chat", ["a tool"], ["a word that nobody may read"] * 200)))
    assert text is not None
    assert all(word not in text for word in ("tool", "word", "nobody", "read"))


def message(content: Any, role: str = "user") -> bytes:
    return json.dumps({"role": role, "content": content}).encode()


TEXT = {"type": "text", "text": 'say "cache_control": {} and\\ } ] }'}
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": [TEXT]}


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        pytest.param([RESULT, TEXT | MARK], [RESULT, TEXT], id="at a block's end"),
        pytest.param([RESULT, MARK | TEXT], [RESULT, TEXT], id="at its beginning"),
        pytest.param([RESULT | MARK], [RESULT], id="around other blocks"),
        pytest.param([TEXT | {"cache_control": None}], [TEXT], id="none"),
        pytest.param([TEXT | MARK], TEXT["text"], id="a text that became a list to be marked"),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["dense", "spaced"])
def test_marks_do_not_count(marked: Any, plain: Any, separators: tuple[str, str]) -> None:
    one, other = (
        json.dumps({"role": "user", "content": content}, separators=separators).encode()
        for content in (marked, plain)
    )
    assert bare(one) == bare(other)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param([RESULT, TEXT], id="two blocks"),
        pytest.param([TEXT, TEXT], id="two texts"),
        pytest.param([], id="none"),
        pytest.param([{"type": "text", "text": "a", "citations": []}], id="a text with more"),
    ],
)
def test_all_else_counts(content: Any) -> None:
    assert bare(message(content)) == message(content)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 127, 128, 129, 1000, 5000])
def test_thinned(count: int) -> None:
    every = tuple(Link(number, number) for number in range(1, count + 1))
    kept = thinned(every)
    assert len(kept) == min(count, MAX_LINKS)
    assert list(kept) == sorted(set(kept))
    assert kept[:8] == every[:8]
    assert kept[-40:] == every[-40:]
    powers = {1 << bit for bit in range(13) if 1 << bit <= count}
    assert powers <= {link.hash64 for link in kept}


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)), max_size=64))
def test_packed(pairs: list[tuple[int, int]]) -> None:
    some = tuple(Link(*pair) for pair in pairs)
    text = packed(some)
    assert unpacked(text or "") == some
    assert text is None or len(text) == 16 * len(some)


def test_what_cannot_be_packed_is_not_known() -> None:
    assert packed([Link(1, 2**32)]) is None
    with pytest.raises(ValueError, match="12 bytes"):
        unpacked("AAAA")


def test_a_long_secret_will_do() -> None:
    assert chain(b"s" * 99, [b"a"]) == chain(b"s" * 64, [b"a"])


def test_characters_are_counted_not_bytes() -> None:
    assert chain(SECRET, ["é😀".encode(), b"\xff!"])[-1].chars == 4


def test_what_is_not_known_has_no_chain() -> None:
    assert chained(SECRET, WIRES["chat"].order, b"nothing") is None


def test_two_of_the_same_are_two() -> None:
    order = WIRES["chat"].order
    one, other = (chained(SECRET, order, b"{}") for _ in range(2))
    assert isinstance(one, Chained)
    assert one != other
