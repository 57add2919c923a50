"""One key of a text is changed, and nothing else in it; what cannot be read is refused."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.editing.edit import Edit, Unreadable
from proxy.editing.formats import FORMATS
from proxy.takeover.merge import taken

JSON, TOML, ENV = FORMATS["json"], FORMATS["toml"], FORMATS["env"]
NEW = '"new"'


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        pytest.param("", ("a", "b"), '{\n  "a": {\n    "b": "new"\n  }\n}\n', id="into nothing"),
        pytest.param('{"a":1}', ("b",), '{"a":1, "b": "new"}', id="in one line, as it is"),
        pytest.param('{"b": 1 }', ("b",), '{"b": "new" }', id="in the place of another value"),
        pytest.param(
            '{\n\t"a": 1 // why\n}\n',
            ("b",),
            '{\n\t"a": 1, // why\n\t"b": "new"\n}\n',
            id="behind the last one's comment, indented as it is",
        ),
        pytest.param(
            '{\r\n  "a": 1,\r\n}',
            ("b",),
            '{\r\n  "a": 1,\r\n  "b": "new",\r\n}',
            id="with a trailing comma where there is one, and the file's line ends",
        ),
        pytest.param(
            '{\n  "e": {},\n  "z": [{"q": 1}]\n}',
            ("e", "b"),
            '{\n  "e": {\n    "b": "new"\n  },\n  "z": [{"q": 1}]\n}',
            id="into an empty object",
        ),
        pytest.param(
            "{ /* none yet */ }",
            ("b",),
            '{ /* none yet */\n  "b": "new"\n}',
            id="behind the comment in an empty object",
        ),
        pytest.param(
            '\ufeff{\n    "a": 1\n}',
            ("n", "b"),
            '\ufeff{\n    "a": 1,\n    "n": {\n        "b": "new"\n    }\n}',
            id="behind a byte order mark, with an object of its own",
        ),
    ],
)
def test_json_put(text: str, path: tuple[str, ...], after: str) -> None:
    assert JSON.put(text, path, NEW) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param('{"b": 1}', "{}", id="the only one"),
        pytest.param('{\n  "b": 1,\n  "c": 2\n}', '{\n  "c": 2\n}', id="the first, with its line"),
        pytest.param('{\n  "a": 1,\n  "b": 1\n}', '{\n  "a": 1\n}', id="the last, with its comma"),
        pytest.param('{"a": 1, "b": 1, "c": 2}', '{"a": 1, "c": 2}', id="one in the middle"),
        pytest.param(
            '{\n  // of b\n  "b": 1, "c": 2}', '{\n  // of b\n  "c": 2}', id="and no comment"
        ),
        pytest.param(
            '{"a": 1, // of a\n "b": 1 // of b\n}',
            '{"a": 1 // of a\n // of b\n}',
            id="the last, between two comments",
        ),
        pytest.param('{"a": 1}', '{"a": 1}', id="one that is not there"),
    ],
)
def test_json_drop(text: str, after: str) -> None:
    assert JSON.drop(text, ("b",)) == after


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"b": 1', "it is no JSON: the end in line 1 stands where } should", id="cut"),
        pytest.param('{"b": x}', "it is no JSON: 'x' in line 1 begins no value", id="a word"),
        pytest.param("{} {}", "it is no JSON: '{' in line 1 is more than one value", id="two"),
        pytest.param("[1]", "the whole file is [1], want an object", id="an array"),
        pytest.param('{"b": 1, "b": 2}', "b is there 2 times, want once", id="a key twice"),
        pytest.param(
            "[" * 200, "it is no JSON: more than 100 brackets in each other", id="too deep"
        ),
    ],
)
def test_json_refused(text: str, message: str) -> None:
    with pytest.raises(Unreadable) as told:
        JSON.put(text, ("b",), NEW)
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("text", "path", "after"),
    [
        pytest.param("", ("b",), 'b = "new"\n', id="into nothing"),
        pytest.param(
            "# mine\na = 1 # one\n\n[t]\nc = 2\n",
            ("b",),
            '# mine\na = 1 # one\nb = "new"\n\n[t]\nc = 2\n',
            id="before the first table",
        ),
        pytest.param(
            "a = 1\r\n", ("t", "u", "b"), 'a = 1\r\n\r\n[t.u]\r\nb = "new"\r\n', id="a new table"
        ),
        pytest.param("t = { c = 1 }\n", ("t", "b"), 't = { c = 1, b = "new"}\n', id="inline"),
        pytest.param("b = 1 # why\n", ("b",), 'b = "new" # why\n', id="in place of another value"),
    ],
)
def test_toml_put(text: str, path: tuple[str, ...], after: str) -> None:
    assert TOML.put(text, path, NEW) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("", "B=new\n", id="into nothing"),
        pytest.param("A=1", "A=1\nB=new\n", id="behind a line that does not end"),
        pytest.param("A=1\r\n", "A=1\r\nB=new\r\n", id="with the file's line ends"),
        pytest.param("# c\nexport B='x' # why\nC=\n", "# c\nB=new\nC=\n", id="in the old place"),
        pytest.param('A="1\nB=2"\n', 'A="1\nB=2"\nB=new\n', id="not inside another value"),
        pytest.param("\ufeffB=1\n", "\ufeffB=new\n", id="behind a byte order mark"),
    ],
)
def test_env_put(text: str, after: str) -> None:
    assert ENV.put(text, ("B",), "B=new") == after


def test_a_variable_set_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="B is set 2 times"):
        ENV.put("B=1\nB=2\n", ("B",), "B=new")


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.sampled_from("abcé\n"), PLAIN, max_size=4)


@given(OBJECTS, st.sampled_from([None, 0, 1, 2, "\t"]), st.booleans())
def test_json_says_the_same_but_for_the_key(
    said: object, indent: int | str | None, crlf: bool
) -> None:
    text = json.dumps(said, indent=indent, ensure_ascii=False)
    text = text.replace("\n", "\r\n") if crlf else text
    after = JSON.put(text, ("new", "key"), NEW)
    assert isinstance(said, dict)
    assert json.loads(after) == {**said, "new": {"key": "new"}}
    assert json.loads(JSON.drop(JSON.drop(after, ("new", "key")), ("new",))) == said
    assert JSON.plain(text) == said


@given(st.text(alphabet=' \n\r\t{}[]:,"/*-1eax\ufeff', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for kind in FORMATS.values():
        try:
            kind.plain(taken(text, [Edit(("a",), "x")], kind))
        except Unreadable:
            continue


KEYS = st.sampled_from(["a", "b", '"c d"'])
LINES = st.lists(
    st.one_of(
        st.builds("{} = {}".format, KEYS, st.sampled_from(["1", '"x"', "[1, 2]", "{ q = 1 }"])),
        st.sampled_from(["# note", "", "[t]", "[t.u]", "[[list]]", "[other]"]),
    ),
    max_size=8,
)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_toml_says_the_same_but_for_the_key(lines: list[str], end: str) -> None:
    text = end.join(lines)
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    after = TOML.put(text, ("new",), NEW)
    assert tomllib.loads(after) == {**said, "new": "new"}
    assert tomllib.loads(TOML.drop(after, ("new",))) == said
