"""What routing needs of a request, and how a key is carried."""

import re

import msgspec

from proxy.canonical import Ask
from proxy.wire import Location, required
from proxy.wires.gemini.schema import Body

_body = msgspec.json.Decoder(Body)
_CALL = re.compile(r"/models/(?P<model>[^/:]+(?::[^/:]+)?):(?P<verb>\w+)$")


def read_ask(body: bytes, location: Location) -> Ask:
    """Read model and stream from the path.

    A stream without `alt=sse` is one JSON array, which is relayed as a whole answer.

    Raises:
        ClientError: 400, the body is not a JSON object.
    """
    required(_body, body)
    call = _CALL.search(location.path)
    if call is None:
        return Ask()
    streams = call["verb"] == "streamGenerateContent" and location.query.get("alt") == "sse"
    return Ask(model=call["model"], stream=streams)


def credentials(key: str) -> list[tuple[bytes, bytes]]:
    """Return the header that carries `key`."""
    return [(b"x-goog-api-key", key.encode())]
