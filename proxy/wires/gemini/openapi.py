"""From JSON Schema to this vendor's schemas, for servers that know these only.

They are a part of OpenAPI 3.0, in the vendor's own spelling: `facts/wires.md`, section 2. Names of
properties are left alone, whatever keyword they are like.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec

from proxy.canonical.request import Loss
from proxy.wire import decoded
from proxy.wires.gemini.dialect import Json

Object = dict[str, Json]

_KEPT = frozenset(
    {
        *("type", "title", "description", "nullable", "pattern", "default", "example"),
        *("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"),
        *("minimum", "maximum", "required", "enum", "format", "propertyOrdering"),
    }
)
_SAYS_NOTHING = frozenset(
    {"$schema", "$id", "$defs", "definitions", "additionalProperties", "$ref"}
)
_FORMATS: Sequence[Json] = ("enum", "date-time")
_DEFINITIONS = "#/"
_LONGEST = 64
# Definitions that refer to each other twice each would double with every step.
_MOST_REFERENCES = 1000
_schema = msgspec.json.Decoder(dict[str, msgspec.Raw])


def to_openapi(schema: str, path: str, losses: list[Loss]) -> msgspec.Raw | None:
    """Return `schema`, which stands at `path`, in the vendor's words; `None` if it allows nothing.

    What those cannot say is left out, one loss for all of it: the schema then allows more.
    """
    if decoded(_schema, schema) is None:
        losses.append(Loss(path, "schema", "it is no JSON object"))
        return None
    try:
        whole = cast("Object", msgspec.json.decode(schema))
        writing = _Writing(whole)
        written = writing.written(whole, ())
    except RecursionError:
        losses.append(Loss(path, "schema", "it is too deep"))
        return None
    if writing.lost:
        names = ", ".join(sorted(writing.lost))
        losses.append(Loss(path, names[:_LONGEST], "this provider's schemas cannot say it"))
    if written.get("type") == "OBJECT" and not written.get("properties"):
        return None
    return msgspec.Raw(msgspec.json.encode(written))


class _Writing:
    """One schema as it is written; `lost` names the keywords that are gone."""

    def __init__(self, whole: Object) -> None:
        self._whole = whole
        self.lost: set[str] = set()
        self._references = 0

    def written(self, schema: Json, within: tuple[str, ...]) -> Object:
        """Return `schema`; `within` are the definitions that it stands in."""
        if not isinstance(schema, dict):
            return {}
        flat, within = self._flat(schema, within)
        written: Object = {}
        for key, value in flat.items():
            match key, value:
                case "type", _:
                    _write_type(value, written)
                case "properties", dict():
                    written[key] = {name: self.written(one, within) for name, one in value.items()}
                case "items", dict():
                    written[key] = self.written(value, within)
                case "anyOf" | "oneOf", list():
                    self._write_any(value, written, within)
                case "const" | "enum", _:
                    self._write_enum(value if isinstance(value, list) else [value], written)
                case _:
                    self._keep(key, value, written)
        return _completed(written)

    def _flat(self, schema: Object, within: tuple[str, ...]) -> tuple[Object, tuple[str, ...]]:
        """Return `schema` with what it refers to, and all that it must be besides, put in."""
        flat: Object = {}
        ref = schema.get("$ref")
        if isinstance(ref, str):
            self._references += 1
            found = None if ref in within else self._defined(ref)
            if found is None or self._references > _MOST_REFERENCES:
                self.lost.add("$ref")
            else:
                flat, within = self._flat(found, (*within, ref))
        flat = {**flat, **schema}
        every = flat.pop("allOf", None)
        for one in every if isinstance(every, list) else []:
            if isinstance(one, dict):
                more, within = self._flat(one, within)
                flat = _joined(flat, more)
        return flat, within

    def _defined(self, ref: str) -> Object | None:
        found: Json = self._whole
        if not ref.startswith(_DEFINITIONS):
            return None
        for step in ref.removeprefix(_DEFINITIONS).split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None

    def _write_any(self, schemas: list[Json], written: Object, within: tuple[str, ...]) -> None:
        said = [one for one in schemas if not _is_null(one)]
        if len(said) < len(schemas):
            written["nullable"] = True
        if len(said) == 1:
            for key, value in self.written(said[0], within).items():
                written.setdefault(key, value)
        elif said:
            written["anyOf"] = [self.written(one, within) for one in said]

    def _write_enum(self, values: list[Json], written: Object) -> None:
        words = [value for value in values if isinstance(value, str)]
        if None in values:
            written["nullable"] = True
        if len(words) == len([value for value in values if value is not None]):
            written.setdefault("type", "STRING")
            written["enum"] = list(words)
        else:
            self.lost.add("enum")

    def _keep(self, key: str, value: Json, written: Object) -> None:
        if key in _KEPT and (key != "format" or value in _FORMATS):
            written[key] = value
        elif key not in _SAYS_NOTHING:
            self.lost.add(key)


def _write_type(value: Json, written: Object) -> None:
    names = value if isinstance(value, list) else [value]
    types: list[Json] = [name.upper() for name in names if isinstance(name, str)]
    if len(types) > 1 and "NULL" in types:
        types.remove("NULL")
        written["nullable"] = True
    if len(types) == 1:
        written["type"] = types[0]
    elif types:
        written["anyOf"] = [{"type": one} for one in types]


def _is_null(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _joined(one: Object, other: Object) -> Object:
    """Return a schema of what must be both: the properties of either, else the first that says."""
    joined = {**other, **one}
    mine, theirs = one.get("properties"), other.get("properties")
    if isinstance(mine, dict) and isinstance(theirs, dict):
        joined["properties"] = {**theirs, **mine}
    needed = [*_listed(one.get("required")), *_listed(other.get("required"))]
    if needed:
        joined["required"] = list(dict.fromkeys(needed))
    return joined


def _listed(value: Json) -> Iterator[str]:
    yield from (one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _completed(written: Object) -> Object:
    """Return the schema with its type, and without needed properties that it has not.

    The vendor refuses both.
    """
    properties = written.get("properties")
    if properties is not None or "items" in written:
        written.setdefault("type", "ARRAY" if properties is None else "OBJECT")
    known: Mapping[str, Json] = properties if isinstance(properties, dict) else {}
    if "required" in written:
        needed: list[Json] = [name for name in _listed(written.pop("required")) if name in known]
        if needed:
            written["required"] = needed
    return written
