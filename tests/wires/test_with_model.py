"""The same request for another model: nothing else of it changes, not even the spelling."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.errors import ClientError
from proxy.wire import Located, Location
from proxy.wires import WIRES
from tests.nested import nested

NAMED = ("anthropic", "chat", "responses")
PLACE = Location("/v1/x", {"beta": "true"})
CALL = "/v1beta/models/{}:streamGenerateContent"
_raws = msgspec.json.Decoder(dict[str, msgspec.Raw])


def asking(wire: str, model: str, body: bytes, place: Location = PLACE) -> Located:
    return WIRES[wire].with_model(body, place, model)


@pytest.mark.parametrize("wire", NAMED)
@pytest.mark.parametrize(
    ("body", "after"),
    [
        pytest.param(b'{"model":"a","n":1}', b'{"model":"b","n":1}', id="at the start"),
        pytest.param(b'{"n":1,"model":"a"}', b'{"n":1,"model":"b"}', id="at its place"),
        pytest.param(
            b' {\n "model" : "a" ,\t"n": [ 1.0,  1e2 ] }\n',
            b'{"model":"b","n":[ 1.0,  1e2 ]}',
            id="what a value has of spaces stays",
        ),
        pytest.param(
            b'{"model":"a","x":{"model":"a"}}',
            b'{"model":"b","x":{"model":"a"}}',
            id="only that of the request itself",
        ),
        pytest.param(
            b'{"x":"{\\"model\\":\\"a\\"}","model":"a"}',
            b'{"x":"{\\"model\\":\\"a\\"}","model":"b"}',
            id="a text that looks like one stays",
        ),
        pytest.param(
            b'{"model":"c","n":1,"model":"a"}', b'{"model":"b","n":1}', id="given twice, then once"
        ),
        pytest.param(b'{"mod\\u0065l":"a"}', b'{"model":"b"}', id="a key in another spelling"),
        pytest.param(
            b'{"model":"a","n":123456789012345678901234567890,"s":"\\u00e9\xc3\xa9"}',
            b'{"model":"b","n":123456789012345678901234567890,"s":"\\u00e9\xc3\xa9"}',
            id="big numbers and escapes stay as they are",
        ),
        pytest.param(b'{"model":null}', b'{"model":"b"}', id="where it was null"),
        pytest.param(b'{"n":1}', b'{"n":1,"model":"b"}', id="where none was named"),
    ],
)
def test_another_model(wire: str, body: bytes, after: bytes) -> None:
    assert asking(wire, "b", body) == Located(after, PLACE)


@pytest.mark.parametrize("wire", NAMED)
@pytest.mark.parametrize("body", [b' {"n":1, "model" : "b"} ', b'{"model":"a","model":"\\u0062"}'])
def test_for_the_same_model_it_is_the_same_object(wire: str, body: bytes) -> None:
    assert asking(wire, "b", body).body is body


@pytest.mark.parametrize("wire", NAMED)
@pytest.mark.parametrize("body", [b"", b"[]", b'\xef\xbb\xbf{"model":"a"}', b'{"model":"a"'])
def test_what_cannot_be_read_is_refused(wire: str, body: bytes) -> None:
    with pytest.raises(ClientError, match="cannot be used"):
        asking(wire, "b", body)


@pytest.mark.parametrize(
    ("path", "model", "after"),
    [
        pytest.param(CALL.format("a"), "b", CALL.format("b"), id="in the path"),
        pytest.param(CALL.format("a:free"), "b", CALL.format("b"), id="one with a colon"),
        pytest.param(CALL.format("a"), "x/b?c d", CALL.format("x%2Fb%3Fc%20d"), id="with escapes"),
        pytest.param(CALL.format("x%2fb"), "x/b", CALL.format("x%2fb"), id="the same, escaped"),
        pytest.param("/v1beta/models", "b", "/v1beta/models", id="a path without one"),
        pytest.param(
            "/v1/models/models:countTokens", "b", "/v1/models/b:countTokens", id="a strange name"
        ),
    ],
)
def test_gemini_names_it_in_the_path(path: str, model: str, after: str) -> None:
    place, body = Location(path, {"alt": "sse"}), b'{"contents":[]}'
    found = asking("gemini", model, body, place)
    assert found == Located(body, Location(after, {"alt": "sse"}))
    assert found.body is body


@pytest.mark.parametrize(
    ("body", "after"),
    [
        pytest.param(
            b'{"generateContentRequest": {"model":"models/a", "contents":[ ]}}',
            b'{"generateContentRequest":{"model":"models/b","contents":[ ]}}',
            id="a count of a request",
        ),
        pytest.param(b'{"model":"models/a"}', b'{"model":"models/b"}', id="beside its contents"),
        pytest.param(b'{"tools": [{"model":1}]}', b'{"tools": [{"model":1}]}', id="a tool's"),
    ],
)
def test_gemini_names_it_in_some_bodies_as_well(body: bytes, after: bytes) -> None:
    assert asking("gemini", "b", body, Location(CALL.format("a"), {})).body == after


values = nested(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["model", "a", "é", '"']), inner, max_size=3),
)  # fmt: skip
objects = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), values, max_size=4)
spelling = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 0, 3])}
)
models = st.text(st.characters(codec="utf-8", exclude_characters=":/"), min_size=1)


@given(st.sampled_from(NAMED), objects, objects, models, models, spelling)
def test_all_but_the_model_keeps_its_bytes(
    wire: str, before: Any, behind: Any, old: str, new: str, spelled: dict[str, Any]
) -> None:
    said = {**before, "model": old, **{k: v for k, v in behind.items() if k != "model"}}
    body = json.dumps(said, **spelled).encode()
    found = asking(wire, new, body)
    was, now = _raws.decode(body), _raws.decode(found.body)
    assert list(now) == list(was)
    assert {**now, "model": was["model"]} == was
    assert WIRES[wire].read_ask(found.body, found.location).model == new
    assert json.loads(found.body) == {**said, "model": new}


@given(objects, models, models)
def test_all_but_the_path_of_gemini_stays(said: Any, old: str, new: str) -> None:
    said.pop("model", None)
    body = json.dumps(said).encode()
    before = asking("gemini", old, body, Location(CALL.format("m"), {}))
    found = asking("gemini", new, before.body, before.location)
    assert found.body is body
    assert WIRES["gemini"].read_ask(body, found.location).model == new
