"""Clients of httpx that go through another proxy, or trust a CA that few know."""

import ssl

import httpx

from proxy.errors import Unreachable
from proxy.routing.manner import Through


def usual_tls() -> ssl.SSLContext:
    """Return what trusts whom everybody trusts, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


def tls_by(through: Through | None, usual: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """Return what trusts the CA of `through` as well.

    Args:
        through: The way.
        usual: What is to be used where it names no CA; it is never changed.

    Raises:
        Unreachable: The file with the CA cannot be used any more.
    """
    if through is None or through.ca_file is None:
        return usual or usual_tls()
    made = usual_tls()
    try:
        made.load_verify_locations(through.ca_file)
    except OSError as exc:  # ssl's are, too
        raise Unreachable("ca_file") from exc
    return made


def client_by(
    through: Through | None, usual: ssl.SSLContext, limits: httpx.Limits
) -> httpx.AsyncClient:
    """Return a client that goes by `through`.

    Raises:
        Unreachable: The file with the CA cannot be used any more.
    """
    proxy = None if through is None else through.outbound_proxy
    return httpx.AsyncClient(
        verify=tls_by(through, usual),
        proxy=proxy,
        trust_env=False,  # a proxy set for the system must not capture us unasked
        limits=limits,
    )
