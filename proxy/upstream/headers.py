"""Which headers go to a provider, and which come back."""

from collections.abc import Iterable, Mapping, Sequence

Headers = Sequence[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_FRAMING = frozenset({b"content-length", b"content-encoding", b"expect", b"host"})
_WHO_ASKS = frozenset(
    {
        b"authorization",
        b"x-api-key",
        b"x-goog-api-key",
        b"api-key",
        b"x-auth-token",
        b"cookie",
        b"chatgpt-account-id",  # belongs to the login that Codex may send
        b"x-gemini-api-privileged-user-id",
        b"accept-encoding",
        b"origin",
        b"referer",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"x-provider-name",  # is for us
    }
)
_OF_NO_WIRE = (b"user-agent", b"traceparent", b"tracestate")
_KEPT_BACK = _HOP_BY_HOP | _FRAMING | _WHO_ASKS
_OF_ITS_SITE = {
    b"set-cookie",
    b"alt-svc",
    b"strict-transport-security",
    b"location",  # has the address that was asked for, perhaps with the key in it
    b"content-location",
}
_PROVIDERS_OWN = _HOP_BY_HOP | _FRAMING | _OF_ITS_SITE


def to_provider(
    client: Mapping[bytes, bytes],
    own: Iterable[tuple[str, str]],
    credentials: Headers,
) -> list[tuple[bytes, bytes]]:
    """Return the client's headers without its credentials, with the provider's instead.

    The user's `own` headers replace the client's. Encodings are not asked for: the stream is
    read along, and what comes encoded all the same is decoded first.
    """
    replaced = {name.lower().encode(): value.encode() for name, value in own}
    nominated = _nominated(client)
    return [
        *(
            (name, value)
            for name, value in client.items()
            if name not in _KEPT_BACK and name not in replaced and name not in nominated
        ),
        *replaced.items(),
        *credentials,
        (b"accept-encoding", b"identity"),
    ]


def across(
    client: Mapping[bytes, bytes],
    wire: Headers,
    own: Iterable[tuple[str, str]],
    credentials: Headers,
) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request that was converted: most of the client's are of its wire."""
    kept = {name: client[name] for name in _OF_NO_WIRE if name in client}
    kept |= {b"content-type": b"application/json", **dict(wire)}
    return to_provider(kept, own, credentials)


def to_client(provider: Headers) -> list[tuple[bytes, bytes]]:
    """Return the provider's headers without what belongs to its own connection, or opens ours.

    A provider may let web pages in; its answer must not let them in here.
    """
    return [
        (name, value)
        for name, value in provider
        if name not in _PROVIDERS_OWN and not name.startswith(b"access-control-")
    ]


def _nominated(client: Mapping[bytes, bytes]) -> set[bytes]:
    """Return the headers that `Connection` names as for one hop only (RFC 9110, 7.6.1)."""
    return {name.strip().lower() for name in client.get(b"connection", b"").split(b",")}
