"""Schemas for servers that know this vendor's own ones only."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.canonical.parts import Text
from proxy.canonical.request import Format, Loss, Request, Tool, Turn
from proxy.codec import Dialect
from proxy.wires.gemini.codec import GEMINI_CODEC
from proxy.wires.gemini.openapi import to_openapi
from tests.nested import nested

TREE = {
    "type": "object",
    "properties": {"value": {"$ref": "#/$defs/node"}},
    "$defs": {
        "node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "n": {}}}
    },
}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def said(**properties: Any) -> dict[str, Any]:
    return {"type": "OBJECT", "properties": properties}


CASES = [
    pytest.param(
        {"$schema": "x", **of(a={"type": "string", "minLength": 1}), "additionalProperties": False},
        said(a={"type": "STRING", "minLength": 1}),
        "",
        id="types in capitals, and nothing lost that allows no more",
    ),
    pytest.param(
        of(const={"type": "integer"}, type={"type": "string"}, **{"$ref": {"type": "boolean"}}),
        said(const={"type": "INTEGER"}, type={"type": "STRING"}, **{"$ref": {"type": "BOOLEAN"}}),
        "",
        id="names of properties are left alone",
    ),
    pytest.param(
        of(a={"type": ["string", "null"]}, b={"type": ["string", "integer"]}),
        said(
            a={"nullable": True, "type": "STRING"},
            b={"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
        ),
        "",
        id="several types",
    ),
    pytest.param(
        of(a={"const": "x"}, b={"enum": ["x", None]}, c={"enum": [1, 2]}),
        said(
            a={"type": "STRING", "enum": ["x"]},
            b={"nullable": True, "type": "STRING", "enum": ["x"]},
            c={},
        ),
        "enum",
        id="only words can be chosen from",
    ),
    pytest.param(
        of(
            a={"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d"},
            b={"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]},
        ),
        said(
            a={"nullable": True, "type": "STRING", "description": "d"},
            b={"anyOf": [{"type": "STRING"}, {"type": "ARRAY", "items": {"type": "NUMBER"}}]},
        ),
        "",
        id="one of several",
    ),
    pytest.param(
        {
            "allOf": [of(a={"type": "string"}), {"required": ["a", "gone"]}],
            "required": ["b"],
            "properties": {"b": {"type": "string"}},
        },
        {
            "type": "OBJECT",
            "properties": {"a": {"type": "STRING"}, "b": {"type": "STRING"}},
            "required": ["b", "a"],
        },
        "",
        id="all of several, and no need for what is not there",
    ),
    pytest.param(
        TREE,
        said(value=said(next={}, n={})),
        "$ref",
        id="what refers to itself ends",
    ),
    pytest.param(
        of(
            a={"type": "number", "exclusiveMinimum": 0, "format": "double"},
            b={"type": "string", "format": "date-time"},
        ),
        said(a={"type": "NUMBER"}, b={"type": "STRING", "format": "date-time"}),
        "exclusiveMinimum, format",
        id="what cannot be said",
    ),
]


@pytest.mark.parametrize(("schema", "written", "lost"), CASES)
def test_a_schema(schema: dict[str, Any], written: dict[str, Any], lost: str) -> None:
    losses: list[Loss] = []
    raw = to_openapi(msgspec.json.encode(schema).decode(), "here", losses)
    assert raw is not None
    assert msgspec.json.decode(raw) == written
    assert losses == ([Loss("here", lost, "this provider's schemas cannot say it")] if lost else [])


def test_no_arguments_are_no_schema() -> None:
    assert to_openapi('{"type":"object","properties":{}}', "here", []) is None


def test_what_grows_without_end_or_goes_too_deep_is_lost() -> None:
    defs = {
        f"d{n}": of(a={"$ref": f"#/$defs/d{n + 1}"}, b={"$ref": f"#/$defs/d{n + 1}"})
        for n in range(40)
    }
    growing = msgspec.json.encode({"$ref": "#/$defs/d0", "$defs": defs}).decode()
    deep = '{"type":"array","items":' * 5000 + "{}" + "}" * 5000
    losses: list[Loss] = []
    assert to_openapi(growing, "a", losses) is not None
    assert to_openapi(deep, "b", losses) is None
    assert [(loss.path, loss.what) for loss in losses] == [("a", "$ref"), ("b", "schema")]


KEYS = [
    *["type", "properties", "items", "anyOf", "oneOf", "allOf", "const", "enum", "$ref", "$defs"],
    *["required", "format", "nullable"],
]
leaves = st.none() | st.booleans() | st.sampled_from(["object", "array", "null", "#", "#/$defs/a"])
schemas = nested(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "a"]), inner)
    ),
)


@given(schema=st.dictionaries(st.sampled_from(KEYS), schemas))
def test_any_json_gives_a_schema_or_none(schema: dict[str, Any]) -> None:
    raw = to_openapi(msgspec.json.encode(schema).decode(), "here", [])
    assert raw is None or isinstance(msgspec.json.decode(raw), dict)


@pytest.mark.parametrize("json_schemas", [True, False])
def test_where_schemas_stand(json_schemas: bool) -> None:
    schema = msgspec.json.encode(of(a={"type": "string"})).decode()
    request = Request(
        model="g",
        turns=(Turn(role="user", parts=(Text(text="hi"),)),),
        tools=(Tool(name="f", schema=schema), Tool(name="g", schema='{"type":"object"}')),
        format=Format(schema=schema),
    )
    written = GEMINI_CODEC.write_request(request, Dialect(json_schemas=json_schemas))
    body = msgspec.json.decode(written.body)
    f, g = body["tools"][0]["functionDeclarations"]
    config = body["generationConfig"]
    if json_schemas:
        assert f == {"name": "f", "parametersJsonSchema": of(a={"type": "string"})}
        assert config["responseJsonSchema"] == of(a={"type": "string"})
    else:
        assert f == {"name": "f", "parameters": said(a={"type": "STRING"})}
        assert g == {"name": "g"}
        assert config["responseSchema"] == said(a={"type": "STRING"})
    assert config["responseMimeType"] == "application/json"
    assert written.losses == ()
