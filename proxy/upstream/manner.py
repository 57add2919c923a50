"""A request as its provider wants it where that is not as the wire's vendor does."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus

import msgspec

from proxy.routing.globs import matches_any
from proxy.routing.manner import BodyChange, KeyPlace, Manner
from proxy.routing.types import Credential, Provider
from proxy.upstream import Order
from proxy.wire import decoded

_NEVER_DROPPED = frozenset({b"content-type", b"accept-encoding"})  # the rest hangs on them
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_Headers = Sequence[tuple[bytes, bytes]]


def in_manner(
    order: Order,
    provider: Provider,
    credential: Credential,
    usual: _Headers,
) -> Order:
    """Return `order` with its key where the provider looks for it, and by its way.

    Args:
        order: As the wire's vendor would get it.
        provider: Whom it goes to.
        credential: The key that is in it.
        usual: The headers that carry that.
    """
    manner = provider.manner
    if manner is None:
        return order
    own = {name.lower().encode() for name, _ in provider.headers}
    kept = _NEVER_DROPPED | own | {name for name, _ in usual}
    headers = _without(order.headers, manner.drop_headers, kept)
    url = order.url
    if manner.key is not None:
        headers = _with_key(headers, manner.key, credential.secret, usual)
        url = _with_query(url, manner.key, credential.secret)
    return replace(order, url=url, headers=headers, through=manner.through)


def for_an_answer(order: Order, manner: Manner, wire: str, model: str | None) -> Order:
    """Return `order`, which asks for an answer, where and with what the user's file says."""
    body = order.body
    for change in manner.body:
        if _concerns(change, wire, model):
            body = changed(body, change)
    endpoint = dict(manner.endpoints).get(wire)
    url = order.url if endpoint is None else _at(endpoint, order.url, model)
    return replace(order, url=url, body=body)


def changed(body: bytes, change: BodyChange) -> bytes:
    """Return `body` changed; all else in it keeps its own bytes, and what is no object stays."""
    for path in change.drops:
        body = _dropped(body, path)
    return _merged(body, msgspec.json.decode(change.sets, type=dict[str, Any]))


def _concerns(change: BodyChange, wire: str, model: str | None) -> bool:
    is_its_wire = not change.wires or wire in change.wires
    return is_its_wire and (not change.models or matches_any(change.models, model or ""))


def _without(headers: _Headers, globs: Sequence[str], kept: AbstractSet[bytes]) -> _Headers:
    if not globs:
        return headers
    return [
        (name, value)
        for name, value in headers
        if name in kept or not matches_any(globs, name.decode("latin-1"))
    ]


def _with_key(headers: _Headers, place: KeyPlace, secret: str, usual: _Headers) -> _Headers:
    name = b"" if place.header is None else place.header.lower().encode()
    left = [pair for pair in headers if pair not in usual and pair[0] != name]
    if not name:
        return left
    return [*left, (name, place.shape.replace("{key}", secret).encode())]


def _with_query(url: str, place: KeyPlace, secret: str) -> str:
    """Return `url` with the key; a client cannot put in one of that name."""
    if place.query is None:
        return url
    address, _, query = url.partition("?")
    pieces = [
        piece
        for piece in query.split("&")
        if piece and unquote_plus(piece.partition("=")[0]) != place.query
    ]
    pieces.append(f"{quote(place.query, safe='')}={quote(secret, safe='')}")
    return f"{address}?{'&'.join(pieces)}"


def _at(endpoint: str, url: str, model: str | None) -> str:
    """Return the whole address, with what the request's own has behind its path."""
    path, _, query = url.partition("?")
    action = path.rpartition("/")[2].partition(":")[2]
    filled = endpoint.replace("{model}", quote(model or "", safe="")).replace("{action}", action)
    if not query:
        return filled
    return f"{filled}{'&' if '?' in filled else '?'}{query}"


def _dropped(body: bytes | msgspec.Raw, path: Sequence[str]) -> bytes:
    said = decoded(_object, body)
    if said is None or path[0] not in said:
        return bytes(body)
    name, *rest = path
    if rest:
        said[name] = msgspec.Raw(_dropped(said[name], rest))
    else:
        del said[name]
    return msgspec.json.encode(said)


def _merged(body: bytes | msgspec.Raw, sets: Mapping[str, Any]) -> bytes:
    said = decoded(_object, body)
    if said is None or not sets:
        return bytes(body)
    for name, value in sets.items():
        there = said.get(name)
        if isinstance(value, dict) and there is not None and decoded(_object, there) is not None:
            said[name] = msgspec.Raw(_merged(there, value))
        else:
            said[name] = msgspec.Raw(msgspec.json.encode(value))
    return msgspec.json.encode(said)
