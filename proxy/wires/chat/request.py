"""What routing needs of a request, and how a key is carried."""

import msgspec

from proxy.canonical import Ask, Session
from proxy.errors import ClientError
from proxy.wire import Location
from proxy.wires.chat.schema import Head

_head = msgspec.json.Decoder(Head)
_text = msgspec.json.Decoder(str)


def read_ask(body: bytes, _: Location) -> Ask:
    """Read model, stream and session.

    Raises:
        ClientError: 400, the body is not a JSON object with a model.
    """
    try:
        head = _head.decode(body)
    except msgspec.DecodeError as exc:
        raise ClientError(400, f"The request body cannot be used: {exc}") from exc
    return Ask(model=head.model, stream=bool(head.stream), session=_session(head.prompt_cache_key))


def _session(key: msgspec.Raw) -> Session | None:
    try:
        text = _text.decode(key) if bytes(key) else ""
    except msgspec.DecodeError:
        return None
    return Session(text, "body prompt_cache_key") if text else None


def credentials(key: str) -> list[tuple[bytes, bytes]]:
    """Return the header that carries `key`."""
    return [(b"authorization", b"Bearer " + key.encode())]
