"""What a request wants of routing, read from it once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy.canonical import Session
from proxy.routing.asked import Bond
from proxy.routing.pins import PinKey
from proxy.routing.types import App


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One request, as routing sees it.

    Attributes:
        app: Whose queue serves it, unless a rule says otherwise.
        model: That it names, without the name of a provider before it.
        provider: The only one that will do, if it names one.
        credential: The label of the only key of it that will do, if it names that too.
        session: The conversation it belongs to: as the client names it, or as it began.
        key: Of its pin; `None` if it belongs to no session.
        wires: In which it can be served.
        bonds: What in it only its issuer can read.
        headers: The client's, names in lower case.
        client_key: The label of the client's key.
        prompt_tokens: About how many.
        seed: New with each request.
    """

    app: App
    model: str | None
    provider: str | None = None
    credential: str | None = None
    session: Session | None = None
    key: PinKey | None = None
    wires: frozenset[str] | None = None
    bonds: frozenset[Bond] = frozenset()
    headers: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    client_key: str | None = None
    prompt_tokens: int | None = None
    seed: bytes = b""
