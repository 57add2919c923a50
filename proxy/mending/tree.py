"""The JSON of a request as a tree that may be changed, whatever its wire.

What is not touched is written as it was read: the order of keys, big integers, and the spelling of
each number with a point or an exponent, which is kept as raw JSON.
"""

from collections.abc import Iterator
from typing import cast

import msgspec

from proxy.wire import decoded

Json = None | bool | int | float | str | msgspec.Raw | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]


def _as_spelled(number: str) -> msgspec.Raw:
    return msgspec.Raw(number.encode())


_object = msgspec.json.Decoder(dict[str, object], float_hook=_as_spelled)


def read_tree(body: bytes) -> JsonObject | None:
    """Return the object that `body` holds; `None` if it holds none, or cannot be read."""
    return cast("JsonObject | None", decoded(_object, body))


def written_tree(tree: JsonObject) -> bytes:
    """Return the opposite."""
    return msgspec.json.encode(tree)


def as_object(value: Json) -> JsonObject | None:
    """Return `value` if it is an object."""
    return value if isinstance(value, dict) else None


def as_text(value: Json) -> str:
    """Return `value` if it is a text; nothing that is looked for here is an empty one."""
    return value if isinstance(value, str) else ""


def as_integer(value: Json) -> int | None:
    """Return `value` if it is a whole number, also one that is spelled 1024.0."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, msgspec.Raw):
        number = float(bytes(value))
        return int(number) if number.is_integer() else None
    return None


def each_object(value: Json) -> Iterator[tuple[int, JsonObject]]:
    """Yield the objects in the list `value`, each with its place; none if it is no list."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, dict):
                yield place, item


def key_like(holder: JsonObject, name: str) -> str | None:
    """Return the key of `holder` that is `name`, be it in camelCase or in snake_case."""
    if name in holder:
        return name
    folded = _folded(name)
    return next((key for key in holder if _folded(key) == folded), None)


def object_like(holder: JsonObject, name: str) -> JsonObject | None:
    """Return the object under the key that is `name` in either spelling."""
    key = key_like(holder, name)
    return None if key is None else as_object(holder[key])


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
