"""What routing needs of a request, and how a key is carried."""

import msgspec

from proxy.canonical import Ask, Session
from proxy.wire import Beginning, Location, begun, decoded, first_count, required, texts
from proxy.wires.anthropic.schema import Head, Metadata, Opening, UserId

_head = msgspec.json.Decoder(Head)
_metadata = msgspec.json.Decoder(Metadata)
_user_id = msgspec.json.Decoder(UserId)
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
        max_tokens=first_count(head.max_tokens),
        session=_session(head.metadata),
    )


def beginning(body: bytes) -> Beginning:
    """Return how the conversation began."""
    opening = decoded(_opening, body) or Opening()
    return begun(opening.messages, texts(opening.system))


def _session(metadata: msgspec.Raw) -> Session | None:
    """Find the session in `metadata.user_id`: a JSON text, or `…_session_ID` in older clients."""
    named = decoded(_metadata, metadata)
    if named is None or named.user_id is None:
        return None
    user_id = named.user_id
    source = "body metadata.user_id"
    if user_id.startswith("{"):
        told = decoded(_user_id, user_id)
        return Session(told.session_id, source) if told and told.session_id else None
    _, found, session_id = user_id.rpartition("_session_")
    return Session(session_id, source) if found and session_id else None


def credentials(key: str) -> list[tuple[bytes, bytes]]:
    """Return the headers that carry `key`.

    The vendor reads `x-api-key` before `Authorization`, and many relays read only the latter, so
    both carry it, as Claude Code itself does for a key helper. A login token is a Bearer only.
    """
    bearer = (b"authorization", b"Bearer " + key.encode())
    if key.startswith("sk-ant-oat"):
        return [bearer]
    return [(b"x-api-key", key.encode()), bearer]
