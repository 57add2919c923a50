"""What routing needs of a request, and how a key is carried."""

import msgspec

from proxy.canonical import Ask, Session
from proxy.wire import Beginning, Location, begun, decoded, first_count, required
from proxy.wires.chat.schema import Head, Opening

_head = msgspec.json.Decoder(Head)
_text = msgspec.json.Decoder(str)
_opening = msgspec.json.Decoder(Opening)


def read_ask(body: bytes, _: Location) -> Ask:
    """Read model, stream and session.

    Raises:
        ClientError: 400, the body is not a JSON object with a model.
    """
    head = required(_head, body)
    return Ask(
        model=head.model,
        stream=bool(head.stream),
        max_tokens=first_count(head.max_completion_tokens, head.max_tokens),
        session=_session(head.prompt_cache_key),
    )


def beginning(body: bytes) -> Beginning:
    """Return how the conversation began."""
    return begun((decoded(_opening, body) or Opening()).messages)


def _session(key: msgspec.Raw) -> Session | None:
    text = decoded(_text, key)
    return Session(text, "body prompt_cache_key") if text else None


def credentials(key: str) -> list[tuple[bytes, bytes]]:
    """Return the header that carries `key`."""
    return [(b"authorization", b"Bearer " + key.encode())]
