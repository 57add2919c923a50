"""What routing needs of a request, and how a key is carried."""

import re
from dataclasses import replace
from urllib.parse import quote, unquote

import msgspec

from proxy.canonical import Ask
from proxy.wire import ABSENT, Beginning, Located, Location, decoded, first_count, required, texts
from proxy.wires.gemini.schema import Body, Bounds, Opening, Spoken, System

_body = msgspec.json.Decoder(Body)
_bounds = msgspec.json.Decoder(Bounds)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_opening = msgspec.json.Decoder(Opening)
_system = msgspec.json.Decoder(System)
_spoken = msgspec.json.Decoder(Spoken)
_NAME = "model"
_COUNTED = ("generateContentRequest", "generate_content_request")
_CALL = re.compile(r"/models/(?P<model>[^/:]+(?::[^/:]+)?):(?P<verb>\w+)$")


def read_ask(body: bytes, location: Location) -> Ask:
    """Read model and stream from the path.

    A stream without `alt=sse` is one JSON array, which is relayed as a whole answer.

    Raises:
        ClientError: 400, the body is not a JSON object.
    """
    said = required(_body, body)
    call = _CALL.search(location.path)
    if call is None:
        return Ask()
    streams = call["verb"] == "streamGenerateContent" and location.query.get("alt") == "sse"
    return Ask(model=unquote(call[_NAME]), stream=streams, max_tokens=_most(said))


def _most(said: Body) -> int | None:
    bounds = decoded(_bounds, said.config_camel) or decoded(_bounds, said.config_snake) or Bounds()
    return first_count(bounds.most_camel, bounds.most_snake)


def with_model(body: bytes, location: Location, model: str) -> Located:
    """Return the request for `model`, which stands in its path, and in some bodies as well.

    Raises:
        ClientError: 400, the body is not a JSON object.
    """
    call = _CALL.search(location.path)
    if call is None or unquote(call[_NAME]) == model:
        return Located(body, location)
    path = location.path[: call.start(_NAME)] + quote(model, safe="")
    path += location.path[call.end(_NAME) :]
    return Located(_renamed(body, model), replace(location, path=path))


def beginning(body: bytes) -> Beginning:
    """Return how the conversation began; a count may be of a request inside its own."""
    opening = decoded(_opening, body) or Opening()
    counted = opening.counted_camel or opening.counted_snake
    if counted is not None:
        opening = counted
    system = opening.system_camel, opening.system_snake
    said = next((raw for raw in system if bytes(raw) not in ABSENT), msgspec.Raw())
    held = decoded(_system, said)
    spoken = (decoded(_spoken, raw) for raw in opening.contents)
    first = next((one for one in spoken if one is not None and one.role in {None, "user"}), None)
    return Beginning(
        texts(held.parts if isinstance(held, System) else said),
        () if first is None else texts(first.parts),
    )


def _renamed(body: bytes, model: str) -> bytes:
    """Return `body` with `model` wherever one is named: not in most, for the path says it."""
    if b'"model"' not in body:
        return body
    said = required(_fields, body)
    changed = {
        key: msgspec.Raw(_renamed(bytes(said[key]), model)) for key in _COUNTED if key in said
    }
    if _NAME in said:
        changed[_NAME] = msgspec.Raw(msgspec.json.encode(f"models/{model}"))
    return msgspec.json.encode({**said, **changed}) if changed else body


def credentials(key: str) -> list[tuple[bytes, bytes]]:
    """Return the header that carries `key`."""
    return [(b"x-goog-api-key", key.encode())]
