"""Who is asking."""

import hmac
import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from proxy.errors import ClientError


def identify(
    headers: Mapping[bytes, bytes], query: Mapping[str, str], keys: Mapping[str, str]
) -> str | None:
    """Return the label of the client's key; `None` if no keys are configured.

    Every wire's way of carrying a key is taken, for SDKs change theirs.

    Raises:
        ClientError: 401, keys are configured and none of them came.
    """
    if not keys:
        return None
    presented = _presented(headers, query)
    for label, key in keys.items():
        if any(hmac.compare_digest(key.encode(), candidate) for candidate in presented):
            return label
    raise ClientError(
        401,
        "This proxy asks for a client key: put one of [server] client_keys into your client, "
        "where it would hold the provider's key.",
    )


def _presented(headers: Mapping[bytes, bytes], query: Mapping[str, str]) -> list[bytes]:
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    found = [headers.get(b"x-api-key", b""), headers.get(b"x-goog-api-key", b"")]
    if scheme.lower() == b"bearer":
        found.append(token)
    return [*found, query.get("key", "").encode()]


def guard(headers: Mapping[bytes, bytes], allowed_hosts: frozenset[str]) -> None:
    """Refuse what a web page could send: a local proxy with paid keys is worth attacking.

    A page's requests carry an `Origin`; after DNS rebinding they carry the page's own name as
    their `Host`. Addresses cannot be rebound, so any address may stand there.

    Raises:
        ClientError: 403.
    """
    if b"origin" in headers:
        raise ClientError(403, "Requests from web pages are refused: they carry an Origin header.")
    name = _host_name(headers.get(b"host", b"").decode("latin-1").lower())
    if name in allowed_hosts or name.endswith(".localhost") or _is_address(name):
        return
    raise ClientError(
        403,
        f"The Host header names {name or 'nobody'}: use 127.0.0.1 or localhost, "
        "or add the name to [server] allowed_hosts.",
    )


def _host_name(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


@lru_cache(maxsize=64)  # of every request, and hardly ever another one
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
