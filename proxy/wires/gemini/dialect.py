"""From this vendor's schemas, a part of OpenAPI 3.0 in its own spelling, to plain JSON Schema.

Source: reference of the type Schema, read 2026-11. Types may be in capitals even where JSON Schema
is asked for: Gemini CLI does so.
"""

import re
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

ANY_ARGUMENTS = '{"type":"object","properties":{}}'
_CAPITAL_TYPE = re.compile(rb'"type"\s*:\s*(?:\[\s*)?"[A-Z]')
_RENAMED: Mapping[str, str] = {
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "max_items": "maxItems",
    "max_length": "maxLength",
    "max_properties": "maxProperties",
    "min_items": "minItems",
    "min_length": "minLength",
    "min_properties": "minProperties",
    "defs": "$defs",
    "ref": "$ref",
}
_UNSAID = {"propertyOrdering", "property_ordering", "nullable"}
_COUNTS = {"maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"}
_ONE = {"items", "additionalProperties", "not", "contains", "if", "then", "else"}
_LISTED = {"anyOf", "oneOf", "allOf", "prefixItems"}
_NAMED = {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}


def json_schema(raw: msgspec.Raw) -> str:
    """Return a JSON Schema as it is, but for types in capitals."""
    if not _CAPITAL_TYPE.search(bytes(raw)):
        return bytes(raw).decode()
    return from_openapi(raw)


def from_openapi(raw: msgspec.Raw) -> str:
    """Return this vendor's schema as a JSON Schema. Names of properties are left alone."""
    schema = cast("Json", msgspec.json.decode(raw))
    return msgspec.json.encode(_plain(schema)).decode()


def _plain(schema: Json) -> Json:
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Json] = {}
    for key, value in schema.items():
        name = _RENAMED.get(key, key)
        if name not in _UNSAID and (name, value) not in _EMPTY:
            plain[name] = _value(name, value)
    if schema.get("nullable") is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
        enum = plain.get("enum")
        if isinstance(enum, list) and None not in enum:
            plain["enum"] = [*enum, None]
    return plain


_EMPTY = [("type", "TYPE_UNSPECIFIED"), ("format", "enum")]


def _value(name: str, value: Json) -> Json:
    if name == "type":
        return _type(value)
    if name in _COUNTS and isinstance(value, str) and value.isdecimal():
        return int(value)  # long integers of protocol buffers are texts
    if name in _ONE:
        return _plain(value)
    if name in _LISTED and isinstance(value, list):
        return [_plain(one) for one in value]
    if name in _NAMED and isinstance(value, dict):
        return _each(_plain, value)
    return value


def _type(value: Json) -> Json:
    if isinstance(value, str):
        return value.lower()
    return [_type(one) for one in value] if isinstance(value, list) else value


def _each(change: Callable[[Json], Json], named: dict[str, Json]) -> dict[str, Json]:
    return {name: change(one) for name, one in named.items()}
