"""What a request wants of routing, from what the exchange has of it: pure, and cheap."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from proxy.canonical import Ask, Session
from proxy.errors import ClientError
from proxy.routing.asked import Bond
from proxy.routing.implied_session import implied_session
from proxy.routing.models import family
from proxy.routing.network import Network
from proxy.routing.pins import PinKey
from proxy.routing.rules import Selection, selection
from proxy.routing.session import identify
from proxy.routing.types import App
from proxy.steering.wish import Wish
from proxy.wire import Wire

MAX_MODEL_CHARS = 500  # names are remembered with pins, latencies and breakers
_BYTES_PER_TOKEN = 4
_CONTINUES = b'"previous_response_id"'
_CONTINUES_ONE = re.compile(rb'"previous_response_id"\s*:\s*"')
_MARKS: Mapping[str, Mapping[bytes, Bond]] = MappingProxyType(
    {
        "anthropic": {
            b'"signature"': "signature",
            b'"redacted_thinking"': "signature",
            b'"encrypted_content"': "encrypted_reasoning",  # of pages that a search found
            b'"encrypted_index"': "encrypted_reasoning",  # of one of them, where it is cited
        },
        "chat": {
            b'"thought_signature"': "signature",  # Google's
            b'"signature"': "signature",  # OpenRouter's and litellm's
            b'"reasoning_opaque"': "encrypted_reasoning",  # Copilot's
            b'"reasoning.encrypted"': "encrypted_reasoning",  # OpenRouter's
        },
        "responses": {b'"encrypted_content"': "encrypted_reasoning"},
        "gemini": {b'"thoughtSignature"': "signature", b'"thought_signature"': "signature"},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """A request that was let in and read.

    Attributes:
        app: Whose queue serves it, unless a rule says otherwise.
        wire: The client's.
        ask: What the wire read of it.
        body: Decompressed; empty if there is none.
        headers: Names in lower case.
        client_key: The label of the client's key.
        wires: In which it can be served, `None` if in any.
    """

    app: App
    wire: Wire
    ask: Ask
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    client_key: str | None = None
    wires: frozenset[str] | None = None


def wish(posed: Posed, network: Network, secret: bytes, seed: bytes) -> Wish:
    """Return what the request wants.

    Args:
        posed: The request.
        network: Whose providers it may name.
        secret: Of this installation, for sessions that no client names: 64 bytes at most.
        seed: New with each request, 64 bytes at most.

    Raises:
        ClientError: 400, it names a provider that is not there, or a model that cannot be.
    """
    if len(posed.ask.model or "") > MAX_MODEL_CHARS:
        raise ClientError(400, f"The model's name is longer than {MAX_MODEL_CHARS} characters.")
    named = selection(posed.ask.model, posed.headers, network.providers, network.credentials)
    if not isinstance(named, Selection):
        raise ClientError(400, named.message)
    session = _session(posed, secret)
    return Wish(
        app=posed.app,
        model=named.model,
        provider=named.provider,
        credential=named.credential,
        session=session,
        key=_key(posed, session, named.model),
        wires=posed.wires,
        bonds=bonds(posed.wire.name, posed.body),
        headers=posed.headers,
        client_key=posed.client_key,
        prompt_tokens=len(posed.body) // _BYTES_PER_TOKEN if posed.body else None,
        seed=seed,
    )


def bonds(wire: str, body: bytes) -> frozenset[Bond]:
    """Return what `body` may hold that only its issuer can read.

    Names are looked for, wherever they stand: a key of a tool's schema with such a name, or one
    whose value is null, is taken for a token. That does no harm: a session stays where it is a
    little longer, and of another provider's request nothing is taken out. Texts cannot deceive,
    for quotes in them are escaped.
    """
    found = {bond for mark, bond in _MARKS.get(wire, {}).items() if mark in body}
    if wire == "responses" and _CONTINUES in body and _CONTINUES_ONE.search(body):
        found.add("previous_response_id")
    return frozenset(found)


def _session(posed: Posed, secret: bytes) -> Session | None:
    named = identify(posed.headers, posed.ask.session)
    if named is not None or not posed.body:
        return named
    began = posed.wire.beginning(posed.body)
    return implied_session(secret, began.system, began.first)


def _key(posed: Posed, session: Session | None, model: str | None) -> PinKey | None:
    """Return the key of its pin; without a model it is not known of which family that would be."""
    if session is None or model is None:
        return None
    return PinKey(posed.client_key, posed.app, session.id, family(model))
